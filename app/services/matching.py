"""配单: rows in, arrays through the pure core, ids out.

The core (app/domain/matching) knows no table and no clock. This room reads the center's teams and how they
stand now, lays them out as arrays in the order of their ids, and gives the ranking back its names.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import anyio.to_thread
import numpy as np
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.hours import (
    HALF_HOUR,
    Slot,
    slots_needed,
    teams_free_in_window,
    week_rows,
    window_slots,
)
from app.domain.lifecycle import NEVER_AGAIN, OfferStatus, OrderStatus
from app.domain.matching.features import (
    EXCLUSION_ZH,
    NO_DAY,
    NO_END,
    Exclusion,
    Moment,
    Need,
    TeamTable,
    day_number,
)
from app.domain.matching.rank import Factor, Ranked, Ranking, rank
from app.domain.taxonomy import specialties
from app.errors import IllegalMove
from app.models.menu import Mode, Risk
from app.models.offer import Offer
from app.models.order import Order
from app.models.team import Team, TeamException, TeamSpecialty
from app.services.access import SYSTEM, center_of, visible
from app.services.policies import policy_at

SMALL = 2_000
"""Teams up to which ranking is quicker than handing it to a thread."""


class SpecialtyRetired(IllegalMove):
    """A hard condition that can no longer be looked up is not dropped in silence."""

    code, title, title_en = (
        "specialty_retired",
        "本单所需专长已不在目录中",
        "A required specialty was retired",
    )


@dataclass(frozen=True)
class Matches:
    """A ranking with its teams; `slots` are the half hours of the order's window."""

    teams: Sequence[Team]
    ranking: Ranking
    slots: Sequence[Slot]
    zone: ZoneInfo

    def why_not(self, team_id: UUID) -> Exclusion | None:
        """What keeps this team from being offered the order; None when nothing does."""
        index = next((n for n, team in enumerate(self.teams) if team.id == team_id), None)
        return Exclusion.OUT_OF_SCOPE if index is None else self.ranking.why_not(index)

    def team(self, ranked: Ranked) -> Team:
        return self.teams[ranked.index]

    def starts_at(self, ranked: Ranked) -> datetime:
        """The first instant at which the whole service fits."""
        day, slot = self.slots[ranked.earliest_start]
        midnight = datetime(day.year, day.month, day.day, tzinfo=self.zone)
        return midnight + timedelta(minutes=slot * HALF_HOUR)

    def view(self) -> dict[str, Any]:
        """The shape of schemas.match.MatchesOut, also what a dispatch keeps as its receipt."""
        return {
            "items": [
                {
                    "rank": place,
                    "team": {"id": self.team(ranked).id, "name": self.team(ranked).name},
                    "score": round(ranked.score, 6),
                    "earliest_start": self.starts_at(ranked),
                    "factors": [_rounded(factor) for factor in ranked.factors],
                }
                for place, ranked in enumerate(self.ranking.items, start=1)
            ],
            "excluded": [
                {"reason": reason, "text": EXCLUSION_ZH[reason], "teams": len(indices)}
                for reason, indices in self.ranking.excluded.items()
            ],
            "considered": self.ranking.considered,
            "weights_version": self.ranking.weights_version,
        }


def _rounded(factor: Factor) -> dict[str, Any]:
    """Six digits are more than anybody reads, and the same on every machine."""
    return {
        name: round(value, 6) if isinstance(value, float) else value for name, value in asdict(factor).items()
    }


async def matches_for(
    session: AsyncSession, order: Order, limit: int = 10, only: UUID | None = None
) -> Matches:
    """Rank the teams of the order's center; `only` one team, to ask whether it may serve at all."""
    policy = await policy_at(session, order.org_path)
    zone = ZoneInfo(policy.time_zone)
    query = visible(Team, SYSTEM).where(col(Team.org_path).startswith(center_of(order.org_path)))
    if only is not None:
        query = query.where(col(Team.id) == only)
    teams = (await session.exec(query.order_by(col(Team.id)))).all()
    slots = window_slots(order.window_start.astimezone(zone), order.window_end.astimezone(zone))
    table = await _table(session, teams)
    moment = await _moment(session, order, teams, slots, zone)
    need = _need(order, zone)
    names = tuple(specialty.name for specialty in specialties().values())

    def ranked() -> Ranking:
        return rank(table, need, moment, policy.matching, limit, names)

    ranking = ranked() if len(teams) <= SMALL else await anyio.to_thread.run_sync(ranked)
    return Matches(teams, ranking, slots, zone)


def _need(order: Order, zone: ZoneInfo) -> Need:
    columns = {code: number for number, code in enumerate(specialties())}
    wanted = order.required_specialties
    if not columns.keys() >= set(wanted):
        raise SpecialtyRetired
    on_site = order.mode is Mode.ON_SITE and order.lat is not None and order.lon is not None
    return Need(
        required=tuple(columns[code] for code in wanted),
        needs_proof=tuple(specialties()[code].needs_proof for code in wanted),
        place=(order.lat, order.lon) if on_site else None,  # type: ignore[arg-type]
        day=day_number(order.window_end.astimezone(zone).date()),
        duration_slots=slots_needed(order.duration_minutes),
        risky=order.risk is Risk.RISKY,
    )


async def _table(session: AsyncSession, teams: Sequence[Team]) -> TeamTable:
    rows = {team.id: number for number, team in enumerate(teams)}
    columns = {code: number for number, code in enumerate(specialties())}
    level = np.zeros((len(teams), len(columns)), np.int8)
    proof = np.full((len(teams), len(columns)), NO_DAY, np.int32)
    held = await session.exec(
        select(TeamSpecialty).where(col(TeamSpecialty.team_id).in_(rows)).order_by(col(TeamSpecialty.id))
    )
    for one in held:
        if one.specialty in columns:
            cell = rows[one.team_id], columns[one.specialty]
            level[cell] = one.level
            proof[cell] = _until(one.proof_until) if one.proof_no else NO_DAY
    return TeamTable(
        lat=np.array([team.lat for team in teams], np.float64),
        lon=np.array([team.lon for team in teams], np.float64),
        radius_km=np.array([team.radius_km for team in teams], np.float64),
        level=level,
        proof_until=proof,
        active=np.array([team.active for team in teams], np.bool_),
        adults_only=np.array([team.adults_only for team in teams], np.bool_),
        insured_until=np.array(
            [NO_DAY if team.insured_until is None else day_number(team.insured_until) for team in teams],
            np.int32,
        ),
        capacity=np.array([team.capacity for team in teams], np.int16),
    )


def _until(day: date | None) -> int:
    """A proof with a number and no last day does not run out."""
    return NO_END if day is None else day_number(day)


async def _moment(
    session: AsyncSession, order: Order, teams: Sequence[Team], slots: Sequence[Slot], zone: ZoneInfo
) -> Moment:
    rows = {team.id: number for number, team in enumerate(teams)}
    exceptions = await session.exec(
        select(TeamException).where(
            col(TeamException.team_id).in_(rows), col(TeamException.day).in_({day for day, _ in slots})
        )
    )
    on_duty = teams_free_in_window(
        week_rows([team.weekly for team in teams]),
        [(rows[one.team_id], one.day, one.free) for one in exceptions],
        slots,
    )
    taken, open_work = await _commitments(session, order, rows, slots, zone)
    capacity = np.array([team.capacity for team in teams], np.int16)[:, np.newaxis]
    declined = np.zeros(len(teams), np.bool_)
    asked = await session.exec(
        visible(Offer, SYSTEM).where(Offer.order_id == order.id, col(Offer.status).in_(NEVER_AGAIN))
    )
    for offer in asked:
        if offer.team_id in rows and offer.status is not OfferStatus.OPEN:
            declined[rows[offer.team_id]] = True
    return Moment(
        on_duty=on_duty,
        free=np.where(on_duty, np.maximum(capacity - taken, 0), 0).astype(np.int16),
        open_work=open_work,
        declined=declined,
        in_scope=np.ones(len(teams), np.bool_),
    )


async def _commitments(
    session: AsyncSession, order: Order, rows: dict[UUID, int], slots: Sequence[Slot], zone: ZoneInfo
) -> tuple[Any, Any]:
    """How many orders each team serves in each half hour of the window, and how many it has in hand."""
    taken = np.zeros((len(rows), len(slots)), np.int16)
    open_work = np.zeros(len(rows), np.int16)
    position = {slot: number for number, slot in enumerate(slots)}
    busy = visible(Order, SYSTEM).where(
        col(Order.team_id).in_(rows),
        col(Order.status).in_((OrderStatus.ACCEPTED, OrderStatus.IN_SERVICE)),
        col(Order.id) != order.id,
    )
    for other in await session.exec(busy):
        row = rows[other.team_id]  # type: ignore[index]
        open_work[row] += 1
        for slot in _touched(other, zone):
            if slot in position:
                taken[row, position[slot]] += 1
    return taken, open_work


def _touched(order: Order, zone: ZoneInfo) -> list[Slot]:
    """Every half hour that a scheduled order touches, even in part."""
    half = timedelta(minutes=HALF_HOUR)
    start, end = (instant.astimezone(zone) for instant in order.schedule)
    start -= timedelta(minutes=start.minute % HALF_HOUR, seconds=start.second, microseconds=start.microsecond)
    rounded = -(-(end - start) // half)
    return window_slots(start, start + rounded * half) if rounded else []
