"""Roles: given downwards only, taken back at once, and never the last administrator's."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.domain.roles import ORG_ROLES, Role
from tests.center import granted, newcomer, refused, revision
from tests.factories import District


def grant(district: District, role: str = "dispatcher", **changes: Any) -> dict[str, Any]:
    body = {
        "person_id": str(district["neighbour"].id),
        "role": role,
        "organisation_id": str(district.station.id),
    }
    return body | changes


async def listed(
    client: httpx.AsyncClient, district: District, who: str = "admin", **params: str
) -> list[dict[str, Any]]:
    answer = await client.get("/grants", params={"limit": "100"} | params, headers=district.as_(who))
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_an_administrator_sees_every_role_of_the_own_tree(
    client: httpx.AsyncClient, district: District, foreign: District
) -> None:
    everything = await listed(client, district)
    assert len(everything) == 8
    assert {one["role"] for one in everything} == {*(role.value for role in ORG_ROLES), "team_leader"}
    (leader,) = await listed(client, district, team_id=str(district.team.id))
    assert (leader["person_name"], leader["organisation_id"]) == ("测试leader", None)
    assert len(await listed(client, district, role="dispatcher")) == 1
    assert len(await listed(client, district, organisation_id=str(district.center.id))) == 6
    assert await listed(client, district, person_id=str(foreign["dispatcher"].id)) == []
    await newcomer(district, "office_admin", Role.ORG_ADMIN, district.office)
    below = await listed(client, district, "office_admin")
    assert sorted(one["role"] for one in below) == ["org_admin", "team_leader", "team_leader"]
    first = await client.get("/grants", params={"limit": 5}, headers=district.as_("admin"))
    assert len(await listed(client, district, cursor=first.json()["next_cursor"])) == 4


@pytest.mark.parametrize("role", sorted(ORG_ROLES))
async def test_a_role_works_from_the_next_request_and_until_it_is_taken_back(
    client: httpx.AsyncClient, district: District, role: Role
) -> None:
    body = grant(district, role.value)
    first = await client.post("/grants", json=body, headers=district.as_("admin", key="a-grant-key"))
    again = await client.post("/grants", json=body, headers=district.as_("admin", key="a-grant-key"))
    assert (again.status_code, again.content) == (first.status_code, first.content)
    if first.status_code == 202:
        await refused(client, district, "admin", "POST", "/grants", 409, "already_asked", json=body)
        path = f"/approvals/{first.json()['id']}/approve"
        assert (await client.post(path, json={}, headers=district.as_("security"))).status_code == 200
    (made,) = await listed(client, district, person_id=body["person_id"])
    assert body.items() <= made.items()
    assert made["granted_by_id"] == str(district["admin"].id)
    await refused(client, district, "admin", "POST", "/grants", 409, "already_granted", json=body)
    headers = district.as_("neighbour")
    assert [one["role"] for one in (await client.get("/me", headers=headers)).json()["roles"]] == [role.value]
    path = f"/grants/{made['id']}"
    assert (await client.delete(path, headers=district.as_("admin"))).status_code == 204
    assert (await client.get("/me", headers=headers)).json()["roles"] == []
    await refused(client, district, "admin", "DELETE", path, 404, "not_found")


async def test_a_revoked_dispatcher_is_refused_in_the_next_request(
    client: httpx.AsyncClient, district: District
) -> None:
    made = await client.post("/grants", json=grant(district), headers=district.as_("admin"))
    params, headers = {"name": "测试"}, district.as_("neighbour")
    assert (await client.get("/people", params=params, headers=headers)).status_code == 200
    await client.delete(f"/grants/{made.json()['id']}", headers=district.as_("admin"))
    await refused(client, district, "neighbour", "GET", "/people", 403, "forbidden", params=params)


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        *(({"role": role.value}, 422, "role_not_grantable") for role in sorted(set(Role) - ORG_ROLES)),
        ({"role": "emperor"}, 422, "invalid_request"),
        ({"person_id": str(uuid4())}, 404, "person_unknown"),
        ({"organisation_id": str(uuid4())}, 404, "not_found"),
        ({"organisation_id": None}, 422, "invalid_request"),
        ({"team_id": str(uuid4())}, 422, "invalid_request"),
    ],
)
async def test_bad_input_grants_nothing(
    client: httpx.AsyncClient, district: District, changes: dict[str, Any], status: int, code: str
) -> None:
    body = grant(district, **changes)
    await refused(client, district, "admin", "POST", "/grants", status, code, json=body)
    assert len(await listed(client, district)) == 8


@pytest.mark.parametrize("who", ["resident", "leader", "dispatcher", "supervisor", "auditor"])
async def test_only_administrators_deal_in_roles(
    client: httpx.AsyncClient, district: District, who: str
) -> None:
    (target,) = await listed(client, district, role="grid_worker")
    await refused(client, district, who, "GET", "/grants", 403, "forbidden")
    await refused(client, district, who, "POST", "/grants", 403, "forbidden", json=grant(district))
    await refused(client, district, who, "DELETE", f"/grants/{target['id']}", 404, "not_found")


async def test_nobody_grants_or_revokes_above_themselves(
    client: httpx.AsyncClient, district: District
) -> None:
    await newcomer(district, "office_admin", Role.ORG_ADMIN, district.office)
    above = grant(district, "org_admin", organisation_id=str(district.center.id))
    await refused(client, district, "office_admin", "POST", "/grants", 403, "forbidden", json=above)
    (worker,) = await listed(client, district, role="grid_worker")
    path = f"/grants/{worker['id']}"
    await refused(client, district, "office_admin", "DELETE", path, 404, "not_found")
    own = grant(district, "org_admin", organisation_id=str(district.office.id))
    await granted(client, district, own, "office_admin")


async def test_another_center_s_roles_are_not_there(
    client: httpx.AsyncClient, district: District, foreign: District
) -> None:
    (target,) = await listed(client, foreign, role="dispatcher")
    (leader,) = await listed(client, foreign, team_id=str(foreign.team.id))
    for one in (target, leader):
        await refused(client, district, "admin", "DELETE", f"/grants/{one['id']}", 404, "not_found")
    abroad = grant(district, organisation_id=str(foreign.station.id))
    await refused(client, district, "admin", "POST", "/grants", 404, "not_found", json=abroad)
    assert len(await listed(client, foreign)) == 8


async def test_a_leader_s_grant_is_taken_back_here_too(client: httpx.AsyncClient, district: District) -> None:
    (leader,) = await listed(client, district, team_id=str(district.team.id))
    await newcomer(district, "office_admin", Role.ORG_ADMIN, district.office)
    gone = await client.delete(f"/grants/{leader['id']}", headers=district.as_("office_admin"))
    assert gone.status_code == 204
    assert await listed(client, district, team_id=str(district.team.id)) == []


async def test_a_center_keeps_its_last_administrator(client: httpx.AsyncClient, district: District) -> None:
    await newcomer(district, "office_admin", Role.ORG_ADMIN, district.office)
    closed = await newcomer(district, "closed", Role.ORG_ADMIN, district.center, active=False)
    admins = {one["person_id"]: one["id"] for one in await listed(client, district, role="org_admin")}
    mine = f"/grants/{admins[str(district['admin'].id)]}"
    await refused(client, district, "admin", "DELETE", mine, 409, "last_admin")
    for who in (closed.id, district["office_admin"].id):
        path = f"/grants/{admins[str(who)]}"
        assert (await client.delete(path, headers=district.as_("admin"))).status_code == 204
    heir = grant(district, "org_admin", organisation_id=str(district.center.id))
    await granted(client, district, heir)
    assert (await client.delete(mine, headers=district.as_("admin"))).status_code == 204
    assert (await client.get("/grants", headers=district.as_("admin"))).status_code == 403


async def test_administrators_who_remove_each_other_leave_one(
    client: httpx.AsyncClient, district: District
) -> None:
    names = ["admin", "second", "third", "fourth"]
    for name in names[1:]:
        await newcomer(district, name, Role.ORG_ADMIN, district.center)
    ids = {one["person_id"]: one["id"] for one in await listed(client, district, role="org_admin")}
    calls = [
        client.delete(f"/grants/{ids[str(district[victim].id)]}", headers=district.as_(remover))
        for remover, victim in zip(names, names[1:] + names[:1], strict=True)
    ]
    answers = await asyncio.gather(*calls)
    assert {answer.status_code for answer in answers} <= {204, 403, 404, 409}
    still = [
        name for name in names if (await client.get("/grants", headers=district.as_(name))).status_code == 200
    ]
    assert still
    assert len(await listed(client, district, still[0], role="org_admin")) == len(still)


async def test_a_role_given_twice_at_once_is_held_once(client: httpx.AsyncClient, district: District) -> None:
    calls = [client.post("/grants", json=grant(district), headers=district.as_("admin")) for _ in range(6)]
    answers = await asyncio.gather(*calls)
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"already_granted"}


async def test_taking_a_role_back_counts_as_a_change(client: httpx.AsyncClient, district: District) -> None:
    before = await revision(client, district)
    (worker,) = await listed(client, district, role="grid_worker")
    await client.delete(f"/grants/{worker['id']}", headers=district.as_("admin"))
    assert await revision(client, district) == before + 1
