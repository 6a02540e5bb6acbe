"""Where I am signed in; staff who are silent are signed out; and who may end whose sign-ins."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import col, select

from app import clock
from app.domain.roles import Role
from app.house import House
from app.models.audit import AuditEntry
from app.models.person import RoleGrant
from app.services.passwords import PasswordWeak
from app.services.people import PersonUnknown
from app.services.recovering import recover
from tests.accounts import PASSWORD, save, staff
from tests.authenticator import Phone, phone_of
from tests.factories import NOW, District

MINUTE = timedelta(minutes=1)
DESK = "Chrome/130 办公室"


@pytest.fixture
async def phone(api: FastAPI, house: House) -> Phone:
    device = phone_of(api, await staff(house), "113.240.7.9")
    device.http.headers = httpx.Headers([(b"User-Agent", DESK.encode())])
    assert await device.enter() == "in"
    return device


async def listed(phone: Phone) -> list[dict[str, Any]]:
    answer = await phone.do("GET", "/me/sign-ins")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def refreshed(phone: Phone) -> str:
    answer = await phone.http.post("/auth/refresh", json={"refresh_token": phone.signed_in["refresh_token"]})
    if answer.status_code != 200:
        return str(answer.json()["code"])
    phone.signed_in = answer.json()
    return "in"


async def test_i_see_where_i_am_signed_in_and_can_end_it(api: FastAPI, phone: Phone) -> None:
    with clock.at(NOW + MINUTE):
        other = phone_of(api, phone.person, "2408:8000:1:2::7")
        assert await other.enter() == "in"
        assert await refreshed(phone) == "in"
        newer, older = await listed(phone)
    assert older | {"id": ""} == {
        "id": "",
        "created_at": "2026-11-23T01:00:00Z",
        "seen_at": "2026-11-23T01:01:00Z",
        "means": "password",
        "strong": False,
        "device": DESK,
        "address": "113.240.*.*",
        "current": True,
    }
    assert (newer["address"], newer["current"]) == ("2408:8000:0001::*", False)
    at = f"/me/sign-ins/{newer['id']}"
    stranger = phone_of(api, await staff(api.state.house))
    assert await stranger.enter() == "in"
    assert await stranger.told("DELETE", at) == "404 not_found"
    assert await other.told("GET", "/me") == "200"
    for _ in range(2):
        assert await phone.told("DELETE", at) == "204"
    assert await other.told("GET", "/me") == "401 unauthenticated"
    assert await refreshed(other) == "refresh_invalid"
    assert [one["current"] for one in await listed(phone)] == [True]
    assert await other.enter() == "in"
    assert await other.told("DELETE", "/me/sign-ins") == "204"
    assert await phone.told("GET", "/me") == "401 unauthenticated"
    assert [one["current"] for one in await listed(other)] == [True]


async def test_a_silent_member_of_staff_is_signed_out(phone: Phone, house: House) -> None:
    """Every access token runs out before the half hour does; the refresh token runs out with it."""
    assert house.tokens.lifetime < timedelta(minutes=house.settings.idle_minutes)
    with clock.at(NOW + 29 * MINUTE):
        assert await refreshed(phone) == "in"
    with clock.at(NOW + 58 * MINUTE):
        assert await refreshed(phone) == "in"
    with clock.at(NOW + 88 * MINUTE):
        assert await phone.told("GET", "/me") == "401 unauthenticated"
        assert await refreshed(phone) == "refresh_invalid"
        assert await phone.enter() == "in"
        assert [one["current"] for one in await listed(phone)] == [True], "the silent one is no longer listed"


async def test_after_twelve_hours_staff_sign_in_again(phone: Phone) -> None:
    end = timedelta(hours=12)
    for turn in range(1, 29):
        with clock.at(NOW + turn * 25 * MINUTE):
            assert await refreshed(phone) == "in"
    with clock.at(NOW + end - MINUTE):
        assert await refreshed(phone) == "in"
        assert phone.signed_in["expires_in"] == 60
    with clock.at(NOW + end):
        assert await phone.told("GET", "/me") == "401 unauthenticated"
        assert await refreshed(phone) == "refresh_invalid"


async def test_a_resident_by_wechat_stays_for_weeks(client: httpx.AsyncClient, district: District) -> None:
    answer = await client.post("/auth/wechat", json={"code": f"demo:{district['resident'].id.hex}"})
    token = answer.json()["refresh_token"]
    with clock.at(NOW + timedelta(days=29)):
        again = await client.post("/auth/refresh", json={"refresh_token": token})
    assert again.status_code == 200


async def test_the_security_administrator_signs_people_of_the_own_part_out(
    api: FastAPI, client: httpx.AsyncClient, district: District, foreign: District, phone: Phone
) -> None:
    grant = RoleGrant(person_id=phone.person.id, role=Role.DISPATCHER, organisation_id=district.office.id)
    await save(district.house, grant)
    at, body = f"/people/{phone.person.id}/sign-out", {"reason": "手机遗失"}

    async def told(who: str, district: District, path: str = at, body: Any = body) -> str:
        answer = await client.post(path, json=body, headers=district.as_(who))
        return str(answer.status_code) + ("" if answer.is_success else f" {answer.json()['code']}")

    for who in ("admin", "dispatcher", "auditor", "supervisor", "resident"):
        assert await told(who, district) == "403 forbidden"
    assert await told("security", foreign) == "404 person_unknown"
    assert await told("security", district, body={"reason": ""}) == "422 invalid_request"
    assert await told("security", district, f"/people/{grant.id}/sign-out") == "404 person_unknown"
    assert await phone.told("GET", "/me") == "200"
    assert await told("security", district) == "204"
    assert await phone.told("GET", "/me") == "401 unauthenticated"
    assert await refreshed(phone) == "refresh_invalid"
    assert await phone.enter(password=PASSWORD) == "in", "no right is taken away"


async def test_the_security_administrator_takes_away_a_lost_telephone_and_no_password(
    client: httpx.AsyncClient, district: District, foreign: District, phone: Phone
) -> None:
    grant = RoleGrant(person_id=phone.person.id, role=Role.DISPATCHER, organisation_id=district.office.id)
    await save(district.house, grant)
    await phone.take_into_use()

    async def told(who: str, district: District, person_id: object) -> str:
        path = f"/people/{person_id}/second-factor/remove"
        answer = await client.post(path, json={"reason": "手机遗失"}, headers=district.as_(who))
        return str(answer.status_code) + ("" if answer.is_success else f" {answer.json()['code']}")

    assert await told("admin", district, phone.person.id) == "403 forbidden"
    assert await told("security", foreign, phone.person.id) == "404 person_unknown"
    assert await told("security", district, district["security"].id) == "403 forbidden"
    assert await phone.enter() == "second_factor_needed"
    assert await told("security", district, phone.person.id) == "204"
    assert await phone.told("GET", "/me") == "401 unauthenticated"
    assert await phone.enter(password="Wrong-Password-1") == "bad_credentials"
    assert await phone.enter() == "in"


async def test_an_operator_gives_a_new_first_password(phone: Phone, house: House) -> None:
    await phone.take_into_use()
    async with house.database.transaction() as session:
        await recover(session, phone.person.username or "", "Chushi-Mima-2026", NOW)
    assert await phone.told("GET", "/me") == "401 unauthenticated"
    assert await phone.enter() == "bad_credentials"
    assert await phone.enter(password="Chushi-Mima-2026") == "in"
    about = col(AuditEntry.object_id) == phone.person.id, col(AuditEntry.act) == "sidan_recover"
    async with house.database.transaction() as session:
        assert (await session.exec(select(AuditEntry).where(*about))).one().actor_id is None
        for password, refusal in (("Chushi-Mima-2026", PersonUnknown), ("short", PasswordWeak)):
            with pytest.raises(refusal):
                await recover(session, "nobody_here", password, NOW)
