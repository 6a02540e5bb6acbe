"""The second factor from taking it into use to giving it up, and every way around it that is none."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel import select

from app import clock
from app.house import House, build
from app.models.base import new_id
from app.models.person import Person, RecoveryCode
from app.services import auth
from app.services.proving import SecondFactorWrong
from tests.accounts import PASSWORD, reread, save, staff
from tests.authenticator import STEP, Phone, phone_of
from tests.conftest import settings_for
from tests.factories import NOW

WRONG = "Wrong-Password-1"


@pytest.fixture
async def phone(api: FastAPI, house: House) -> Phone:
    """Of somebody who has just signed in by password."""
    device = phone_of(api, await staff(house))
    assert await device.enter() == "in"
    return device


async def test_from_the_first_code_to_the_last(api: FastAPI, phone: Phone) -> None:
    other = phone_of(api, phone.person)
    assert await other.enter() == "in"
    await phone.take_into_use()
    assert len(set(phone.codes)) == 10
    assert await other.told("GET", "/me") == "401 unauthenticated", "it was opened without the factor"
    assert (await phone.do("GET", "/me/second-factor")).json() == {
        "confirmed_at": "2026-11-23T01:00:00Z",
        "recovery_codes_left": 10,
    }
    assert await other.enter() == "second_factor_needed"
    assert await other.enter("000000") == "second_factor_wrong"
    assert await other.enter(phone.code()) == "second_factor_wrong", "the code that confirmed it is spent"
    with clock.at(NOW + STEP):
        assert await other.enter(phone.code(), WRONG) == "bad_credentials"
        assert await other.enter(phone.code()) == "in"
        assert await other.enter(phone.code()) == "second_factor_wrong", "once"
        assert await other.enter(phone.codes[0].lower()) == "in"
        assert await other.enter(phone.codes[0]) == "second_factor_wrong", "once"
        assert await other.told("GET", "/me/second-factor") == "200"
    with clock.at(NOW + 2 * STEP):
        fresh = await other.do("POST", "/me/recovery-codes", code=phone.code())
        assert fresh.headers["cache-control"] == "no-store"
        assert len(fresh.json()["recovery_codes"]) == 10
        assert await other.enter(phone.codes[1]) == "second_factor_wrong", "the old ones are no longer any"
        assert await other.enter(fresh.json()["recovery_codes"][1]) == "in"
    with clock.at(NOW + 4 * STEP):
        removal = "/me/second-factor/remove"
        assert await other.told("POST", removal, password=WRONG, code=phone.code()) == "422 password_wrong"
        assert await other.told("POST", removal, password=PASSWORD, code="000000") == "422 code_wrong"
        assert await other.told("POST", removal, password=PASSWORD, code=phone.code()) == "204"
        assert await phone.told("GET", "/me") == "401 unauthenticated", "another sign-in of that account"
        assert await phone.enter() == "in"
        assert await phone.told("POST", "/me/recovery-codes", code="000000") == "409 second_factor_not_set"


async def test_two_who_show_the_same_code_at_once_are_one(
    api: FastAPI, house: House, phone: Phone, tmp_path: Path
) -> None:
    """In two processes, too."""
    await phone.take_into_use()
    url = house.database.engine.url.render_as_string(hide_password=False)
    neighbour = build(settings_for(url, tmp_path))
    name = phone.person.username or ""

    async def there(code: str) -> str:
        try:
            await auth.by_password(neighbour, name, PASSWORD, code)
        except SecondFactorWrong as refused:
            return refused.code
        return "in"

    for shown in (phone.code(NOW + STEP), phone.codes[3]):
        with clock.at(NOW + STEP):
            calls = [phone_of(api, phone.person).enter(shown) for _ in range(2)]
            ends = await asyncio.gather(*calls, there(shown), there(shown))
        assert sorted(ends) == ["in"] + ["second_factor_wrong"] * 3
    await neighbour.close()


async def test_guessing_codes_locks_like_guessing_passwords(phone: Phone) -> None:
    """And asking for the code again and again does not begin the count anew."""
    await phone.take_into_use()
    tried = [await phone.enter(code) for code in ("111111", None, "222222", None, "333333")]
    assert tried.count("second_factor_wrong") == 3
    assert await phone.enter(phone.code(NOW + STEP)) == "signin_locked"
    with clock.at(NOW + timedelta(minutes=15)):
        assert await phone.enter(phone.code()) == "in"
        wrong = [await phone.told("POST", "/me/recovery-codes", code="000000") for _ in range(6)]
    assert wrong == ["422 code_wrong"] * 5 + ["429 signin_locked"]


async def test_what_is_out_of_order_changes_nothing(phone: Phone, api: FastAPI, house: House) -> None:
    confirm = "/me/second-factor/confirm"
    assert await phone.told("POST", confirm, code="123456") == "409 second_factor_not_set"
    assert await phone.told("POST", "/me/second-factor", password=WRONG) == "422 password_wrong"
    first = (await phone.do("POST", "/me/second-factor", password=PASSWORD)).json()["secret"]
    assert await phone.enter() == "in", "until it is confirmed it is not asked for"
    phone.secret = first
    stale = phone.code()
    await phone.do("POST", "/me/second-factor", password=PASSWORD)
    assert await phone.told("POST", confirm, code=stale) == "422 code_wrong", "of a secret that was replaced"
    assert await phone.told("POST", confirm, code="ABCDE-FGHIJ") == "422 code_wrong"
    await phone.take_into_use()
    assert await phone.told("POST", "/me/second-factor", password=PASSWORD) == "409 second_factor_set"
    assert await phone.told("POST", confirm, code=phone.code(NOW + STEP)) == "409 second_factor_set"
    wechat = Person(wechat_openid=f"demo-{new_id().hex}")
    await save(house, wechat)
    guest = phone_of(api, wechat)
    code = {"code": f"demo:{(wechat.wechat_openid or '').removeprefix('demo-')}"}
    guest.signed_in = (await guest.http.post("/auth/wechat", json=code)).json()
    assert await guest.told("POST", "/me/second-factor", password=PASSWORD) == "409 password_not_set"


async def test_neither_secret_nor_recovery_code_lies_in_the_table(house: House, phone: Phone) -> None:
    await phone.take_into_use()
    async with house.database.transaction() as session:
        kept = (
            await session.exec(select(RecoveryCode).where(RecoveryCode.person_id == phone.person.id))
        ).all()
        raw = await (await session.connection()).execute(
            text("SELECT totp_secret FROM person WHERE username = :name"), {"name": phone.person.username}
        )
        sealed = bytes(raw.scalar_one())
    assert phone.secret.encode() not in sealed
    shown = {code.replace("-", "") for code in phone.codes}
    assert not shown & {one.digest for one in kept}
    assert (await reread(house, phone.person)).totp_secret == phone.secret


async def test_a_closed_account_keeps_no_second_factor(house: House, phone: Phone) -> None:
    await phone.take_into_use()
    assert await phone.told("DELETE", "/me") == "204"
    assert (await reread(house, phone.person)).totp_secret is None
    async with house.database.transaction() as session:
        left = await session.exec(select(RecoveryCode).where(RecoveryCode.person_id == phone.person.id))
        assert left.first() is None
