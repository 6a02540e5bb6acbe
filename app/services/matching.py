"""配单: one order before the teams of its center.

The core (app/domain/matching) knows no table and no clock. This room tells it what the order asks for and, when it
asks, what a few teams have promised; and gives the ranking back its names.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.beneficiary import NEEDS_TWO
from app.domain.gender import Gender
from app.domain.hours import slots_needed, window_slots
from app.domain.matching.explain import Finding, explain
from app.domain.matching.features import EXCLUSION_ZH, Exclusion, Need, Rows, Wish, Work, day_number
from app.domain.matching.index import TeamIndex
from app.domain.matching.rank import Ranked, Ranking, Search
from app.domain.matching.score import Weights
from app.domain.policy import Policy, effective
from app.domain.taxonomy import languages, specialties
from app.errors import IllegalMove
from app.models.menu import Mode, Risk
from app.models.order import Order
from app.models.organisation import Organisation
from app.services.access import SYSTEM, ancestors, center_of
from app.services.acquaintance import Known, acquaintances
from app.services.center_teams import team_index
from app.services.promises import instant_of, work_of
from app.services.scope import visible

INSTANT = timedelta(microseconds=1)
_WISHES = {None: Wish.NONE, Gender.FEMALE: Wish.FEMALE, Gender.MALE: Wish.MALE}


class SpecialtyRetired(IllegalMove):
    """A hard condition that can no longer be looked up is not dropped in silence."""

    code, title, title_en = (
        "specialty_retired",
        "本单所需专长已不在目录中",
        "A required specialty was retired",
    )


@dataclass(frozen=True)
class Place:
    """What the order's organisation and those above it decide, and the center's revision when it was read."""

    revision: int
    policy: Policy
    handler_path: str

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.policy.time_zone)


@dataclass(frozen=True)
class Occasion:
    """An order, what it needs, and the index of the teams that might serve it."""

    session: AsyncSession
    order: Order
    index: TeamIndex
    need: Need
    weights: Weights
    zone: ZoneInfo

    async def ranking(self, limit: int) -> Ranking:
        """The best teams, in words."""
        return await self._ranking(Search(self.index, self.need, self.weights, limit))

    async def alone(self, team_id: UUID) -> Ranking:
        """One team as if there were no other; nothing ranked when it may not serve."""
        row = self.index.row_of(team_id)
        return await self._ranking(
            Search(self.index, self.need, self.weights, 1, only=-1 if row is None else row)
        )

    async def why_not(self, team_id: UUID) -> tuple[Finding, ...]:
        """Every condition that keeps this team from being offered the order; none when nothing does."""
        row = self.index.row_of(team_id)
        if row is None:
            out = Exclusion.OUT_OF_SCOPE
            return (Finding(out, EXCLUSION_ZH[out], "该队伍不属于本中心"),)
        work = await self._work(np.array([row], np.int32))
        return explain(self.index, self.need, row, work, specialty_names(), language_names())

    def starts_at(self, ranked: Ranked) -> datetime:
        """The first instant at which the whole service fits."""
        return instant_of(self.need, ranked.earliest_start, self.zone)

    async def _ranking(self, search: Search) -> Ranking:
        while (rows := search.wanted()) is not None:
            search.told(await self._work(rows))
        return search.ranking(specialty_names())

    async def _work(self, rows: Rows) -> Work:
        return await work_of(self.session, self.order, self.index, self.need, self.zone, rows)


def specialty_names() -> tuple[str, ...]:
    return tuple(specialty.name for specialty in specialties().values())


def language_names() -> tuple[str, ...]:
    return tuple(language.name for language in languages().values())


async def place_of(session: AsyncSession, order: Order) -> Place:
    """In one statement. `handler_path` is where the order has climbed to."""
    rows = await session.exec(
        select(Organisation.id, Organisation.path, Organisation.revision, Organisation.policy)
        .where(col(Organisation.path).in_(ancestors(order.org_path)))
        .order_by(col(Organisation.path))
    )
    found = rows.all()
    handler = next((path for place_id, path, _, _ in found if place_id == order.handler_id), order.org_path)
    return Place(found[0][2], effective(policy for _, _, _, policy in found), handler)


async def occasion_of(session: AsyncSession, order: Order) -> Occasion:
    """Raises SpecialtyRetired."""
    place = await place_of(session, order)
    index = await team_index(session, center_of(order.org_path), place.revision)
    known = await acquaintances(session, visible(Order, SYSTEM).where(Order.id == order.id))
    need = need_of(order, index, place, known.of(order, index))
    return Occasion(session, order, index, need, place.policy.weights_of(order.category), place.zone)


def need_of(order: Order, index: TeamIndex, place: Place, known: Known) -> Need:
    """What the order asks for, and which teams it knows already. Raises SpecialtyRetired."""
    number = {code: column for column, code in enumerate(specialties())}
    wanted = list(dict.fromkeys(order.required_specialties))
    if not number.keys() >= set(wanted):
        raise SpecialtyRetired
    start, end = order.window_start.astimezone(place.zone), order.window_end.astimezone(place.zone)
    slots = window_slots(start, end)
    first_day, first_slot = slots[0] if slots else (start.date(), 0)
    spoken = list(languages())
    on_site = order.mode is Mode.ON_SITE and order.lat is not None and order.lon is not None
    return Need(
        required=tuple(number[code] for code in wanted),
        levels=tuple(order.required_levels.get(code, 1) for code in wanted),
        needs_proof=tuple(specialties()[code].needs_proof for code in wanted),
        place=(order.lat, order.lon) if on_site else None,  # type: ignore[arg-type]
        organisation=index.tree.rows[order.org_path],
        handler=index.tree.rows[place.handler_path],
        first_day=day_number(first_day),
        first_slot=first_slot,
        slots=len(slots),
        duration_slots=slots_needed(order.duration_minutes),
        day=day_number((end - INSTANT).date()),
        risky=order.risk is Risk.RISKY,
        two=on_site and place.policy.two_person_visits and not NEEDS_TWO.isdisjoint(order.circumstances),
        gender=_WISHES[order.wish_gender],
        language=spoken.index(order.wish_language) if order.wish_language in spoken else -1,
        wish_must=order.wish_must,
        declined=known.declined,
        blocked=known.blocked,
        served=known.served,
    )
