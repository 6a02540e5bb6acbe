"""三员分立: whoever holds one of the three roles is given no other on the same path, not even by two at once."""

import asyncio
from typing import Any

import httpx
import pytest

from app.domain.roles import APART, Role
from app.errors import AppError
from app.house import House
from app.models.organisation import Organisation
from app.services import grants
from app.services.access import Actor
from app.services.apartness import RolesApart
from app.services.grants import AlreadyGranted
from tests.center import newcomer
from tests.factories import District, plant

OTHERS = {
    Role.ORG_ADMIN: Role.AUDITOR,
    Role.SECURITY_ADMIN: Role.ORG_ADMIN,
    Role.AUDITOR: Role.SECURITY_ADMIN,
}


async def given(house: House, district: District, name: str, role: Role, place: Organisation) -> str:
    """ "given", or the code of the problem; in a transaction of its own."""
    giver = Actor(district["admin"].id)
    try:
        async with house.database.transaction() as session:
            await grants.give(session, giver, district[name].id, role, place)
    except AppError as refused:
        return refused.code
    return "given"


@pytest.mark.parametrize("first", sorted(APART))
async def test_above_at_and_below_but_not_beside(house: House, district: District, first: Role) -> None:
    other = OTHERS[first]
    await newcomer(district, "official")
    assert await given(house, district, "official", first, district.office) == "given"
    for place in (district.center, district.office, district.station):
        assert await given(house, district, "official", other, place) == RolesApart.code
    assert await given(house, district, "official", first, district.office) == AlreadyGranted.code
    assert await given(house, district, "official", first, district.station) == "given"
    assert await given(house, district, "official", Role.DISPATCHER, district.office) == "given"


async def test_another_center_is_another_path(house: House, district: District) -> None:
    await newcomer(district, "official", Role.AUDITOR, district.center)
    assert await given(house, district, "official", Role.ORG_ADMIN, (await plant(house)).center) == "given"


async def test_of_six_at_once_one_kind_remains(house: House, district: District) -> None:
    await newcomer(district, "official")
    wanted = [(role, place) for role in sorted(APART) for place in (district.center, district.station)]
    ends = await asyncio.gather(*(given(house, district, "official", *one) for one in wanted))
    assert set(ends) == {"given", RolesApart.code}
    kept = {role for (role, _), end in zip(wanted, ends, strict=True) if end == "given"}
    assert len(kept) == 1
    assert ends.count("given") == 2


async def test_over_http_it_is_refused_when_it_is_asked_for(
    client: httpx.AsyncClient, district: District
) -> None:
    body: dict[str, Any] = {
        "person_id": str(district["auditor"].id),
        "role": "org_admin",
        "organisation_id": str(district.station.id),
    }
    answer = await client.post("/grants", json=body, headers=district.as_("admin"))
    assert (answer.status_code, answer.json()["code"]) == (409, "roles_apart")
