"""Teams: who sees them, who changes them, and what is refused."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.domain.roles import Role
from tests.center import BAD_LOCATION, newcomer, refused, revision
from tests.factories import PLACE, District

NOWHERE = str(uuid4())


def repair_team(district: District, **changes: Any) -> dict[str, Any]:
    body = {
        "organisation_id": str(district.station.id),
        "name": "水电维修队",
        "kind": "convenience",
        "title": "中队",
        "location": dict(PLACE),
        "address": "便民点",
        "radius_km": 10,
        "capacity": 2,
        "adults_only": True,
        "insured_until": "2027-12-31",
    }
    return body | changes


async def names(client: httpx.AsyncClient, district: District, who: str, **params: str) -> list[str]:
    answer = await client.get("/teams", params=params, headers=district.as_(who))
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.json()["items"]]


async def test_who_sees_which_teams(client: httpx.AsyncClient, district: District, foreign: District) -> None:
    both = {"巧手便民队", "邻里帮扶队"}
    for who in ("admin", "dispatcher", "supervisor"):
        assert set(await names(client, district, who)) == both
    for who in ("leader", "volunteer", "helper"):
        assert await names(client, district, who) == ["巧手便民队"]
    for who in ("resident", "grid_worker", "auditor"):
        assert await names(client, district, who) == []
    mine = f"/teams/{district.team.id}"
    assert (await client.get(mine, headers=district.as_("volunteer"))).status_code == 200
    for path, who in (
        (mine, "resident"),
        (mine, "outsider"),
        (f"{mine}/members", "resident"),
        (f"/teams/{foreign.team.id}", "admin"),
        (f"/teams/{uuid4()}", "admin"),
    ):
        await refused(client, district, who, "GET", path, 404, "not_found")


async def test_filters_narrow_and_pages_follow_each_other(
    client: httpx.AsyncClient, district: District, foreign: District
) -> None:
    made = await client.post("/teams", json=repair_team(district), headers=district.as_("admin"))
    path = f"/teams/{made.json()['id']}"
    await client.patch(path, json={"active": False, "kind": "medical"}, headers=district.as_("admin"))
    assert await names(client, district, "admin", name="水电") == ["水电维修队"]
    assert await names(client, district, "admin", name="%") == []
    assert await names(client, district, "admin", kind="medical") == ["水电维修队"]
    assert await names(client, district, "admin", active="false") == ["水电维修队"]
    assert len(await names(client, district, "admin", specialty="housekeeping")) == 2
    assert await names(client, district, "admin", specialty="nurse") == []
    assert len(await names(client, district, "admin", within=str(district.office.id))) == 3
    assert await names(client, district, "admin", within=str(foreign.center.id)) == []
    first = await client.get("/teams", params={"limit": 2}, headers=district.as_("admin"))
    rest = {"limit": "2", "cursor": first.json()["next_cursor"]}
    assert len(await names(client, district, "admin", **rest)) == 1
    await refused(
        client, district, "admin", "GET", "/teams", 422, "specialty_unknown", params={"specialty": "magic"}
    )
    await refused(
        client, district, "admin", "GET", "/teams", 404, "not_found", params={"within": str(uuid4())}
    )


async def test_an_administrator_founds_a_team(client: httpx.AsyncClient, district: District) -> None:
    before = await revision(client, district)
    headers = district.as_("admin", key="found-a-team")
    made = await client.post("/teams", json=repair_team(district), headers=headers)
    assert made.status_code == 201
    assert repair_team(district).items() <= made.json().items()
    assert (made.json()["weekly"], made.json()["specialties"], made.json()["active"]) == ([], [], True)
    assert await revision(client, district) == before + 1
    assert (await client.post("/teams", json=repair_team(district), headers=headers)).content == made.content
    assert await revision(client, district) == before + 1
    again = await client.get(f"/teams/{made.json()['id']}", headers=district.as_("dispatcher"))
    assert again.json() == made.json()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"location": BAD_LOCATION}, "place_outside_country"),
        ({"title": "军团"}, "team_title_unknown"),
        ({"capacity": 0}, "invalid_request"),
        ({"capacity": 101}, "invalid_request"),
        ({"capacity": 1.5}, "invalid_request"),
        ({"radius_km": 0}, "invalid_request"),
        ({"radius_km": 501}, "invalid_request"),
        ({"kind": "便民"}, "invalid_request"),
        ({"name": ""}, "invalid_request"),
        ({"insured_until": "2027-02-30"}, "invalid_request"),
        ({"org_path": "/x/"}, "invalid_request"),
        ({"travel": "by_pigeon"}, "invalid_request"),
        ({"travel": None}, "invalid_request"),
        ({"lends": "perhaps"}, "invalid_request"),
        ({"area_ids": [str(uuid4())]}, "team_area_unknown"),
        ({"area_ids": ["yunxiu"]}, "invalid_request"),
        ({"area_ids": [NOWHERE, NOWHERE]}, "area_repeated"),
        ({"area_ids": [str(uuid4()) for _ in range(51)]}, "invalid_request"),
        ({"weekly": "f" * 84}, "invalid_request"),
    ],
)
async def test_bad_input_changes_nothing(
    client: httpx.AsyncClient, district: District, changes: dict[str, Any], code: str
) -> None:
    body = repair_team(district, **changes)
    await refused(client, district, "admin", "POST", "/teams", 422, code, json=body)
    assert len(await names(client, district, "admin")) == 2


@pytest.mark.parametrize("who", ["resident", "volunteer", "leader", "dispatcher", "supervisor"])
async def test_only_administrators_found_teams(
    client: httpx.AsyncClient, district: District, who: str
) -> None:
    await refused(client, district, who, "POST", "/teams", 403, "forbidden", json=repair_team(district))


async def test_no_team_at_a_closed_or_unknown_place(client: httpx.AsyncClient, district: District) -> None:
    body = repair_team(district, organisation_id=str(uuid4()))
    await refused(client, district, "admin", "POST", "/teams", 404, "not_found", json=body)
    await client.patch(f"/orgs/{district.station.id}", json={"active": False}, headers=district.as_("admin"))
    await refused(
        client, district, "admin", "POST", "/teams", 409, "org_inactive", json=repair_team(district)
    )


CHANGES: list[tuple[str, str, Any]] = [
    ("PATCH", "", {"capacity": 3}),
    ("PUT", "/specialties", {"specialties": []}),
    ("PUT", "/availability", {"weekly": []}),
    ("PUT", "/exceptions/2026-12-01", {"free": []}),
    ("DELETE", "/exceptions/2026-12-01", None),
    ("PUT", "/members/{person}", None),
    ("DELETE", "/members/{person}", None),
    ("PUT", "/leaders/{person}", None),
    ("DELETE", "/leaders/{person}", None),
]


@pytest.mark.parametrize(("method", "below", "body"), CHANGES)
async def test_who_may_change_a_team(
    client: httpx.AsyncClient, district: District, foreign: District, method: str, below: str, body: Any
) -> None:
    below = below.format(person=district["helper"].id)
    mine, theirs = f"/teams/{district.team.id}{below}", f"/teams/{foreign.team.id}{below}"
    await refused(client, district, "dispatcher", method, mine, 403, "forbidden", json=body)
    if not below.startswith(("/availability", "/exceptions")):
        await refused(client, district, "leader", method, mine, 403, "forbidden", json=body)
    await refused(client, district, "other_leader", method, mine, 404, "not_found", json=body)
    await refused(client, district, "resident", method, mine, 404, "not_found", json=body)
    await refused(client, district, "admin", method, theirs, 404, "not_found", json=body)
    await refused(client, district, "", method, mine, 401, "unauthenticated", json=body)


async def test_a_change_keeps_what_was_not_sent(client: httpx.AsyncClient, district: District) -> None:
    path, headers = f"/teams/{district.team.id}", district.as_("admin")
    before, counted = (await client.get(path, headers=headers)).json(), await revision(client, district)
    change = {
        "name": "巧手一队",
        "title": "大队",
        "capacity": 5,
        "radius_km": 3.5,
        "location": {"lat": 28.3, "lon": 112.7},
        "area_ids": [str(district.office.id), str(district.center.id)],
        "travel": "car",
        "lends": False,
        "insured_until": None,
        "active": False,
    }
    answer = await client.patch(path, json=change, headers=headers)
    assert answer.status_code == 200
    assert answer.json() == before | change
    assert (await client.get(path, headers=headers)).json() == answer.json()
    assert await revision(client, district) == counted + 1


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"name": "邻里帮扶队"}, 409, "team_name_taken"),
        ({"title": "军团"}, 422, "team_title_unknown"),
        ({"capacity": None}, 422, "invalid_request"),
        ({"adults_only": None}, 422, "invalid_request"),
        ({"lends": None}, 422, "invalid_request"),
        ({"travel": "by_pigeon"}, 422, "invalid_request"),
        ({"area_ids": None}, 422, "invalid_request"),
        ({"area_ids": [NOWHERE]}, 422, "team_area_unknown"),
        ({"organisation_id": str(uuid4())}, 422, "invalid_request"),
        ({"location": BAD_LOCATION}, 422, "place_outside_country"),
    ],
)
async def test_a_bad_change_changes_nothing(
    client: httpx.AsyncClient, district: District, change: dict[str, Any], status: int, code: str
) -> None:
    path = f"/teams/{district.team.id}"
    before = (await client.get(path, headers=district.as_("admin"))).json()
    await refused(client, district, "admin", "PATCH", path, status, code, json=change)
    assert (await client.get(path, headers=district.as_("admin"))).json() == before


async def test_a_team_serves_areas_of_its_own_center_only(
    client: httpx.AsyncClient, district: District, foreign: District
) -> None:
    abroad = {"area_ids": [str(district.office.id), str(foreign.office.id)]}
    body = repair_team(district, **abroad)
    await refused(client, district, "admin", "POST", "/teams", 422, "team_area_unknown", json=body)
    path = f"/teams/{district.team.id}"
    await refused(client, district, "admin", "PATCH", path, 422, "team_area_unknown", json=abroad)
    body = repair_team(district, area_ids=[str(district.center.id)], travel="walk", lends=False)
    made = await client.post("/teams", json=body, headers=district.as_("admin"))
    assert body.items() <= made.json().items()
    none_left = await client.patch(
        f"/teams/{made.json()['id']}", json={"area_ids": []}, headers=district.as_("admin")
    )
    assert none_left.json()["area_ids"] == []


async def test_what_a_new_team_does_not_say(client: httpx.AsyncClient, district: District) -> None:
    made = await client.post("/teams", json=repair_team(district), headers=district.as_("admin"))
    assert (made.json()["area_ids"], made.json()["travel"], made.json()["lends"]) == ([], "ebike", True)


async def test_two_who_take_one_name_at_once(client: httpx.AsyncClient, district: District) -> None:
    calls = [
        client.post("/teams", json=repair_team(district), headers=district.as_("admin")) for _ in range(8)
    ]
    answers = await asyncio.gather(*calls)
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"team_name_taken"}


async def test_two_teams_renamed_to_one_name_at_once(client: httpx.AsyncClient, district: District) -> None:
    teams = (district.team, district.other_team)
    calls = [
        client.patch(f"/teams/{team.id}", json={"name": "同名队"}, headers=district.as_("admin"))
        for team in teams
    ]
    answers = await asyncio.gather(*calls)
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert len(await names(client, district, "admin", name="同名队")) == 1


async def test_an_office_s_administrator_has_the_teams_below_only(
    client: httpx.AsyncClient, district: District
) -> None:
    await newcomer(district, "office_admin", Role.ORG_ADMIN, district.office)
    at_center = repair_team(district, organisation_id=str(district.center.id), name="中心直属队")
    made = await client.post("/teams", json=at_center, headers=district.as_("admin"))
    path = f"/teams/{made.json()['id']}"
    await refused(client, district, "office_admin", "GET", path, 404, "not_found")
    await refused(client, district, "office_admin", "PATCH", path, 404, "not_found", json={"capacity": 1})
    await refused(client, district, "office_admin", "POST", "/teams", 403, "forbidden", json=at_center)
    below = await client.patch(
        f"/teams/{district.team.id}", json={"capacity": 1}, headers=district.as_("office_admin")
    )
    assert below.status_code == 200


async def test_titles_are_the_place_s_own(client: httpx.AsyncClient, district: District) -> None:
    own = {"team_titles": ["分队", "小队"]}
    path = f"/policies/{district.office.id}"
    assert (await client.put(path, json=own, headers=district.as_("admin"))).status_code == 200
    answer = await refused(
        client, district, "admin", "POST", "/teams", 422, "team_title_unknown", json=repair_team(district)
    )
    assert answer.json()["detail"] == "可用的称谓：分队、小队"
    body = repair_team(district, title="小队")
    assert (await client.post("/teams", json=body, headers=district.as_("admin"))).status_code == 201
