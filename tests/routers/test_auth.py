"""Signing in and out through HTTP: shapes, problems in two languages, and what bites on the very next request."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import delete
from sqlmodel import col

from app import clock
from app.domain.roles import Role
from app.house import House
from app.models.base import new_id
from app.models.notification import Notification
from app.models.person import Person, RoleGrant
from tests.accounts import PASSWORD, save, staff
from tests.factories import NOW, District


def bearer(signed_in: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {signed_in['access_token']}"}


async def enter(client: httpx.AsyncClient, code: str = "") -> dict[str, Any]:
    answer = await client.post("/auth/wechat", json={"code": code or f"demo:{new_id().hex}"})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_wechat_registers_whoever_comes_for_the_first_time(client: httpx.AsyncClient) -> None:
    answer = await client.post("/auth/wechat", json={"code": f"demo:{new_id().hex}"})
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert (body["token_type"], body["expires_in"], body["roles"]) == ("bearer", 900, [])
    assert body["person"]["name"] == ""
    assert (await client.get("/me", headers=bearer(body))).json()["id"] == body["person"]["id"]


async def test_the_same_wechat_is_the_same_person(client: httpx.AsyncClient) -> None:
    code = f"demo:{new_id().hex}"
    first, second = await enter(client, code), await enter(client, code)
    assert first["person"] == second["person"]
    assert first["refresh_token"] != second["refresh_token"]


async def test_staff_see_their_roles_and_never_a_whole_phone_number(
    client: httpx.AsyncClient, house: House, district: District
) -> None:
    person = await staff(house, phone="13812345678")
    await save(
        house, RoleGrant(person_id=person.id, role=Role.DISPATCHER, organisation_id=district.office.id)
    )
    answer = await client.post("/auth/password", json={"username": person.username, "password": PASSWORD})
    body = answer.json()
    assert body["person"]["phone"] == "138****5678"
    assert body["roles"] == [
        {
            "role": "dispatcher",
            "organisation": {"id": str(district.office.id), "name": "测试街道所", "level": "office"},
            "team": None,
        }
    ]


async def test_a_wrong_wechat_code_is_a_problem_in_the_callers_language(client: httpx.AsyncClient) -> None:
    chinese = await client.post("/auth/wechat", json={"code": "0a1b2c"})
    assert chinese.status_code == 401
    assert chinese.headers["content-type"] == "application/problem+json"
    problem = chinese.json()
    assert problem["code"] == "wechat_code_invalid"
    assert problem["title"] == "微信登录凭证无效或已使用，请重新登录"
    assert problem["request_id"] == chinese.headers["x-request-id"]
    english = await client.post("/auth/wechat", json={"code": "0a1b2c"}, headers={"Accept-Language": "en-GB"})
    assert english.json()["title"] == "The WeChat code is invalid or used"


async def test_a_closed_account_is_told_so(client: httpx.AsyncClient, house: House) -> None:
    key = new_id().hex
    await save(house, Person(wechat_openid=f"demo-{key}", active=False))
    answer = await client.post("/auth/wechat", json={"code": f"demo:{key}"})
    assert (answer.status_code, answer.json()["code"]) == (403, "account_closed")


async def test_wrong_passwords_end_in_a_wait(client: httpx.AsyncClient, house: House) -> None:
    person = await staff(house)
    for _ in range(5):
        wrong = await client.post("/auth/password", json={"username": person.username, "password": "wrong"})
        assert (wrong.status_code, wrong.json()["code"]) == (401, "bad_credentials")
    locked = await client.post("/auth/password", json={"username": person.username, "password": PASSWORD})
    assert (locked.status_code, locked.json()["code"]) == (429, "signin_locked")
    assert locked.headers["retry-after"] == "900"
    assert locked.json()["detail"] == "请在15分钟后再试"


async def test_a_reused_refresh_token_ends_the_sign_in_for_good(client: httpx.AsyncClient) -> None:
    first = await enter(client)
    second = (await client.post("/auth/refresh", json={"refresh_token": first["refresh_token"]})).json()
    with clock.at(NOW + timedelta(seconds=61)):
        reused = await client.post("/auth/refresh", json={"refresh_token": first["refresh_token"]})
        assert (reused.status_code, reused.json()["code"]) == (401, "refresh_reused")
        assert (await client.get("/me", headers=bearer(second))).status_code == 401
        ended = await client.post("/auth/refresh", json={"refresh_token": second["refresh_token"]})
        assert (ended.status_code, ended.json()["code"]) == (401, "refresh_invalid")


async def test_signing_out_ends_this_device_alone_and_may_be_repeated(client: httpx.AsyncClient) -> None:
    code = f"demo:{new_id().hex}"
    here, there = await enter(client, code), await enter(client, code)
    for _ in range(2):
        assert (await client.post("/auth/logout", headers=bearer(here))).status_code == 204
    assert (await client.get("/me", headers=bearer(here))).json()["code"] == "unauthenticated"
    refused = await client.post("/auth/refresh", json={"refresh_token": here["refresh_token"]})
    assert refused.json()["code"] == "refresh_invalid"
    assert (await client.get("/me", headers=bearer(there))).status_code == 200


async def test_signing_out_everywhere_ends_every_device(client: httpx.AsyncClient) -> None:
    code = f"demo:{new_id().hex}"
    here, there, stranger = await enter(client, code), await enter(client, code), await enter(client)
    assert (await client.post("/auth/logout-all", headers=bearer(here))).status_code == 204
    for ended in (here, there):
        assert (await client.get("/me", headers=bearer(ended))).status_code == 401
        assert (await client.post("/auth/logout-all", headers=bearer(ended))).status_code == 401
    assert (await client.get("/me", headers=bearer(stranger))).status_code == 200


async def test_an_access_token_runs_out_to_the_second(client: httpx.AsyncClient, house: House) -> None:
    headers = bearer(await enter(client))
    with clock.at(NOW + house.tokens.lifetime - timedelta(seconds=1)):
        assert (await client.get("/me", headers=headers)).status_code == 200
    with clock.at(NOW + house.tokens.lifetime):
        late = await client.get("/me", headers=headers)
    assert (late.status_code, late.headers["www-authenticate"]) == (401, "Bearer")


async def test_a_revoked_grant_bites_on_the_very_next_request(
    client: httpx.AsyncClient, house: House, district: District
) -> None:
    desk = Notification(
        org_path=district.station.path,
        kind="submit",
        data={"title": "家庭保洁", "reason": "", "audience": "staff"},
        dedupe_key=new_id().hex,
    )
    await save(house, desk)
    headers = district.as_("dispatcher")
    assert len((await client.get("/me/inbox", headers=headers)).json()["items"]) == 1
    async with house.database.transaction() as session:
        await session.exec(delete(RoleGrant).where(col(RoleGrant.person_id) == district["dispatcher"].id))
    assert (await client.get("/me/inbox", headers=headers)).json()["items"] == []
    assert (await client.get("/me", headers=headers)).json()["roles"] == []


async def test_a_person_deactivated_by_the_center_is_out_at_once(
    client: httpx.AsyncClient, house: House, district: District
) -> None:
    headers = district.as_("resident")
    async with house.database.transaction() as session:
        person = await session.get(Person, district["resident"].id)
        assert person is not None
        person.active = False
    assert (await client.get("/me", headers=headers)).status_code == 401


@pytest.mark.parametrize("route", ["/me", "/me/inbox", "/me/points", "/me/points/entries", "/me/export"])
@pytest.mark.parametrize("authorization", [None, "Bearer ", "Bearer x.y.z", "Basic eDp5", "密钥"])
async def test_nobody_gets_in_without_a_token(
    client: httpx.AsyncClient, route: str, authorization: str | None
) -> None:
    headers = {b"Authorization": authorization.encode()} if authorization else {}
    refused = await client.get(route, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("wechat", {}),
        ("wechat", {"code": ""}),
        ("wechat", {"code": 7}),
        ("wechat", {"code": "x" * 513}),
        ("wechat", {"code": "demo:a", "openid": "demo-b"}),
        ("password", {"username": "a"}),
        ("password", {"username": "a", "password": ""}),
        ("password", {"username": "a", "password": "x" * 129}),
        ("password", {"username": "\u0000", "password": "x"}),
        ("password", {"username": "\ud800", "password": "x"}),
        ("password", {"username": "a", "password": "\ud800"}),
        ("refresh", {"refresh_token": ["x"]}),
        ("refresh", {"refresh_token": "\udfff"}),
        ("refresh", {"refresh_token": ""}),
        ("refresh", []),
    ],
)
async def test_malformed_bodies_are_refused_and_never_echoed(
    client: httpx.AsyncClient, route: str, body: Any
) -> None:
    refused = await client.post(
        f"/auth/{route}", content=json.dumps(body), headers={"Content-Type": "application/json"}
    )
    assert refused.status_code == 422
    assert refused.json()["errors"]
    assert "x" * 100 not in refused.text
