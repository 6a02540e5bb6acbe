"""The tree: anyone reads it, its administrators change it, and only their own."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.domain.roles import Role
from tests.center import BAD_LOCATION, newcomer, refused, revision
from tests.factories import PLACE, District


def point(district: District, **changes: Any) -> dict[str, Any]:
    body = {
        "parent_id": str(district.station.id),
        "code": "jiayuan-2",
        "name": "家园小区实践点",
        "level": "point",
        "location": dict(PLACE),
        "address": "家园小区南门",
        "phone": "0731-82345678",
    }
    return body | changes


async def test_anyone_reads_one_part_of_the_tree(client: httpx.AsyncClient, district: District) -> None:
    answer = await client.get("/orgs", params={"within": str(district.office.id)})
    assert answer.status_code == 200
    assert [one["id"] for one in answer.json()["items"]] == [
        str(district.station.id),
        str(district.office.id),
    ]
    assert answer.json()["items"][0]["location"] == {"lat": 28.2, "lon": 112.98}
    assert answer.json()["next_cursor"] is None


async def test_filters_narrow_and_pages_follow_each_other(
    client: httpx.AsyncClient, district: District
) -> None:
    within = {"within": str(district.center.id)}
    first = (await client.get("/orgs", params=within | {"limit": 2})).json()
    rest = (await client.get("/orgs", params=within | {"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [one["code"] for one in first["items"]] == ["station", "office"]
    assert [one["id"] for one in rest["items"]] == [str(district.center.id)]
    assert rest["next_cursor"] is None
    levels = (await client.get("/orgs", params=within | {"level": "office"})).json()["items"]
    assert [one["code"] for one in levels] == ["office"]
    children = (await client.get("/orgs", params={"parent_id": str(district.office.id)})).json()["items"]
    assert [one["code"] for one in children] == ["station"]


@pytest.mark.parametrize("params", [{"colour": "red"}, {"limit": "101"}, {"limit": "0"}, {"level": "galaxy"}])
async def test_an_unknown_filter_is_refused(
    client: httpx.AsyncClient, district: District, params: dict[str, str]
) -> None:
    await refused(client, district, "", "GET", "/orgs", 422, "invalid_request", params=params)


async def test_one_organisation_or_none(client: httpx.AsyncClient, district: District) -> None:
    answer = await client.get(f"/orgs/{district.station.id}")
    assert (answer.json()["path"], answer.json()["level"]) == (district.station.path, "station")
    await refused(client, district, "", "GET", f"/orgs/{uuid4()}", 404, "not_found")
    await refused(client, district, "", "GET", "/orgs", 404, "not_found", params={"within": str(uuid4())})


async def test_an_administrator_adds_a_point(client: httpx.AsyncClient, district: District) -> None:
    before = await revision(client, district)
    headers = district.as_("admin", key="new-point-1")
    made = await client.post("/orgs", json=point(district), headers=headers)
    assert made.status_code == 201
    assert made.json()["path"] == f"{district.station.path}jiayuan-2/"
    assert (made.json()["location"], made.json()["phone"]) == (PLACE, "0731-82345678")
    assert await revision(client, district) == before + 1
    again = await client.post("/orgs", json=point(district), headers=headers)
    assert again.content == made.content
    assert again.headers["Idempotency-Replayed"] == "true"
    assert await revision(client, district) == before + 1
    assert (await client.get(f"/orgs/{made.json()['id']}")).json() == made.json()


async def test_a_gps_place_is_kept_as_maps_draw_it(client: httpx.AsyncClient, district: District) -> None:
    body = point(district, location=PLACE | {"coord_system": "wgs84"})
    made = await client.post("/orgs", json=body, headers=district.as_("admin"))
    assert made.status_code == 201
    assert 0 < abs(made.json()["location"]["lon"] - PLACE["lon"]) < 0.01


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"location": BAD_LOCATION}, "place_outside_country"),
        ({"code": "Jiayuan"}, "org_code_malformed"),
        ({"code": "a/b"}, "org_code_malformed"),
        ({"code": "a_b"}, "org_code_malformed"),
        ({"code": ""}, "org_code_malformed"),
        ({"code": "a" * 33}, "invalid_request"),
        ({"level": "center"}, "org_level_misplaced"),
        ({"level": "office"}, "org_level_misplaced"),
        ({"level": "galaxy"}, "invalid_request"),
        ({"name": " "}, "invalid_request"),
        ({"name": "站" * 61}, "invalid_request"),
        ({"phone": "12345"}, "phone_invalid"),
        ({"path": "/elsewhere/"}, "invalid_request"),
        ({"name": "第一行\u0000"}, "text_control_character"),
    ],
)
async def test_bad_input_changes_nothing(
    client: httpx.AsyncClient, district: District, changes: dict[str, Any], code: str
) -> None:
    await refused(client, district, "admin", "POST", "/orgs", 422, code, json=point(district, **changes))


async def test_rare_characters_in_a_name_are_welcome(client: httpx.AsyncClient, district: District) -> None:
    made = await client.post(
        "/orgs", json=point(district, name="𠮷祥里䶮站🌾"), headers=district.as_("admin")
    )
    assert made.json()["name"] == "𠮷祥里䶮站🌾"


async def test_a_path_has_an_end(client: httpx.AsyncClient, district: District) -> None:
    parent = str(district.station.id)
    for depth in range(6):
        body = point(district, parent_id=parent, code=f"{depth}" + "x" * 31)
        answer = await client.post("/orgs", json=body, headers=district.as_("admin"))
        if answer.status_code != 201:
            break
        parent = answer.json()["id"]
    assert (answer.status_code, answer.json()["code"]) == (422, "org_path_too_long")


@pytest.mark.parametrize("who", ["resident", "leader", "dispatcher", "supervisor", "auditor", "grid_worker"])
async def test_only_administrators_change_the_tree(
    client: httpx.AsyncClient, district: District, who: str
) -> None:
    await refused(client, district, who, "POST", "/orgs", 403, "forbidden", json=point(district))
    path = f"/orgs/{district.station.id}"
    await refused(client, district, who, "PATCH", path, 403, "forbidden", json={"name": "新名字"})


async def test_nobody_changes_it_without_signing_in(client: httpx.AsyncClient, district: District) -> None:
    await refused(client, district, "", "POST", "/orgs", 401, "unauthenticated", json=point(district))


async def test_another_center_is_not_there(
    client: httpx.AsyncClient, district: District, foreign: District
) -> None:
    body = point(foreign)
    await refused(client, district, "admin", "POST", "/orgs", 404, "not_found", json=body)
    path = f"/orgs/{foreign.station.id}"
    await refused(client, district, "admin", "PATCH", path, 404, "not_found", json={"name": "新名字"})
    assert await revision(client, foreign) == 0


async def test_an_office_administrator_changes_nothing_above(
    client: httpx.AsyncClient, district: District
) -> None:
    await newcomer(district, "office_admin", Role.ORG_ADMIN, district.office)
    above = point(district, parent_id=str(district.center.id), level="office", code="rival")
    await refused(client, district, "office_admin", "POST", "/orgs", 403, "forbidden", json=above)
    below = await client.post("/orgs", json=point(district), headers=district.as_("office_admin"))
    assert below.status_code == 201


async def test_a_change_keeps_what_was_not_sent(client: httpx.AsyncClient, district: District) -> None:
    before = (await client.get(f"/orgs/{district.station.id}")).json()
    counted = await revision(client, district)
    change = {"name": "改名的站", "location": {"lat": 28.21, "lon": 112.99}, "active": False, "phone": ""}
    answer = await client.patch(f"/orgs/{district.station.id}", json=change, headers=district.as_("admin"))
    assert answer.status_code == 200
    assert answer.json() == before | change
    assert await revision(client, district) == counted + 1
    nothing = await client.patch(f"/orgs/{district.station.id}", json={}, headers=district.as_("admin"))
    assert nothing.json() == before | change
    assert await revision(client, district) == counted + 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"path": "/x/"}, "invalid_request"),
        ({"code": "x"}, "invalid_request"),
        ({"name": None}, "invalid_request"),
        ({"active": None}, "invalid_request"),
        ({"location": None}, "invalid_request"),
        ({"location": BAD_LOCATION}, "place_outside_country"),
    ],
)
async def test_a_bad_change_changes_nothing(
    client: httpx.AsyncClient, district: District, change: dict[str, Any], code: str
) -> None:
    path = f"/orgs/{district.station.id}"
    before = (await client.get(path)).json()
    await refused(client, district, "admin", "PATCH", path, 422, code, json=change)
    assert (await client.get(path)).json() == before


async def test_nothing_is_set_up_below_a_closed_place(client: httpx.AsyncClient, district: District) -> None:
    await client.patch(f"/orgs/{district.station.id}", json={"active": False}, headers=district.as_("admin"))
    await refused(client, district, "admin", "POST", "/orgs", 409, "org_inactive", json=point(district))


async def test_two_who_take_one_code_at_once(client: httpx.AsyncClient, district: District) -> None:
    before = await revision(client, district)
    calls = [client.post("/orgs", json=point(district), headers=district.as_("admin")) for _ in range(8)]
    answers = await asyncio.gather(*calls)
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"org_code_taken"}
    assert await revision(client, district) == before + 1


async def test_a_department_has_duties_and_nobody_else(client: httpx.AsyncClient, district: District) -> None:
    bureau = point(
        district, level="department", code="bureau", parent_id=str(district.center.id), duties=["law"]
    )
    admin = district.as_("admin")
    made = await client.post("/orgs", json=bureau, headers=admin)
    assert (made.status_code, made.json()["duties"]) == (201, ["law"])
    at = f"/orgs/{made.json()['id']}"
    changed = await client.patch(at, json={"duties": ["law", "care"]}, headers=admin)
    assert changed.json()["duties"] == ["law", "care"]
    for path, method, body in (
        ("/orgs", "POST", point(district, duties=["law"])),
        (at, "PATCH", {"duties": ["galaxies"]}),
        (f"/orgs/{district.station.id}", "PATCH", {"duties": ["care"]}),
    ):
        answer = await client.request(method, path, json=body, headers=admin)
        assert (answer.status_code, answer.json()["code"]) == (422, "org_duties_misplaced")
