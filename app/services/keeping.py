"""What the clock does with an accepted order: waits, gives it away unconfirmed, or says that nobody came."""

from datetime import datetime

from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from app.domain.appointments import Duty, look
from app.domain.lifecycle import Action, OrderStatus
from app.domain.notices import Audience
from app.domain.policy import Policy
from app.domain.reminders import Reminder
from app.models.order import Order
from app.services import absences, appointments, standby, succession
from app.services.access import SYSTEM
from app.services.notifications import audience_of, remind
from app.services.policies import policy_at
from app.services.scope import visible

UNCONFIRMED = "临近约定时间仍未确认"


def due(at: datetime) -> SelectOfScalar[Order]:
    """Accepted orders at which the clock looks again by `at` (aware)."""
    return visible(Order, SYSTEM).where(col(Order.step_at) <= at, col(Order.status) == OrderStatus.ACCEPTED)


async def keep(session: AsyncSession, order: Order, at: datetime) -> None:
    """Do what the appointment asks for at `at`. Raises IllegalMove when somebody was faster."""
    policy = await policy_at(session, order.org_path)
    start, missed_at = order.schedule[0], order.due_at or order.schedule[1]
    confirmed = order.confirmed_at is not None
    duty, next_at = look(at, start, missed_at, confirmed=confirmed, policy=policy.appointments)
    if duty is Duty.MISS:
        await absences.miss(session, SYSTEM, order, absences.NOBODY)
        return
    if duty is Duty.LAST_CALL:
        if await standby.fit(session, order, await standby.of(session, order)) is not None:
            await succession.leave(session, SYSTEM, order, Action.RELIEVE, UNCONFIRMED)
            return
        await _worry(session, order, at, policy)
    await appointments.look_later(session, order, next_at)


async def _worry(session: AsyncSession, order: Order, at: datetime, policy: Policy) -> None:
    """Nobody has confirmed and nobody stands by: the team is asked once more, the crew told, the desk may ring."""
    teams = [order.team_id] if order.team_id else []
    said = (
        (Reminder.UNCONFIRMED, Audience.STAFF),
        (Reminder.UNCONFIRMED, Audience.TEAM),
        (Reminder.LAST_CALL, Audience.CREW),
    )
    for kind, audience in said:
        people = await audience_of(session, order, audience, teams)
        await remind(session, order, kind, audience, people, at, appointments.when(order, policy))
