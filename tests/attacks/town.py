"""The town in which the stories of tests/attacks/test_lives.py happen: one house, and a new center for each."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from app import clock
from app.domain.roles import Role
from app.house import House
from app.models.base import new_id
from app.models.organisation import Organisation, OrgLevel
from app.models.person import Person, RoleGrant
from app.models.team import Team, TeamMember, TeamSpecialty
from app.models.volunteer import Volunteer
from tests.center import newcomer
from tests.conftest import app_of, built, calling
from tests.factories import ALWAYS, TIRELESS, District, place_below, plant

COPIED: Final = ("name", "kind", "lat", "lon", "radius_km", "capacity", "adults_only", "insured_until")


@dataclass(frozen=True)
class Customs:
    """What the place decides: who dispatches, how many teams are asked at once, whether orders are looked at."""

    mode: str = "manual"
    largest: int = 5
    auto_approve: bool = False

    @property
    def policy(self) -> dict[str, object]:
        dispatch = {"mode": self.mode, "largest": self.largest}
        return {**TIRELESS, "dispatch": dispatch, "auto_approve": self.auto_approve}


class Town:
    """One house for all stories, on a loop of its own, because Hypothesis calls from outside of any.

    `steps` counts what was tried, `moves` which lines all timelines together have, and in which role.
    """

    def __init__(self, url: str, folder: Path) -> None:
        self.loop = asyncio.Runner()
        self.house: House = self.loop.run(built(url, folder))
        self.client = calling(app_of(self.house))
        self.steps: Counter[str] = Counter()
        self.moves: Counter[tuple[str, str]] = Counter()

    def close(self) -> None:
        async def end() -> None:
            await self.client.aclose()
            await self.house.close()

        with self.loop:
            self.loop.run(end())

    def settle(self, customs: Customs, at: datetime) -> tuple[District, dict[str, UUID]]:
        """A district with a department and a team in another station of the same street; the teams by name."""
        with clock.at(at):
            return self.loop.run(self._settle(customs))

    async def _settle(self, customs: Customs) -> tuple[District, dict[str, UUID]]:
        district = await plant(self.house)
        far = place_below(district.office, "far", "测试far", OrgLevel.STATION)
        bureau = place_below(district.center, "bureau", "测试bureau", OrgLevel.DEPARTMENT)
        bureau.duties = [district.cleaning.category]
        for name in ("far_leader", "walker"):
            await newcomer(district, name)
        team = Team(
            organisation_id=far.id,
            org_path=far.path,
            weekly=ALWAYS,
            lends=False,
            **{name: getattr(district.team, name) for name in COPIED},
        )
        async with self.house.database.transaction() as session:
            center = await session.get_one(Organisation, district.center.id)
            center.policy = customs.policy
            session.add_all([center, far, bureau])
            await session.flush()
            session.add(team)
            await session.flush()
            session.add(TeamSpecialty(team_id=team.id, specialty="housekeeping"))
            session.add(
                RoleGrant(person_id=district["far_leader"].id, role=Role.TEAM_LEADER, team_id=team.id)
            )
            session.add_all(_member(team, district[name]) for name in ("far_leader", "walker"))
            session.add_all(_volunteer(far, district[name]) for name in ("far_leader", "walker"))
        await newcomer(district, "reporter", Role.DISPATCHER, bureau)
        teams = {"team": district.team.id, "other_team": district.other_team.id, "far_team": team.id}
        return district, teams


def _member(team: Team, person: Person) -> TeamMember:
    return TeamMember(team_id=team.id, person_id=person.id)


def _volunteer(station: Organisation, person: Person) -> Volunteer:
    return Volunteer(
        person_id=person.id,
        number=new_id().hex[-16:],
        organisation_id=station.id,
        org_path=station.path,
    )
