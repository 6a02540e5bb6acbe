"""重复点单: orders that may be the same need as this one, shown before it is approved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, union_all
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.domain.geo import cells_around
from app.domain.lifecycle import ENDED, MOVES, Action, OrderStatus
from app.domain.likeness import Likeness, Need, likeness
from app.domain.policy import DuplicatePolicy
from app.domain.roles import Permission
from app.models.order import CLOSED, Order
from app.services import orders
from app.services.access import SYSTEM, Actor, below, center_of, require_at, role_at
from app.services.policies import policy_at
from app.services.scope import visible

MOST = 200
"""Candidates that are compared; the newest, where a whole block of flats orders at once."""
_LIVING = [status for status in OrderStatus if status not in ENDED]


@dataclass(frozen=True, slots=True)
class Double:
    """Another order, and how alike it is."""

    order: Order
    likeness: Likeness


async def listing(session: AsyncSession, actor: Actor, order_id: UUID) -> list[Double]:
    """Most alike first. Raises Forbidden for who does not approve there."""
    order = await orders.get(session, actor, order_id)
    require_at(actor, Permission.ORDERS_APPROVE, order.org_path)
    return await _doubles(session, actor, order)


async def counted(session: AsyncSession, actor: Actor, order: Order) -> int | None:
    """How many there are, for who approves and while it can still be merged; None otherwise."""
    asked = order.status in MOVES[Action.MERGE].sources
    if not asked or role_at(actor, Permission.ORDERS_APPROVE, order.org_path) is None:
        return None
    return len(await _doubles(session, actor, order))


async def _doubles(session: AsyncSession, actor: Actor, order: Order) -> list[Double]:
    policy = (await policy_at(session, order.org_path)).duplicates
    within = timedelta(days=policy.within_days)
    own = need_of(order)
    candidates = await _candidates(session, actor, order, policy, within)
    found = [Double(one, likeness(own, need_of(one), within, policy.metres)) for one in candidates]
    alike = [one for one in found if one.likeness.score * 100 >= policy.percent]
    return sorted(alike, key=lambda one: (-one.likeness.score, one.order.id))


async def _candidates(
    session: AsyncSession, actor: Actor, order: Order, policy: DuplicatePolicy, within: timedelta
) -> Sequence[Order]:
    """Three ways in, because each has an index: what still lives, what was closed lately, whom it serves."""
    since = now() - timedelta(days=policy.closed_days)
    living = col(Order.status).in_(_LIVING)
    closed = and_(CLOSED, col(Order.status_at) >= since)
    may_be = _same_person(order)
    own = and_(col(Order.beneficiary_key) == order.beneficiary_key, or_(living, closed))
    ways = union_all(
        *(select(Order.id).where(way) for way in (and_(living, may_be), and_(closed, may_be), own))
    )
    found = visible(Order, SYSTEM).where(
        col(Order.id).in_(ways),
        col(Order.id) != order.id,
        col(Order.org_path).startswith(center_of(order.org_path)),
        below(Order.org_path, actor.paths(Permission.ORDERS_APPROVE)),
        col(Order.window_start) < order.window_end + within,
        col(Order.window_end) > order.window_start - within,
    )
    return (await session.exec(found.order_by(col(Order.id).desc()).limit(MOST))).all()


def _same_person(order: Order) -> ColumnElement[bool]:
    may_be: list[ColumnElement[bool]] = [false()]
    if order.contact_phone:
        may_be.append(col(Order.contact_hash) == order.contact_phone)
    if order.lat is not None and order.lon is not None:
        may_be.append(col(Order.cell_hash).in_(cells_around(order.lat, order.lon)))
    return or_(*may_be)


def need_of(order: Order) -> Need:
    """What of an order is compared."""
    place = (order.lat, order.lon) if order.lat is not None and order.lon is not None else None
    return Need(
        beneficiary_key=order.beneficiary_key,
        phone=order.contact_phone,
        address=order.address,
        place=place,
        start=order.window_start,
        end=order.window_end,
        category=order.category,
        text=f"{order.title}{order.detail}",
    )
