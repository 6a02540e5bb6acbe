"""The ledger as the staff of a center reads it."""

from typing import Any

import httpx
import pytest
from sqlalchemy import update
from sqlmodel import col

from app.domain.roles import Role
from app.house import House
from app.models.person import RoleGrant
from app.models.points import PointsAccount
from tests.accounts import save
from tests.conftest import client_of
from tests.factories import District, plant
from tests.stories import tell


async def read(client: httpx.AsyncClient, district: District, name: str) -> Any:
    answer = await client.get("/reports/ledger", headers=district.as_(name))
    return answer.status_code, answer.json()


async def test_issued_and_held_agree_until_somebody_writes_past_the_ledger(fresh_house: House) -> None:
    async with client_of(fresh_house) as client:
        story = await tell(fresh_house, client)
        center = story.district.center
        expected = {
            "center": {"id": str(center.id), "name": center.name, "level": "center"},
            "issued": 3 * (25 + 10),
            "held": 3 * (25 + 10),
            "difference": 0,
        }
        for name in ("admin", "supervisor"):
            assert await read(client, story.district, name) == (
                200,
                {"items": [expected], "next_cursor": None},
            )
        async with fresh_house.database.transaction() as session:
            forged = update(PointsAccount).where(col(PointsAccount.person_id) == story.district["helper"].id)
            await session.exec(forged.values(balance=31))
        _, page = await read(client, story.district, "admin")
        assert page["items"] == [expected | {"held": 106, "difference": -1}]


async def test_a_center_without_points_has_a_ledger_of_zeros(
    client: httpx.AsyncClient, district: District
) -> None:
    _, page = await read(client, district, "supervisor")
    assert [(one["issued"], one["held"], one["difference"]) for one in page["items"]] == [(0, 0, 0)]


@pytest.mark.parametrize("name", ["resident", "leader", "volunteer", "grid_worker", "dispatcher", "auditor"])
async def test_who_does_not_oversee_the_points_is_refused(
    client: httpx.AsyncClient, district: District, name: str
) -> None:
    status, problem = await read(client, district, name)
    assert (status, problem["code"]) == (403, "forbidden")


async def test_a_part_of_a_center_has_no_ledger_of_its_own(
    client: httpx.AsyncClient, district: District, house: House
) -> None:
    """Points belong to the center; whoever oversees one office, or another center, does not see them."""
    await save(
        house,
        RoleGrant(
            person_id=district["stranger"].id, role=Role.SUPERVISOR, organisation_id=district.office.id
        ),
    )
    assert (await read(client, district, "stranger"))[0] == 403
    other = await plant(house)
    _, page = await read(client, other, "admin")
    assert [one["center"]["id"] for one in page["items"]] == [str(other.center.id)]


async def test_nobody_reads_it_without_signing_in(client: httpx.AsyncClient) -> None:
    assert (await client.get("/reports/ledger")).status_code == 401
