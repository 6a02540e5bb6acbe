"""A center's own past as the county: its orders, its teams, and people as they answered its offers.

Read-only. What is past is replayed as if the teams of today had been there all the time; orders that were
rejected or withdrawn are left out. Of the people only what offers tell is taken over: how often a center's
teams say yes, how one team differs from another, how much goes unread. The rest stays assumed (habits.py).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.domain.beneficiary import VULNERABLE
from app.domain.hours import DAY_SLOTS
from app.domain.lifecycle import OfferStatus, OrderStatus
from app.domain.matching.features import Need, date_of, day_number
from app.domain.matching.index import TeamIndex
from app.domain.matching.score import Weights
from app.domain.policy import Policy, effective
from app.errors import AppError, NotFound
from app.lab.behaviour import Moods
from app.lab.county import County
from app.lab.demand import URGENCIES, Demand
from app.lab.habits import Habits
from app.lab.ties import Ties
from app.models.offer import Offer
from app.models.order import Order
from app.models.organisation import Organisation
from app.services.access import SYSTEM, ancestors
from app.services.acquaintance import Known
from app.services.center_teams import team_index
from app.services.columns import columns
from app.services.matching import Place, SpecialtyRetired, need_of
from app.services.scope import visible

NOT_WANTED: Final = (OrderStatus.SUBMITTED, OrderStatus.REJECTED, OrderStatus.CANCELLED)
SAID: Final = {
    OfferStatus.ACCEPTED: "yes",
    OfferStatus.RELEASED: "yes",
    OfferStatus.DECLINED: "no",
    OfferStatus.LAPSED: "nothing",
}
PRIOR: Final = 20
"""So many answers of the lab's own people are mixed in: a young center's few say little."""

TYPICAL_YES: Final = 0.7
"""What they say (S4.8: about seven of ten orders are taken)."""

TEAM_PRIOR: Final = 8
"""Likewise the center's answers into a single team's (as in matching/reliability.py)."""


class NoHistory(AppError):
    code, status = "no_history", 409
    title, title_en = (
        "该中心在这段时间里没有可用的订单或队伍",
        "The center has no orders or no teams of that time",
    )


@dataclass(frozen=True, eq=False)
class Past:
    """`weights` are those in force at the center; `eager` what its offers tell of each team."""

    county: County
    habits: Habits
    weights: Weights
    eager: Moods


async def past(session: AsyncSession, code: str, days: int) -> Past:
    """The last `days` days of the center with this code. Raises NotFound, NoHistory."""
    path = f"/{code}/"
    tree = await columns(
        session,
        select(Organisation).where(col(Organisation.path).startswith(path)),
        *(Organisation.id, Organisation.path, Organisation.revision, Organisation.policy),
    )
    if not any(place.path == path for place in tree):
        raise NotFound
    changes = {place.path: place.policy for place in tree}
    decided = {one: effective(changes[above] for above in ancestors(one)) for one in changes}
    revision = next(place.revision for place in tree if place.path == path)
    index = await team_index(session, path, revision)
    wanted: Any = visible(Order, SYSTEM).where(
        col(Order.org_path).startswith(path),
        col(Order.created_at) >= now() - timedelta(days=days),
        col(Order.status).not_in(NOT_WANTED),
    )
    orders = list(await session.exec(wanted.order_by(col(Order.created_at), col(Order.id))))
    handlers = {place.id: place.path for place in tree}
    needed: list[tuple[Order, Need]] = []
    for order in orders:
        place = Place(revision, decided[order.org_path], handlers.get(order.handler_id, order.org_path))
        try:
            needed.append((order, need_of(order, index, place, Known(frozenset(), frozenset(), {}))))
        except SpecialtyRetired:
            continue
    if not needed or not index.size:
        raise NoHistory
    county = _county(index, needed, decided[path])
    asked: Any = visible(Offer, SYSTEM).where(
        col(Offer.order_id).in_(wanted.with_only_columns(Order.id)), col(Offer.status).in_(SAID)
    )
    answers = await columns(session, asked, Offer.order_id, Offer.team_id, Offer.status)
    number = {order.id: n for n, (order, _) in enumerate(needed)}
    said = [
        (number[order_id], row, SAID[status])
        for order_id, team_id, status in answers
        if order_id in number and (row := index.row_of(team_id)) is not None
    ]
    return Past(county, _habits(county, said), decided[path].matching, _eager(county, said))


def _county(index: TeamIndex, needed: Sequence[tuple[Order, Need]], policy: Policy) -> County:
    zone = ZoneInfo(policy.time_zone)
    day_zero = day_number(needed[0][0].created_at.astimezone(zone).date())
    orders, needs = [order for order, _ in needed], tuple(need for _, need in needed)
    first = _of((need.first_day - day_zero) * DAY_SLOTS + need.first_slot for need in needs)
    slots = _of(need.slots for need in needs)
    placed = _of(_minute(order.created_at, date_of(day_zero), zone) for order in orders)
    offices = tuple(sorted({need.handler for need in needs}))
    homes = {key: n for n, key in enumerate(dict.fromkeys(order.beneficiary_key for order in orders))}
    demand = Demand(
        placed=placed,
        urgency=_of(URGENCIES.index(order.urgency) for order in orders),
        vulnerable=np.array([not VULNERABLE.isdisjoint(order.circumstances) for order in orders], np.bool_),
        home=_of(homes[order.beneficiary_key] for order in orders),
        office=_of(offices.index(need.handler) for need in needs),
        first=first,
        slots=slots,
        duration=_of(need.duration_slots for need in needs),
        needs=needs,
    )
    return County(
        day_zero=day_zero,
        days=int(placed.max()) // (24 * 60) + 1,
        index=index,
        offices=offices,
        demand=demand,
        volunteers=np.zeros(index.size, np.int64),
        engaged=np.zeros((index.size, max(0, int((first + slots).max())) + DAY_SLOTS), np.int16),
    )


def _of(values: Any) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.fromiter(values, np.int64)


def _minute(at: datetime, first_day: date, zone: ZoneInfo) -> int:
    midnight = datetime.combine(first_day, datetime.min.time())
    return (at.astimezone(zone).replace(tzinfo=None) - midnight) // timedelta(minutes=1)


def _habits(county: County, said: Sequence[tuple[int, int, str]]) -> Habits:
    """The lab's people, as willing and as hard to reach as the center's offers say.

    What distance and skill did to these answers is taken out again, because the replay brings it back.
    """
    habits, ties = Habits(), Ties(county)
    count = Counter(word for _, _, word in said)
    moods = [
        habits.fit * (float(ties.fit(order, np.array([row]))[0]) - 0.5)
        - habits.distance * float(ties.far(order, np.array([row]))[0])
        for order, row, word in said
        if word != "nothing"
    ]
    odds = (count["yes"] + PRIOR * TYPICAL_YES) / (count["no"] + PRIOR * (1 - TYPICAL_YES))
    return replace(
        habits,
        willing=odds / float(np.exp(np.mean(moods))) if moods else habits.willing,
        unread=(count["nothing"] + PRIOR * habits.unread) / (len(said) + PRIOR),
    )


def _eager(county: County, said: Sequence[tuple[int, int, str]]) -> Moods:
    """How much more readily each team says yes than the center's teams on the whole, in log-odds."""
    yes, no = np.zeros((2, county.teams))
    for _, row, word in said:
        if word != "nothing":
            (yes if word == "yes" else no)[row] += 1
    share = (yes.sum() + PRIOR * TYPICAL_YES) / (yes.sum() + no.sum() + PRIOR)
    odds = (yes + TEAM_PRIOR * share) / (no + TEAM_PRIOR * (1 - share))
    return np.asarray(np.log(odds * (1 - share) / share))
