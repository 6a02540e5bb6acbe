"""Volunteers: registered once, by the staff of a place, with what they can do."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.center import newcomer, refused
from tests.factories import District


def registration(district: District, who: str = "resident", **changes: Any) -> dict[str, Any]:
    body = {
        "person_id": str(district[who].id),
        "organisation_id": str(district.station.id),
        "gender": "female",
        "languages": ["mandarin", "sign"],
        "insured_until": "2027-12-31",
    }
    return body | changes


async def listed(client: httpx.AsyncClient, district: District, who: str, **params: str) -> set[str]:
    answer = await client.get("/volunteers", params=params, headers=district.as_(who))
    assert answer.status_code == 200, answer.text
    return {one["name"].removeprefix("测试") for one in answer.json()["items"]}


async def test_who_sees_which_volunteers(
    client: httpx.AsyncClient, district: District, foreign: District
) -> None:
    everybody = {"leader", "volunteer", "helper", "other_leader", "outsider"}
    for who in ("admin", "dispatcher", "supervisor"):
        assert await listed(client, district, who) == everybody
    assert await listed(client, district, "leader") == {"leader", "volunteer", "helper"}
    assert await listed(client, district, "volunteer") == {"volunteer"}
    assert await listed(client, district, "resident") == set()
    theirs = await client.get("/volunteers", headers=foreign.as_("admin"))
    path = f"/volunteers/{theirs.json()['items'][0]['id']}"
    for method, body in (("GET", None), ("PATCH", {"active": False})):
        await refused(client, district, "admin", method, path, 404, "not_found", json=body)
    await refused(
        client, district, "admin", "PUT", f"{path}/specialties", 404, "not_found", json={"specialties": []}
    )


async def test_filters_narrow_and_pages_follow_each_other(
    client: httpx.AsyncClient, district: District, foreign: District
) -> None:
    assert await listed(client, district, "admin", person_id=str(district["helper"].id)) == {"helper"}
    assert len(await listed(client, district, "admin", within=str(district.station.id))) == 5
    assert await listed(client, district, "admin", within=str(foreign.center.id)) == set()
    assert await listed(client, district, "admin", specialty="nurse") == set()
    assert await listed(client, district, "admin", active="false") == set()
    first = await client.get("/volunteers", params={"limit": 3}, headers=district.as_("admin"))
    assert {one["phone"] for one in first.json()["items"]} == {"138****0001"}
    assert len(await listed(client, district, "admin", cursor=first.json()["next_cursor"])) == 2


async def test_a_resident_is_registered_once(client: httpx.AsyncClient, district: District) -> None:
    made = await client.post("/volunteers", json=registration(district), headers=district.as_("admin"))
    assert made.status_code == 201
    assert registration(district).items() <= made.json().items()
    assert (made.json()["active"], made.json()["specialties"]) == (True, [])
    assert len(made.json()["number"]) == 16
    assert made.json()["number"].isdigit()
    one = await client.get(f"/volunteers/{made.json()['id']}", headers=district.as_("resident"))
    assert one.json() == made.json()
    body = registration(district, organisation_id=str(district.office.id))
    await refused(client, district, "admin", "POST", "/volunteers", 409, "already_volunteer", json=body)


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"person_id": str(uuid4())}, 404, "person_unknown"),
        ({"person_id": "x"}, 422, "invalid_request"),
        ({"organisation_id": str(uuid4())}, 404, "not_found"),
        ({"insured_until": "2027-13-01"}, 422, "invalid_request"),
        ({"number": "1"}, 422, "invalid_request"),
        ({"gender": "女"}, 422, "invalid_request"),
        ({"gender": ""}, 422, "invalid_request"),
        ({"languages": ["klingon"]}, 422, "language_unknown"),
        ({"languages": ["sign", "sign"]}, 422, "language_repeated"),
        ({"languages": "sign"}, 422, "invalid_request"),
        ({"languages": ["mandarin"] * 11}, 422, "invalid_request"),
        ({"languages": None}, 422, "invalid_request"),
    ],
)
async def test_bad_input_registers_nobody(
    client: httpx.AsyncClient, district: District, changes: dict[str, Any], status: int, code: str
) -> None:
    body = registration(district, **changes)
    await refused(client, district, "admin", "POST", "/volunteers", status, code, json=body)
    assert await listed(client, district, "resident") == set()


async def test_a_closed_account_is_not_registered(client: httpx.AsyncClient, district: District) -> None:
    await newcomer(district, "closed", active=False)
    body = registration(district, "closed")
    await refused(client, district, "admin", "POST", "/volunteers", 404, "person_unknown", json=body)


async def test_only_administrators_of_the_place_register(
    client: httpx.AsyncClient, district: District, foreign: District
) -> None:
    for who in ("resident", "leader", "dispatcher", "supervisor"):
        body = registration(district)
        await refused(client, district, who, "POST", "/volunteers", 403, "forbidden", json=body)
    abroad = registration(district, organisation_id=str(foreign.station.id))
    await refused(client, district, "admin", "POST", "/volunteers", 404, "not_found", json=abroad)


async def test_insurance_and_service_change_and_the_rest_stays(
    client: httpx.AsyncClient, district: District
) -> None:
    made = await client.post("/volunteers", json=registration(district), headers=district.as_("admin"))
    path = f"/volunteers/{made.json()['id']}"
    change = {"gender": None, "languages": ["english"], "insured_until": None, "active": False}
    answer = await client.patch(path, json=change, headers=district.as_("admin"))
    assert answer.json() == made.json() | change
    await refused(client, district, "resident", "PATCH", path, 403, "forbidden", json=change)
    await refused(client, district, "dispatcher", "PATCH", path, 403, "forbidden", json=change)
    for bad in ({"active": None}, {"number": "1"}, {"insured_until": "2027-02-30"}, {"languages": None}):
        await refused(client, district, "admin", "PATCH", path, 422, "invalid_request", json=bad)
    assert (await client.get(path, headers=district.as_("admin"))).json() == answer.json()


async def test_specialties_are_replaced_and_checked(client: httpx.AsyncClient, district: District) -> None:
    made = await client.post("/volunteers", json=registration(district), headers=district.as_("admin"))
    path = f"/volunteers/{made.json()['id']}/specialties"
    skills = [{"specialty": "physician", "level": 2, "proof_no": "YS-110-9876"}, {"specialty": "haircut"}]
    answer = await client.put(path, json={"specialties": skills}, headers=district.as_("admin"))
    assert [(one["specialty"], one["proof_no"]) for one in answer.json()["specialties"]] == [
        ("haircut", None),
        ("physician", "****9876"),
    ]
    assert await listed(client, district, "admin", specialty="physician") == {"resident"}
    for bad, code in (
        ([{"specialty": "magic"}], "specialty_unknown"),
        ([{"specialty": "physician"}], "proof_required"),
        ([{"specialty": "haircut"}] * 2, "specialty_repeated"),
    ):
        body = {"specialties": bad}
        await refused(client, district, "admin", "PUT", path, 422, code, json=body)
    await refused(client, district, "leader", "PUT", path, 404, "not_found", json={"specialties": []})
    await refused(client, district, "resident", "PUT", path, 403, "forbidden", json={"specialties": []})
    assert await listed(client, district, "admin", specialty="physician") == {"resident"}


async def test_one_registered_twice_at_once_is_registered_once(
    client: httpx.AsyncClient, district: District
) -> None:
    calls = [
        client.post("/volunteers", json=registration(district), headers=district.as_("admin"))
        for _ in range(6)
    ]
    answers = await asyncio.gather(*calls)
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"already_volunteer"}
