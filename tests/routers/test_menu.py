"""The menu: residents read what can be ordered now; the center's administrators keep it."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.domain.roles import Role
from tests.center import newcomer, refused, revision
from tests.factories import District


def haircut(district: District, **changes: Any) -> dict[str, Any]:
    body = {
        "center_id": str(district.center.id),
        "code": "bedside_haircut",
        "title": "卧床老人上门理发",
        "category": "care",
        "programme": "party_members_lead",
        "platform": "care",
        "description": "请家属或网格员在场。",
        "duration_minutes": 60,
        "people": 1,
        "required_specialties": ["haircut"],
        "required_levels": {"haircut": 2},
    }
    return body | changes


async def test_anyone_reads_the_menu_of_the_center_of_a_place(
    client: httpx.AsyncClient, district: District, foreign: District
) -> None:
    answer = await client.get("/menu", params={"organisation_id": str(district.station.id)})
    assert answer.status_code == 200
    assert {one["id"] for one in answer.json()["items"]} == {
        str(district.cleaning.id),
        str(district.rescue.id),
    }
    assert "description" not in answer.json()["items"][0]
    one = await client.get(f"/menu/{district.cleaning.id}")
    assert one.json()["required_specialties"] == ["housekeeping"]


async def test_filters_look_into_titles_and_categories(client: httpx.AsyncClient, district: District) -> None:
    special = haircut(district, title="100%满意Care", category="law")
    await client.post("/menu", json=special, headers=district.as_("admin"))
    here = {"organisation_id": str(district.center.id)}

    async def found(**params: str) -> list[str]:
        answer = await client.get("/menu", params=here | params)
        return [one["code"] for one in answer.json()["items"]]

    assert await found(q="清淤") == ["dredging"]
    assert await found(q="0%满") == ["bedside_haircut"]
    assert await found(q="care") == ["bedside_haircut"]
    assert await found(q="%") == ["bedside_haircut"]
    assert await found(q="_") == []
    assert await found(category="law") == ["bedside_haircut"]
    assert await found(category="law", q="清淤") == []


async def test_pages_follow_each_other(client: httpx.AsyncClient, district: District) -> None:
    here = {"organisation_id": str(district.center.id), "limit": "1"}
    first = (await client.get("/menu", params=here)).json()
    second = (await client.get("/menu", params=here | {"cursor": first["next_cursor"]})).json()
    assert first["items"][0]["id"] > second["items"][0]["id"]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    ("params", "status", "code"),
    [
        ({"category": "astrology"}, 422, "category_unknown"),
        ({"organisation_id": str(uuid4())}, 404, "not_found"),
        ({"organisation_id": "x"}, 422, "invalid_request"),
        ({"active": "false"}, 422, "invalid_request"),
        ({"q": ""}, 422, "invalid_request"),
    ],
)
async def test_a_bad_filter_is_refused(
    client: httpx.AsyncClient, district: District, params: dict[str, str], status: int, code: str
) -> None:
    await refused(client, district, "", "GET", "/menu", status, code, params=params)


async def test_an_administrator_adds_a_service(client: httpx.AsyncClient, district: District) -> None:
    before = await revision(client, district)
    made = await client.post("/menu", json=haircut(district), headers=district.as_("admin"))
    assert made.status_code == 201
    assert {**haircut(district), "id": made.json()["id"]}.items() <= made.json().items()
    assert (made.json()["risk"], made.json()["mode"], made.json()["active"]) == ("none", "on_site", True)
    assert await revision(client, district) == before + 1
    assert (await client.get(f"/menu/{made.json()['id']}")).json() == made.json()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"category": "astrology"}, "category_unknown"),
        ({"programme": "astrology"}, "programme_unknown"),
        ({"platform": "astrology"}, "platform_unknown"),
        ({"required_specialties": ["astrology"]}, "specialty_unknown"),
        ({"required_specialties": []}, "level_unrequired"),
        ({"required_specialties": ["haircut", "haircut"]}, "specialty_repeated"),
        ({"required_levels": {"haircut": 0}}, "levels_invalid"),
        ({"required_levels": {"haircut": 4}}, "levels_invalid"),
        ({"required_levels": {"haircut": "2"}}, "levels_invalid"),
        ({"required_levels": {"haircut": None}}, "levels_invalid"),
        ({"required_levels": ["haircut"]}, "levels_invalid"),
        ({"required_levels": {str(n): 1 for n in range(11)}}, "levels_invalid"),
        ({"required_levels": {"astrology": 2}}, "specialty_unknown"),
        ({"required_levels": {"housekeeping": 2}}, "level_unrequired"),
        ({"code": "Haircut"}, "menu_code_malformed"),
        ({"code": ""}, "menu_code_malformed"),
        ({"duration_minutes": 14}, "invalid_request"),
        ({"duration_minutes": 721}, "invalid_request"),
        ({"duration_minutes": "60"}, "invalid_request"),
        ({"people": 0}, "invalid_request"),
        ({"people": 201}, "invalid_request"),
        ({"risk": "fatal"}, "invalid_request"),
        ({"title": ""}, "invalid_request"),
        ({"description": "长" * 10_000}, "text_too_long"),
        ({"price": 5}, "invalid_request"),
    ],
)
async def test_bad_input_changes_nothing(
    client: httpx.AsyncClient, district: District, changes: dict[str, Any], code: str
) -> None:
    await refused(client, district, "admin", "POST", "/menu", 422, code, json=haircut(district, **changes))


async def test_a_menu_belongs_to_a_center(client: httpx.AsyncClient, district: District) -> None:
    body = haircut(district, center_id=str(district.office.id))
    await refused(client, district, "admin", "POST", "/menu", 422, "not_a_center", json=body)


@pytest.mark.parametrize("who", ["resident", "leader", "dispatcher", "supervisor"])
async def test_only_administrators_change_it(client: httpx.AsyncClient, district: District, who: str) -> None:
    await refused(client, district, who, "POST", "/menu", 403, "forbidden", json=haircut(district))
    path = f"/menu/{district.cleaning.id}"
    await refused(client, district, who, "PATCH", path, 403, "forbidden", json={"people": 3})


async def test_an_office_s_administrator_does_not_change_the_center_s_menu(
    client: httpx.AsyncClient, district: District
) -> None:
    await newcomer(district, "office_admin", Role.ORG_ADMIN, district.office)
    await refused(client, district, "office_admin", "POST", "/menu", 403, "forbidden", json=haircut(district))


async def test_another_center_s_menu_is_not_there(
    client: httpx.AsyncClient, district: District, foreign: District
) -> None:
    await refused(client, district, "admin", "POST", "/menu", 404, "not_found", json=haircut(foreign))
    path = f"/menu/{foreign.cleaning.id}"
    await refused(client, district, "admin", "PATCH", path, 404, "not_found", json={"people": 3})
    assert (await client.get(path)).json()["people"] == 2


async def test_what_is_taken_off_is_gone_until_it_is_put_back(
    client: httpx.AsyncClient, district: District
) -> None:
    path, headers = f"/menu/{district.cleaning.id}", district.as_("admin")
    before, counted = (await client.get(path)).json(), await revision(client, district)
    off = await client.patch(path, json={"active": False}, headers=headers)
    assert off.json() == before | {"active": False}
    assert await revision(client, district) == counted + 1
    assert (await client.get(path)).status_code == 404
    listed = await client.get("/menu", params={"organisation_id": str(district.center.id)})
    assert [one["code"] for one in listed.json()["items"]] == ["dredging"]
    back = await client.patch(path, json={"active": True, "category": "law"}, headers=headers)
    assert (await client.get(path)).json() == back.json()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"code": "other"}, "invalid_request"),
        ({"title": None}, "invalid_request"),
        ({"category": "astrology"}, "category_unknown"),
        ({"required_specialties": ["astrology"]}, "specialty_unknown"),
        ({"required_levels": {"haircut": 2}}, "level_unrequired"),
        ({"required_levels": {"housekeeping": 5}}, "levels_invalid"),
        ({"required_levels": None}, "levels_invalid"),
        ({"duration_minutes": 10}, "invalid_request"),
    ],
)
async def test_a_bad_change_changes_nothing(
    client: httpx.AsyncClient, district: District, change: dict[str, Any], code: str
) -> None:
    path = f"/menu/{district.cleaning.id}"
    before = (await client.get(path)).json()
    await refused(client, district, "admin", "PATCH", path, 422, code, json=change)
    assert (await client.get(path)).json() == before


async def test_a_level_goes_before_its_specialty(client: httpx.AsyncClient, district: District) -> None:
    path, headers = f"/menu/{district.cleaning.id}", district.as_("admin")
    levels = {"required_levels": {"housekeeping": 3}}
    assert (await client.patch(path, json=levels, headers=headers)).json()["required_levels"] == {
        "housekeeping": 3
    }
    no_more = {"required_specialties": ["haircut"]}
    await refused(client, district, "admin", "PATCH", path, 422, "level_unrequired", json=no_more)
    both = await client.patch(path, json=no_more | {"required_levels": {"haircut": 2}}, headers=headers)
    assert both.status_code == 200
    assert (await client.get(path)).json() == both.json()


async def test_two_who_take_one_code_at_once(client: httpx.AsyncClient, district: District) -> None:
    calls = [client.post("/menu", json=haircut(district), headers=district.as_("admin")) for _ in range(8)]
    answers = await asyncio.gather(*calls)
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"menu_code_taken"}


async def test_the_same_code_serves_two_centers(
    client: httpx.AsyncClient, district: District, foreign: District
) -> None:
    for center in (district, foreign):
        made = await client.post("/menu", json=haircut(center), headers=center.as_("admin"))
        assert made.status_code == 201
