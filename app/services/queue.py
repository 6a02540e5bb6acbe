"""The queue of a place: all its approved orders, and what is needed to plan them together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.lifecycle import OrderStatus
from app.domain.matching.features import Need
from app.domain.matching.index import TeamIndex
from app.domain.matching.score import Weights
from app.domain.planning.fitness import UnfitProblem
from app.domain.planning.problem import MOST_ORDERS
from app.domain.policy import PlanningPolicy, Policy, effective
from app.models.order import Order
from app.models.organisation import Organisation
from app.services.access import SYSTEM, ancestors, center_of
from app.services.acquaintance import acquaintances
from app.services.center_teams import team_index
from app.services.columns import columns
from app.services.matching import Place, SpecialtyRetired, need_of
from app.services.promises import BUSY
from app.services.scope import visible

WINDOW_PAST, RETIRED = "window_past", "specialty_retired"


@dataclass(frozen=True)
class Waiting:
    """One order that can be planned."""

    order: Order
    need: Need
    weights: Weights


@dataclass(frozen=True)
class Promise:
    """A row of the index that is busy from `start` to `end`."""

    row: int
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Queue:
    """As it stood at `at`; `left_out` orders cannot be planned, each for a reason."""

    place: Organisation
    at: datetime
    zone: ZoneInfo
    index: TeamIndex
    policy: PlanningPolicy
    waiting: Sequence[Waiting]
    left_out: Sequence[tuple[Order, str]]
    promises: Sequence[Promise]


async def queue_of(session: AsyncSession, place: Organisation, at: datetime) -> Queue:
    """Oldest orders first. Raises UnfitProblem for more orders than one plan can hold."""
    center = center_of(place.path)
    tree = await columns(
        session,
        select(Organisation).where(col(Organisation.path).startswith(center)),
        *(Organisation.id, Organisation.path, Organisation.revision, Organisation.policy),
    )
    decided = _decided({path: policy for _, path, _, policy in tree})
    paths: dict[UUID, str] = {place_id: path for place_id, path, _, _ in tree}
    revision = next(revision for _, path, revision, _ in tree if path == center)
    index = await team_index(session, center, revision)
    approved = visible(Order, SYSTEM).where(
        col(Order.status) == OrderStatus.APPROVED, col(Order.org_path).startswith(place.path)
    )
    orders = list(await session.exec(approved.order_by(col(Order.id)).limit(MOST_ORDERS + 1)))
    if len(orders) > MOST_ORDERS:
        raise UnfitProblem("plan_too_large", f"more than {MOST_ORDERS} orders")
    known = await acquaintances(session, approved)
    waiting, left_out = [], []
    for order in orders:
        policy = decided[order.org_path]
        where = Place(revision, policy, paths.get(order.handler_id, order.org_path))
        try:
            need = need_of(order, index, where, known.of(order, index))
        except SpecialtyRetired:
            left_out.append((order, RETIRED))
            continue
        if order.window_end <= at:
            left_out.append((order, WINDOW_PAST))
        else:
            waiting.append(Waiting(order, need, policy.weights_of(order.category)))
    here = decided[place.path]
    promises = await _promises(session, index, center, at)
    return Queue(place, at, ZoneInfo(here.time_zone), index, here.planning, waiting, left_out, promises)


def _decided(changes: dict[str, Any]) -> dict[str, Policy]:
    """The effective policy of every organisation of a center."""
    return {path: effective(changes[above] for above in ancestors(path)) for path in changes}


async def _promises(session: AsyncSession, index: TeamIndex, center: str, at: datetime) -> list[Promise]:
    busy = visible(Order, SYSTEM).where(
        col(Order.org_path).startswith(center), col(Order.status).in_(BUSY), col(Order.scheduled_end) > at
    )
    told = await columns(session, busy, Order.team_id, Order.scheduled_start, Order.scheduled_end)
    rows = {team_id: index.row_of(team_id) for team_id, _, _ in told}
    return [Promise(row, start, end) for team_id, start, end in told if (row := rows[team_id]) is not None]
