"""The dispatcher's desk: one approved order and the ranking of it, as the browser asks for them."""

from typing import Any
from uuid import UUID

import httpx
from sqlmodel import SQLModel

from app.domain.roles import Role
from app.models.base import new_id
from app.models.menu import MenuItem
from app.models.organisation import Organisation, OrgLevel
from app.models.team import Team, TeamSpecialty
from app.services.organisations import bump
from tests.accounts import save
from tests.center import newcomer
from tests.factories import ALWAYS, PLACE, District, place_below
from tests.stages import Stage


class Desk(Stage):
    """A stage that begins with an approved order."""

    async def open(self, **changes: Any) -> "Desk":
        await self.place(**changes)
        await self.do("dispatcher", "POST", f"{self.at}/approve")
        return self

    async def ranking(self, explain: UUID | str | None = None, limit: int = 10) -> dict[str, Any]:
        asked = f"{self.at}/matches?limit={limit}" + (f"&explain={explain}" if explain else "")
        answer: dict[str, Any] = await self.do("dispatcher", "GET", asked)
        return answer

    async def names(self, limit: int = 10) -> list[str]:
        """The teams, best first."""
        return [item["team"]["name"] for item in (await self.ranking(limit=limit))["items"]]

    async def reasons(self, team: Team) -> list[str]:
        """Every condition that keeps a team away; none of one that may serve."""
        told = (await self.ranking(team.id))["explained"]
        assert told["eligible"] == (not told["findings"]) == (told["score"] is not None)
        return [finding["reason"] for finding in told["findings"]]

    def through(self, client: httpx.AsyncClient) -> "Desk":
        """The same order, seen by another process."""
        other = Desk(client, self.district)
        other.order_id = self.order_id
        return other


async def settle(district: District, parent: Organisation, code: str, level: OrgLevel) -> Organisation:
    """One more place of the tree."""
    place = place_below(parent, code, f"测试{code}", level)
    async with district.house.database.transaction() as session:
        await bump(session, district.center.path)
        session.add(place)
    return place


async def found(district: District, *teams: Team, specialty: str = "housekeeping", level: int = 1) -> None:
    """Teams that can clean; the center has changed."""
    async with district.house.database.transaction() as session:
        await bump(session, district.center.path)
        session.add_all(teams)
        await session.flush()
        session.add_all(TeamSpecialty(team_id=one.id, specialty=specialty, level=level) for one in teams)


def team_at(place: Organisation, name: str, **changes: Any) -> Team:
    """A team that is always free, a few steps from where cleaning is wanted."""
    wanted: dict[str, Any] = {
        "organisation_id": place.id,
        "org_path": place.path,
        "name": name,
        "kind": "convenience",
        "lat": PLACE["lat"],
        "lon": PLACE["lon"],
        "radius_km": 8,
        "capacity": 4,
        "weekly": ALWAYS,
    }
    return Team(**wanted | changes)


async def alter(district: District, row: SQLModel, **values: Any) -> None:
    """As a service does it: the center's revision counts every change of what is static."""
    async with district.house.database.transaction() as session:
        await bump(session, district.center.path)
        changed = await session.merge(row)
        changed.sqlmodel_update(values)


async def empty_center(district: District) -> Organisation:
    """Another center, with a street and a station but without any team; the dispatcher works there from now on."""
    code = "e" + new_id().hex[-12:]
    center = Organisation(
        code=code, name="空中心", level=OrgLevel.CENTER, path=f"/{code}/", lat=28.2, lon=112.98
    )
    await save(district.house, center)
    district.center = center
    district.office = await settle(district, center, "y", OrgLevel.OFFICE)
    district.station = await settle(district, district.office, "s", OrgLevel.STATION)
    menu = district.cleaning.model_dump(exclude={"id"}) | {"center_id": center.id}
    district.cleaning = MenuItem(**menu)
    await save(district.house, district.cleaning)
    await newcomer(district, "dispatcher", Role.DISPATCHER, center)
    return center
