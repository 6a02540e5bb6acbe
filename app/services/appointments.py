"""约定: the agreed time of an order, who is reminded of it, and the team's word that it comes."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.domain.appointments import confirms, look, reminders, said
from app.domain.lifecycle import Action, OrderStatus
from app.domain.policy import Policy
from app.domain.reminders import REMINDERS, Reminder
from app.domain.roles import Permission
from app.models.notification import Notification
from app.models.order import Order
from app.services import orders
from app.services.access import Actor, require_on
from app.services.moves import move
from app.services.notifications import audience_of, remind
from app.services.policies import policy_at


def agreed(order: Order, team_id: UUID, start: datetime, at: datetime, policy: Policy) -> dict[str, Any]:
    """The columns of an order for which `team_id` agrees at `at` to come at `start`.

    The window gives way where it must: the service lies within it.
    """
    rule = policy.appointments
    end = start + timedelta(minutes=order.duration_minutes)
    confirmed = confirms(at, start, rule)
    missed_at = max(at, start) + timedelta(minutes=rule.no_show_minutes)
    return {
        "team_id": team_id,
        "scheduled_start": start,
        "scheduled_end": end,
        "window_start": min(order.window_start, start),
        "window_end": max(order.window_end, end),
        "confirmed_at": at if confirmed else None,
        "step_at": look(at, start, missed_at, confirmed=confirmed, policy=rule).next_at,
    }


async def book(session: AsyncSession, order: Order, policy: Policy) -> None:
    """Write the reminders of an accepted order for those concerned now; each once, however often this is called."""
    start, _ = order.schedule
    reason, confirmed = when(order, policy), order.confirmed_at is not None
    for kind, due_at in reminders(now(), start, confirmed=confirmed, policy=policy.appointments):
        for audience in REMINDERS[kind]:
            people = await audience_of(session, order, audience, [order.team_id] if order.team_id else [])
            await remind(session, order, kind, audience, people, due_at, reason)


async def withdraw(
    session: AsyncSession, order: Order, kinds: Collection[Reminder], people: Collection[UUID] | None = None
) -> None:
    """Do not say these later any more: to nobody, or not to these `people`."""
    at = now()
    planned = update(Notification).where(
        col(Notification.order_id) == order.id,
        col(Notification.kind).in_([kind.value for kind in kinds]),
        col(Notification.due_at) > at,
        col(Notification.voided_at).is_(None),
    )
    if people is not None:
        planned = planned.where(col(Notification.person_id).in_(people))
    await session.exec(
        planned.values(voided_at=at, send_at=None).execution_options(synchronize_session=False)
    )


def when(order: Order, policy: Policy) -> str:
    """The agreed time in words."""
    return said_at(order.schedule[0], policy)


def said_at(start: datetime, policy: Policy) -> str:
    """A time in words, at the place whose policy it is."""
    return said(start, ZoneInfo(policy.time_zone))


async def confirm(session: AsyncSession, actor: Actor, order_id: UUID) -> Order:
    """The team says again that it comes; said twice is said once. Raises IllegalMove, Forbidden."""
    order = await orders.get(session, actor, order_id)
    require_on(actor, Permission.OFFERS_ANSWER, order)
    if order.status is OrderStatus.ACCEPTED and order.confirmed_at is not None:
        return order
    policy = await policy_at(session, order.org_path)
    at = now()
    changes: dict[str, Any] = {"confirmed_at": at}
    if order.scheduled_start is not None and order.due_at is not None:
        rule = policy.appointments
        todo = look(at, order.scheduled_start, order.due_at, confirmed=True, policy=rule)
        changes["step_at"] = todo.next_at or at
    same = [col(Order.team_id) == order.team_id, col(Order.scheduled_start) == order.scheduled_start]
    order = await move(session, actor, order, Action.CONFIRM, where=same, changes=changes)
    await withdraw(session, order, [Reminder.ASK_CONFIRM])
    await book(session, order, policy)
    return order


async def look_later(session: AsyncSession, order: Order, next_at: datetime | None) -> None:
    """Nothing happened, so there is no event; but the clock looks again later."""
    await session.exec(
        update(Order)
        .where(col(Order.id) == order.id, col(Order.version) == order.version)
        .values(step_at=next_at)
        .execution_options(synchronize_session=False)
    )
