"""What happens to the accounts of staff is in the trail: let in, refused, locked, changed; and nobody by name."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import col, select

from app import clock
from app.domain.roles import Role
from app.house import House
from app.models.audit import AuditEntry
from app.models.base import new_id
from app.models.person import Person, RoleGrant
from tests.accounts import PASSWORD, save, staff
from tests.authenticator import Phone, phone_of
from tests.factories import NOW, District

WRONG = "Wrong-Password-1"


@pytest.fixture
async def phone(api: FastAPI, district: District) -> Phone:
    person = await staff(district.house)
    grant = RoleGrant(person_id=person.id, role=Role.DISPATCHER, organisation_id=district.office.id)
    await save(district.house, grant)
    return phone_of(api, person)


async def trail(house: House, person: Person) -> Sequence[AuditEntry]:
    async with house.database.transaction() as session:
        about = select(AuditEntry).where(col(AuditEntry.object_id) == person.id)
        return (await session.exec(about.order_by(col(AuditEntry.id)))).all()


async def test_signing_in_and_not(phone: Phone, district: District) -> None:
    for _ in range(5):
        assert await phone.enter(password=WRONG) == "bad_credentials"
    assert await phone.enter() == "signin_locked"
    with clock.at(NOW + timedelta(minutes=15)):
        assert await phone.enter() == "in"
        assert await phone.told("POST", "/auth/logout") == "204"
        assert await phone.told("POST", "/auth/logout") == "204"
    entries = await trail(district.house, phone.person)
    assert [(one.act, one.result, one.actor_id) for one in entries] == [
        *[("password_sign_in", "bad_credentials", None)] * 4,
        ("password_sign_in", "signin_locked", None),
        ("password_sign_in", "done", phone.person.id),
        ("device_sign_out", "done", phone.person.id),
    ]
    assert {one.org_path for one in entries} == {district.office.path}
    assert all(one.address.startswith("10.") and one.request_id for one in entries)
    assert (phone.person.username or "") not in str([one.model_dump() for one in entries])


async def test_what_is_changed_and_what_is_stolen(phone: Phone, district: District) -> None:
    assert await phone.enter() == "in"
    await phone.take_into_use()
    assert await phone.told("POST", "/me/recovery-codes", code="000000") == "422 code_wrong"
    new = {"old": WRONG, "new": "Chushi-Mima-2026"}
    assert await phone.told("POST", "/me/password", **new) == "422 old_password_wrong"
    assert await phone.told("POST", "/me/password", **new | {"old": PASSWORD}) == "204"
    spent = {"refresh_token": phone.signed_in["refresh_token"]}
    assert (await phone.http.post("/auth/refresh", json=spent)).status_code == 200
    with clock.at(NOW + timedelta(minutes=5)):
        reused = await phone.http.post("/auth/refresh", json=spent)
    assert reused.json()["code"] == "refresh_reused"
    told = [(one.act, one.result) for one in await trail(district.house, phone.person)]
    assert told == [
        ("password_sign_in", "done"),
        ("my_second_factor_begin", "done"),
        ("my_second_factor_confirm", "done"),
        ("my_recovery_codes_renew", "second_factor_wrong"),
        ("my_password_change", "old_password_wrong"),
        ("my_password_change", "done"),
        ("tokens_refresh", "refresh_reused"),
    ]


async def test_a_name_that_nobody_has_is_told_without_the_name(phone: Phone, district: District) -> None:
    phone.person = Person(username=f"nobody_{new_id().hex}"[:40])
    assert await phone.enter(password=WRONG) == "bad_credentials"
    async with district.house.database.transaction() as session:
        newest = (
            select(AuditEntry).where(AuditEntry.act == "password_sign_in").order_by(col(AuditEntry.id).desc())
        )
        entry = (await session.exec(newest.limit(1))).one()
    assert (entry.actor_id, entry.object_id, entry.org_path, entry.result) == (
        None,
        None,
        "/",
        "bad_credentials",
    )
    assert (phone.person.username or "") not in str(entry.model_dump())


async def test_residents_come_and_go_without_a_trail(phone: Phone, house: House) -> None:
    phone.person = Person(wechat_openid=f"demo-{new_id().hex}")
    await save(house, phone.person)
    code = {"code": f"demo:{(phone.person.wechat_openid or '').removeprefix('demo-')}"}
    phone.signed_in = (await phone.http.post("/auth/wechat", json=code)).json()
    assert await phone.told("DELETE", "/me/sign-ins") == "204"
    assert await phone.told("POST", "/auth/logout") == "204"
    assert await trail(house, phone.person) == []
