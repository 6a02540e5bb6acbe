"""The only door through which a status changes.

A move is compare-and-set: `UPDATE … WHERE id = ? AND status = <the one seen>`. Two callers may both see
`offered`; one of the two updates finds the row, the other finds nothing and is told so (409). The event, the
notices and the new deadline are written with it, so none of them can be forgotten.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.domain.deadlines import deadline
from app.domain.lifecycle import MOVES, OFFER_MOVES, STATUS_ZH, Action, OrderStatus
from app.domain.policy import Policy
from app.domain.roles import Role
from app.errors import IllegalMove
from app.models.event import OrderEvent
from app.models.offer import Offer
from app.models.order import Order
from app.services.access import Actor, require_on
from app.services.notifications import tell, void_reminders
from app.services.policies import policy_at

UNSTAFFED = {"team_id": None, "scheduled_start": None, "scheduled_end": None}
"""The columns that change when a team no longer stands behind an order."""

BY_HAND = {"auto": False, "step_at": None}
"""The columns that change when a dispatcher takes an order into their own hands."""


async def hold(session: AsyncSession, order: Order) -> Order:
    """The order as it is now, and as it stays until this transaction ends.

    For who must first read what belongs to it, its offers or its crew: whoever writes those writes the order first.
    """
    held = await session.exec(
        update(Order)
        .where(col(Order.id) == order.id)
        .values(version=Order.version)
        .returning(Order)
        .execution_options(populate_existing=True, synchronize_session=False)
    )
    found: Order = held.scalar_one()
    return found


async def move(
    session: AsyncSession,
    actor: Actor,
    order: Order,
    action: Action,
    *,
    team_id: UUID | None = None,
    asked: Collection[UUID] = (),
    instead: UUID | None = None,
    crew: bool = False,
    at_path: str | None = None,
    reason: str = "",
    data: dict[str, Any] | None = None,
    where: Sequence[ColumnElement[bool]] = (),
    changes: dict[str, Any] | None = None,
) -> Order:
    """Take `order` (as seen) through `action`, or raise Forbidden or IllegalMove and change nothing.

    `team_id` is the team concerned where it is not the order's own, `asked` are teams that were or are asked,
    `instead` the one asked from now on; `crew` says that the actor serves on it; `at_path` is the department
    concerned; `where` are further conditions of the compare-and-set; `changes` are columns set along with it. Who
    moves an order moves it before its offers.
    """
    rule = MOVES[action]
    role = require_on(actor, rule.permission, order, team_id=team_id, crew=crew, at=at_path)
    seen = order.status
    if seen not in rule.sources:
        raise refused(seen)
    at = now()
    values: dict[str, Any] = {"version": Order.version + 1, **(changes or {})}
    if rule.target is not None:
        policy = await policy_at(session, order.org_path)
        values = _entered(order, rule.target, at, policy, changes or {}) | values
    teams = [one for one in (team_id or order.team_id,) if one]
    moved = await session.exec(
        update(Order)
        .where(col(Order.id) == order.id, col(Order.status) == seen, *where)
        .values(values)
        .returning(Order)
        .execution_options(populate_existing=True, synchronize_session=False)
    )
    if moved.scalar_one_or_none() is None:
        raise IllegalMove("订单刚刚被他人处理或条件已改变，请刷新后再试")
    session.add(event_of(order, action, seen, role, actor, reason, data))
    await tell(
        session, order, action, teams=teams, asked=asked, instead=instead, reason=reason, by=actor.person_id
    )
    if seen is OrderStatus.ACCEPTED and rule.target is not None:
        await void_reminders(session, order, at)
    return order


def _entered(
    order: Order, status: OrderStatus, at: datetime, policy: Policy, changes: Mapping[str, Any]
) -> dict[str, Any]:
    """The columns that say since when an order is in `status`, until when it should be, and when to look again."""
    schedule = (
        changes.get("scheduled_start", order.scheduled_start),
        changes.get("scheduled_end", order.scheduled_end),
    )
    limit = deadline(policy, status, order.category, order.urgency, at, schedule)
    look = {OrderStatus.APPROVED: at if order.auto else None, OrderStatus.ACCEPTED: at}
    return {
        "status": status,
        "status_at": at,
        "due_at": limit.due_at,
        "risk_at": limit.risk_at,
        "overdue_at": None,
        "step_at": look.get(status),
        "pool_path": None,
    }


def event_of(
    order: Order,
    action: Action,
    seen: OrderStatus | None,
    role: Role,
    actor: Actor,
    reason: str = "",
    data: dict[str, Any] | None = None,
) -> OrderEvent:
    """The line of the timeline for a move already made (`order.version` is its number)."""
    return OrderEvent(
        order_id=order.id,
        seq=order.version,
        created_at=now(),
        action=action,
        from_status=seen,
        to_status=order.status,
        actor_id=actor.person_id,
        actor_role=role,
        reason=reason,
        data=data or {},
    )


async def move_offers(
    session: AsyncSession,
    action: Action,
    *where: ColumnElement[bool],
    changes: dict[str, Any] | None = None,
) -> list[Offer]:
    """Take every offer that matches and may make this move through it; the moved ones, possibly none."""
    sources, target = OFFER_MOVES[action]
    moved = await session.exec(
        update(Offer)
        .where(col(Offer.status).in_(sources), *where)
        .values({"status": target, "answered_at": now(), **(changes or {})})
        .returning(Offer)
        .execution_options(populate_existing=True, synchronize_session=False)
    )
    return list(moved.scalars())


def refused(seen: OrderStatus) -> IllegalMove:
    return IllegalMove(f"订单现在是“{STATUS_ZH[seen]}”，不能进行此操作")
