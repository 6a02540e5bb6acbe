"""People: who finds whom, and how staff are made."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.domain.roles import Role
from app.models.person import RoleGrant
from tests.accounts import save
from tests.center import newcomer, refused
from tests.factories import District

PASSWORD = "Chushi-Mima-2026"


def clerk(district: District, **changes: Any) -> dict[str, Any]:
    body = {
        "name": "云岫调度员",
        "phone": "13700000003",
        "username": f"clerk_{district.center.code}",
        "password": PASSWORD,
        "role": "dispatcher",
        "organisation_id": str(district.office.id),
    }
    return body | changes


async def found(client: httpx.AsyncClient, district: District, who: str, **params: str) -> list[str]:
    answer = await client.get("/people", params=params, headers=district.as_(who))
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.json()["items"]]


async def test_staff_find_their_own_by_the_whole_name(
    client: httpx.AsyncClient, district: District, foreign: District
) -> None:
    answer = await client.get("/people", params={"name": "测试volunteer"}, headers=district.as_("dispatcher"))
    assert answer.json()["items"] == [
        {
            "id": str(district["volunteer"].id),
            "name": "测试volunteer",
            "phone": "138****0001",
            "username": None,
            "active": True,
        }
    ]
    for who in ("admin", "supervisor"):
        assert await found(client, district, who, name="测试volunteer") == ["测试volunteer"]
    for part in ("测试vol", "volunteer", "%", "测试resident"):
        assert await found(client, district, "admin", name=part) == []


async def test_ties_are_roles_teams_registrations_and_orders(
    client: httpx.AsyncClient, district: District
) -> None:
    await client.post(
        "/orders", json=district.order_body(), headers=district.as_("resident", key="an-order-1")
    )
    for tied in ("resident", "leader", "volunteer", "outsider", "dispatcher", "auditor", "grid_worker"):
        assert await found(client, district, "admin", name=f"测试{tied}") == [f"测试{tied}"]
    assert await found(client, district, "admin", name="测试stranger") == []


async def test_namesakes_are_leafed_through(client: httpx.AsyncClient, district: District) -> None:
    made = [await newcomer(district, "同名人", Role.GRID_WORKER, district.station) for _ in range(3)]
    params = {"name": "同名人", "limit": "2"}
    first = await client.get("/people", params=params, headers=district.as_("admin"))
    cursor = first.json()["next_cursor"]
    second = await client.get("/people", params={**params, "cursor": cursor}, headers=district.as_("admin"))
    ids = [one["id"] for page in (first, second) for one in page.json()["items"]]
    assert ids == [str(one.id) for one in reversed(made)]


async def test_the_whole_number_finds_who_is_tied_to_nothing_yet(
    client: httpx.AsyncClient, district: District, foreign: District
) -> None:
    number = f"139{uuid4().int % 10**8:08}"
    newborn = await newcomer(district, "新来的", phone=number)
    assert await found(client, district, "admin", phone=number) == ["新来的"]
    assert await found(client, foreign, "admin", phone=f"+86 {number}") == ["新来的"]
    assert await found(client, district, "admin", name="新来的") == []
    await save(
        district.house,
        RoleGrant(person_id=newborn.id, role=Role.GRID_WORKER, organisation_id=district.station.id),
    )
    assert await found(client, district, "admin", phone=number) == ["新来的"]
    assert await found(client, foreign, "admin", phone=number) == []
    await newcomer(district, "office_admin", Role.ORG_ADMIN, district.office)
    assert await found(client, district, "office_admin", phone=number) == ["新来的"]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, "search_needed"),
        ({"limit": "50"}, "search_needed"),
        ({"phone": "1380000"}, "phone_invalid"),
        ({"name": ""}, "invalid_request"),
        ({"name": "测试", "role": "admin"}, "invalid_request"),
    ],
)
async def test_the_register_cannot_be_leafed_through(
    client: httpx.AsyncClient, district: District, params: dict[str, str], code: str
) -> None:
    await refused(client, district, "admin", "GET", "/people", 422, code, params=params)


@pytest.mark.parametrize("who", ["resident", "volunteer", "leader", "auditor", "grid_worker"])
async def test_who_has_no_business_with_people_finds_nobody(
    client: httpx.AsyncClient, district: District, who: str
) -> None:
    await refused(client, district, who, "GET", "/people", 403, "forbidden", params={"name": "测试"})
    await refused(client, district, who, "POST", "/people", 403, "forbidden", json=clerk(district))


async def test_new_staff_sign_in_and_hold_their_role(client: httpx.AsyncClient, district: District) -> None:
    headers = district.as_("admin", key="new-clerk-1")
    made = await client.post("/people", json=clerk(district), headers=headers)
    assert made.status_code == 201
    assert made.json()["phone"] == "137****0003"
    assert PASSWORD not in made.text
    again = await client.post("/people", json=clerk(district), headers=headers)
    assert again.content == made.content
    body = {"username": clerk(district)["username"], "password": PASSWORD}
    token = (await client.post("/auth/password", json=body)).json()["access_token"]
    me = (await client.get("/me", headers={"Authorization": f"Bearer {token}"})).json()
    assert [(one["role"], one["organisation"]["id"]) for one in me["roles"]] == [
        ("dispatcher", str(district.office.id))
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"password": "short"}, "password_weak"),
        ({"password": "aaaaaaaaaaaaaaaaaaaa"}, "password_weak"),
        ({"username": "Clerk"}, "username_malformed"),
        ({"username": "ab"}, "username_malformed"),
        ({"username": "1clerk"}, "username_malformed"),
        ({"role": "system"}, "role_not_grantable"),
        ({"role": "resident"}, "role_not_grantable"),
        ({"role": "team_leader"}, "role_not_grantable"),
        ({"phone": "1380000"}, "phone_invalid"),
        ({"phone": "1380000000x"}, "phone_invalid"),
        ({"birth_date": "2999-01-01"}, "birth_date_invalid"),
        ({"name": ""}, "invalid_request"),
        ({"admin": True}, "invalid_request"),
    ],
)
async def test_bad_input_makes_nobody(
    client: httpx.AsyncClient, district: District, changes: dict[str, Any], code: str
) -> None:
    body = clerk(district, **changes)
    answer = await refused(client, district, "admin", "POST", "/people", 422, code, json=body)
    assert body["password"] not in answer.text
    assert await found(client, district, "admin", name=clerk(district)["name"]) == []


async def test_staff_are_made_at_or_below_one_s_own_place(
    client: httpx.AsyncClient, district: District, foreign: District
) -> None:
    await newcomer(district, "office_admin", Role.ORG_ADMIN, district.office)
    at_center = clerk(district, organisation_id=str(district.center.id))
    await refused(client, district, "office_admin", "POST", "/people", 403, "forbidden", json=at_center)
    abroad = clerk(district, organisation_id=str(foreign.office.id))
    await refused(client, district, "admin", "POST", "/people", 404, "not_found", json=abroad)
    made = await client.post("/people", json=clerk(district), headers=district.as_("office_admin"))
    assert made.status_code == 201


async def test_two_who_take_one_user_name_at_once(client: httpx.AsyncClient, district: District) -> None:
    calls = [client.post("/people", json=clerk(district), headers=district.as_("admin")) for _ in range(5)]
    answers = await asyncio.gather(*calls)
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 4
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"username_taken"}
    assert len(await found(client, district, "admin", name=clerk(district)["name"])) == 1
