"""The index of a center's teams, kept by each process and checked against the database before every use.

Everything static about teams lies in arrays (app/domain/matching/index.py). Whatever changes it counts up the
center's revision (organisations.bump); a ranking reads that number first, in the very statement that reads the
policies, and an index of another revision is built anew, by one reader for all that wait. So any number of
processes rank alike. Must not be read in a transaction that itself changed the center.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import anyio
import anyio.to_thread
import numpy as np
from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.db import kept_by, table_of
from app.domain.gender import Gender
from app.domain.hours import week_rows
from app.domain.matching.columns import TeamColumns, Tree
from app.domain.matching.features import NO_DAY, NO_END, day_number
from app.domain.matching.index import TeamIndex
from app.domain.matching.reliability import UNKNOWN
from app.domain.taxonomy import languages, specialties
from app.domain.travel import NUMBER
from app.models.organisation import Organisation
from app.models.price import TeamPrice
from app.models.standing import TeamStanding
from app.models.team import Team, TeamException, TeamMember, TeamSpecialty
from app.models.volunteer import Volunteer
from app.services.access import SYSTEM
from app.services.columns import columns
from app.services.scope import visible

KEPT = "center_teams"
DATED_SINCE = timedelta(days=2)
"""Exceptions and prices of earlier days can concern no order that is still to be served."""


@dataclass
class _Center:
    """What one process knows of one center."""

    lock: anyio.Lock = field(default_factory=anyio.Lock)
    revision: int = -1
    index: TeamIndex | None = None


async def team_index(session: AsyncSession, center_path: str, revision: int) -> TeamIndex:
    """The center's teams at `revision`, which the caller has just read, or at a later one."""
    center: _Center = kept_by(session).setdefault((KEPT, center_path), _Center())
    if center.index is None or center.revision != revision:
        async with center.lock:
            if center.index is None or center.revision < revision:
                read = await _read(session, center_path)
                center.index = await anyio.to_thread.run_sync(TeamIndex.build, *read, parents())
                center.revision = revision
    return center.index


def parents() -> tuple[int, ...]:
    """The group of each specialty, by their numbers; -1 for the groups."""
    number = {code: n for n, code in enumerate(specialties())}
    return tuple(number.get(one.parent or "", -1) for one in specialties().values())


async def _read(session: AsyncSession, center_path: str) -> tuple[TeamColumns, Tree]:
    below = select(Organisation.path, Organisation.level).where(
        col(Organisation.path).startswith(center_path)
    )
    places = sorted(await columns(session, below), key=lambda place: place.path)
    tree = Tree(tuple(place.path for place in places), tuple(str(place.level) for place in places))
    ours: Any = visible(Team, SYSTEM).where(col(Team.org_path).startswith(center_path))
    found = await columns(session, ours, *table_of(Team).columns)
    teams = [team for team in found if team.org_path in tree.rows]
    number = {team.id: n for n, team in enumerate(teams)}
    wanted = ours.with_only_columns(Team.id)
    return TeamColumns(
        ids=np.frombuffer(b"".join(team.id.bytes for team in teams), np.uint8).reshape(-1, 16),
        lat=np.array([team.lat for team in teams], np.float64),
        lon=np.array([team.lon for team in teams], np.float64),
        radius_m=np.array([round(team.radius_km * 1000) for team in teams], np.int64),
        organisation=np.array([tree.rows[team.org_path] for team in teams], np.int64),
        lends=np.array([team.lends for team in teams], np.bool_),
        active=np.array([team.active for team in teams], np.bool_),
        adults_only=np.array([team.adults_only for team in teams], np.bool_),
        insured_until=np.array([_day(team.insured_until, NO_DAY) for team in teams], np.int64),
        capacity=np.array([team.capacity for team in teams], np.int64),
        travel=np.array([NUMBER[team.travel] for team in teams], np.int64),
        weeks=week_rows([team.weekly for team in teams]),
        **await _people(session, wanted, number),
        **await _deeds(session, wanted, number),
        **await _skills(session, wanted, number),
        **_areas(teams, tree, {str(place.id): place.path for place in await _named(session, teams)}),
        **await _prices(session, wanted, number),
        exceptions=await _exceptions(session, wanted, number),
    ), tree


def _day(day: Any, otherwise: int) -> int:
    return otherwise if day is None else day_number(day)


async def _of(number: dict[UUID, int], session: AsyncSession, query: Any, *wanted: Any) -> list[Any]:
    """`columns` about the teams that were read; one founded since is another revision's."""
    return [row for row in await columns(session, query, *wanted) if row.team_id in number]


async def _people(session: AsyncSession, wanted: Any, number: dict[UUID, int]) -> dict[str, Any]:
    """Whom each team could send: two, a woman, a man, somebody who speaks a language."""
    size, bit = len(number), {code: n for n, code in enumerate(languages())}
    members = await _of(
        number,
        session,
        select(TeamMember.team_id, func.count())
        .where(col(TeamMember.team_id).in_(wanted))
        .group_by(col(TeamMember.team_id)),
    )
    told = await _of(
        number,
        session,
        visible(Volunteer, SYSTEM)
        .join(TeamMember, col(TeamMember.person_id) == col(Volunteer.person_id))
        .where(col(TeamMember.team_id).in_(wanted), col(Volunteer.active)),
        *(TeamMember.team_id, Volunteer.gender, Volunteer.languages),
    )
    two, women, men = (np.zeros(size, np.bool_) for _ in range(3))
    spoken = np.zeros(size, np.uint8)
    for team_id, count in members:
        two[number[team_id]] = count >= 2
    for team_id, gender, codes in told:
        row = number[team_id]
        women[row] |= gender == Gender.FEMALE
        men[row] |= gender == Gender.MALE
        for code in codes:
            spoken[row] |= 1 << bit[code] if code in bit else 0
    return {"two": two, "women": women, "men": men, "languages": spoken}


async def _deeds(session: AsyncSession, wanted: Any, number: dict[UUID, int]) -> dict[str, Any]:
    reliability, recent = np.full(len(number), UNKNOWN, np.int64), np.zeros(len(number), np.int64)
    told = select(TeamStanding.team_id, TeamStanding.reliability, TeamStanding.recent)
    ours = told.where(col(TeamStanding.team_id).in_(wanted))
    for team_id, points, services in await _of(number, session, ours):
        reliability[number[team_id]], recent[number[team_id]] = points, services
    return {"reliability": reliability, "recent": recent}


async def _skills(session: AsyncSession, wanted: Any, number: dict[UUID, int]) -> dict[str, Any]:
    column = {code: n for n, code in enumerate(specialties())}
    ours = select(TeamSpecialty).where(
        col(TeamSpecialty.team_id).in_(wanted), col(TeamSpecialty.specialty).in_(column)
    )
    told = (TeamSpecialty.team_id, TeamSpecialty.specialty, TeamSpecialty.level)
    held = await _of(number, session, ours, *told, TeamSpecialty.proof_no, TeamSpecialty.proof_until)
    return {
        "skill_team": np.array([number[one.team_id] for one in held], np.int64),
        "skill_specialty": np.array([column[one.specialty] for one in held], np.int64),
        "skill_level": np.array([one.level for one in held], np.int64),
        "skill_until": np.array(
            [_day(one.proof_until, NO_END) if one.proof_no else NO_DAY for one in held], np.int64
        ),
    }


async def _named(session: AsyncSession, teams: Any) -> Any:
    """The organisations that any team names as its area."""
    named = {UUID(area) for team in teams for area in team.area_ids}
    query = select(Organisation.id, Organisation.path).where(col(Organisation.id).in_(named))
    return await columns(session, query) if named else []


def _areas(teams: Any, tree: Tree, paths: dict[str, str]) -> dict[str, Any]:
    named = [
        (n, tree.rows[paths[area]])
        for n, team in enumerate(teams)
        for area in team.area_ids
        if paths.get(area) in tree.rows
    ]
    return {
        "area_team": np.array([n for n, _ in named], np.int32),
        "area_organisation": np.array([area for _, area in named], np.int32),
    }


async def _prices(session: AsyncSession, wanted: Any, number: dict[UUID, int]) -> dict[str, Any]:
    dated = select(TeamPrice).where(
        col(TeamPrice.team_id).in_(wanted), col(TeamPrice.day) >= (now() - DATED_SINCE).date()
    )
    told = await _of(number, session, dated, TeamPrice.team_id, TeamPrice.day, TeamPrice.permille)
    return {
        "price_team": np.array([number[one.team_id] for one in told], np.int32),
        "price_day": np.array([day_number(one.day) for one in told], np.int32),
        "price_permille": np.array([one.permille for one in told], np.int32),
    }


async def _exceptions(
    session: AsyncSession, wanted: Any, number: dict[UUID, int]
) -> tuple[tuple[int, int, bytes], ...]:
    dated = select(TeamException).where(
        col(TeamException.team_id).in_(wanted), col(TeamException.day) >= (now() - DATED_SINCE).date()
    )
    told = await _of(number, session, dated, TeamException.team_id, TeamException.day, TeamException.free)
    return tuple((number[one.team_id], day_number(one.day), bytes.fromhex(one.free)) for one in told)
