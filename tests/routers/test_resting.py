"""Granted roles rest while something is owed, bite again once it is done, and nothing else changes."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from app import clock
from app.domain.roles import Role
from app.house import House, build
from app.models.person import RoleGrant
from app.services.listening import still_heard
from tests.accounts import PASSWORD, save, staff
from tests.authenticator import STEP, Phone, phone_of
from tests.conftest import app_of, settings_for
from tests.factories import NOW, District

NEW_PASSWORD = "Chushi-Mima-2026"
RULES = {"second_factor": "admins", "password_days": 90}


@pytest.fixture(scope="session")
async def strict(house: House) -> AsyncIterator[House]:
    """Another process on the same database, where both are asked for."""
    url = house.database.engine.url.render_as_string(hide_password=False)
    made = build(settings_for(url, house.settings.media_root).model_copy(update=RULES))
    yield made
    await made.close()


@pytest.fixture(scope="session")
def api_there(strict: House) -> FastAPI:
    return app_of(strict)


async def signed_in(api: FastAPI, district: District, role: Role, **columns: Any) -> Phone:
    person = await staff(district.house, **{"password_changed_at": NOW} | columns)
    await save(district.house, RoleGrant(person_id=person.id, role=role, organisation_id=district.center.id))
    phone = phone_of(api, person)
    assert await phone.enter() == "in"
    return phone


async def standing(phone: Phone) -> tuple[list[str], list[str]]:
    me = (await phone.do("GET", "/me")).json()
    return sorted(one["role"] for one in me["roles"]), me["owed"]


async def test_the_three_administrators_rest_without_a_second_factor(
    api_there: FastAPI, api: FastAPI, district: District
) -> None:
    admin = await signed_in(api_there, district, Role.ORG_ADMIN)
    assert (admin.signed_in["roles"], admin.signed_in["owed"]) == ([], ["second_factor"])
    assert await standing(admin) == ([], ["second_factor"])
    assert await admin.told("GET", "/grants") == "403 forbidden"
    assert await admin.told("GET", "/me/inbox") == "200", "what everybody may do"
    elsewhere = phone_of(api, admin.person)
    elsewhere.signed_in = admin.signed_in
    assert await elsewhere.told("GET", "/grants") == "200", "where nothing is asked for nothing rests"
    await admin.take_into_use()
    assert await standing(admin) == (["org_admin"], [])
    assert await admin.told("GET", "/grants") == "200"
    with clock.at(NOW + STEP):
        assert await admin.enter(admin.code()) == "in"
        assert await standing(admin) == (["org_admin"], [])
    with clock.at(NOW + 3 * STEP):
        removal = {"password": PASSWORD, "code": admin.code()}
        assert await admin.told("POST", "/me/second-factor/remove", **removal) == "204"
        assert await standing(admin) == ([], ["second_factor"])


async def test_others_owe_no_second_factor_and_wechat_is_none(
    api_there: FastAPI, district: District, strict: House
) -> None:
    dispatcher = await signed_in(api_there, district, Role.DISPATCHER)
    assert await standing(dispatcher) == (["dispatcher"], [])
    both = await signed_in(
        api_there, district, Role.DISPATCHER, wechat_openid=f"demo-{dispatcher.person.id.hex}"
    )
    await save(
        district.house,
        RoleGrant(person_id=both.person.id, role=Role.AUDITOR, organisation_id=district.center.id),
    )
    assert await standing(both) == (["dispatcher"], ["second_factor"]), "only the one role rests"
    await both.take_into_use()
    assert await standing(both) == (["auditor", "dispatcher"], [])
    code = {"code": f"demo:{dispatcher.person.id.hex}"}
    both.signed_in = (await both.http.post("/auth/wechat", json=code)).json()
    assert await standing(both) == (["dispatcher"], ["second_factor"])
    async with strict.database.reading() as session:
        weak = district.sign_ins[district["admin"].id].id
        for duties, heard in (
            (strict.settings.duties, {}),
            (district.house.settings.duties, {weak: (district.center.path,)}),
        ):
            assert await still_heard(session, duties, {weak}, NOW) == heard, "nor does a stream hear more"


async def test_an_old_password_rests_every_role_until_it_is_changed(
    api_there: FastAPI, district: District
) -> None:
    fresh = await signed_in(
        api_there, district, Role.DISPATCHER, password_changed_at=NOW - timedelta(days=89)
    )
    assert await standing(fresh) == (["dispatcher"], [])
    old = await signed_in(api_there, district, Role.DISPATCHER, password_changed_at=None)
    assert await standing(old) == ([], ["password"]), "a first password was chosen by another"
    assert await old.told("GET", "/people?name=x") == "403 forbidden"
    for new, end in (
        (PASSWORD, "422 password_weak"),
        ("Passw0rd@2026", "422 password_weak"),
        (NEW_PASSWORD, "204"),
    ):
        assert await old.told("POST", "/me/password", old=PASSWORD, new=new) == end
    assert await standing(old) == (["dispatcher"], [])
    with clock.at(NOW + timedelta(days=90)):
        assert await old.enter(password=NEW_PASSWORD) == "in"
        assert await standing(old) == ([], ["password"])


@pytest.mark.parametrize("env", ["development", "production"])
def test_production_asks_administrators_and_development_nobody(house: House, env: str) -> None:
    settings = house.settings.model_copy(update={"env": env})
    assert settings.duties.second_factor == (env == "production")
    off = settings.model_copy(update={"second_factor": "off"})
    assert not off.duties.second_factor
    assert replace(house, settings=off).settings.duties.password_days == 0
