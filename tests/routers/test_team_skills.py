"""What a team can do: known words, levels, and documents where the law asks for them."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.center import refused, revision
from tests.factories import District

NURSE = {"specialty": "nurse", "level": 3, "proof_no": "HS-2024-0099", "proof_until": "2028-06-30"}


async def test_specialties_are_replaced_as_a_whole(client: httpx.AsyncClient, district: District) -> None:
    path, before = f"/teams/{district.team.id}/specialties", await revision(client, district)
    body = {"specialties": [NURSE, {"specialty": "housekeeping"}]}
    answer = await client.put(path, json=body, headers=district.as_("admin"))
    assert answer.status_code == 200
    assert answer.json()["specialties"] == [
        {"specialty": "housekeeping", "level": 1, "proof_no": None, "proof_until": None},
        NURSE | {"proof_no": "****0099"},
    ]
    assert await revision(client, district) == before + 1
    none = await client.put(path, json={"specialties": []}, headers=district.as_("admin"))
    assert none.json()["specialties"] == []


@pytest.mark.parametrize(
    ("skills", "code"),
    [
        ([{"specialty": "magic"}], "specialty_unknown"),
        ([{"specialty": "nurse"}], "proof_required"),
        ([NURSE, NURSE], "specialty_repeated"),
        ([{"specialty": "housekeeping", "level": 0}], "invalid_request"),
        ([{"specialty": "housekeeping", "level": 4}], "invalid_request"),
        ([{"specialty": "housekeeping", "level": "2"}], "invalid_request"),
        ([NURSE | {"proof_no": "9" * 61}], "invalid_request"),
        ([NURSE | {"proof_until": "2028-06-31"}], "invalid_request"),
        ([{"specialty": "housekeeping"}] * 61, "invalid_request"),
        ("housekeeping", "invalid_request"),
    ],
)
async def test_bad_specialties_change_nothing(
    client: httpx.AsyncClient, district: District, skills: Any, code: str
) -> None:
    path = f"/teams/{district.team.id}"
    body = {"specialties": skills}
    await refused(client, district, "admin", "PUT", f"{path}/specialties", 422, code, json=body)
    held = (await client.get(path, headers=district.as_("admin"))).json()["specialties"]
    assert [one["specialty"] for one in held] == ["housekeeping"]


async def test_two_replacements_at_once_do_not_mix(client: httpx.AsyncClient, district: District) -> None:
    sets = [["haircut", "cooking"], ["companionship", "errands"], ["caregiving", "meal_delivery"]]
    path = f"/teams/{district.team.id}"
    calls = [
        client.put(
            f"{path}/specialties",
            json={"specialties": [{"specialty": code} for code in codes]},
            headers=district.as_("admin"),
        )
        for codes in sets * 3
    ]
    assert {answer.status_code for answer in await asyncio.gather(*calls)} == {200}
    held = (await client.get(path, headers=district.as_("admin"))).json()["specialties"]
    assert {one["specialty"] for one in held} in [set(codes) for codes in sets]
