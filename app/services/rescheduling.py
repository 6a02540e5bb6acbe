"""改期: another window for an order that nobody has promised to serve yet."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.domain.lifecycle import MOVES, Action, OrderStatus
from app.domain.policy import Automation
from app.models.order import Order
from app.schemas.order import WindowIn
from app.services import orders
from app.services.access import Actor, require_on
from app.services.moves import move
from app.services.order_draft import check_window
from app.services.policies import policy_at


async def reschedule(
    session: AsyncSession, actor: Actor, order_id: UUID, window: WindowIn, reason: str
) -> Order:
    """By the resident or a dispatcher, before a team is asked. Raises what check_window() raises."""
    return await move_to(session, actor, await orders.get(session, actor, order_id), window, reason)


async def move_to(session: AsyncSession, actor: Actor, order: Order, window: WindowIn, reason: str) -> Order:
    """The center's limits run on, for they are about its answer and not about the day; where the clock dispatches,
    it looks again at once, because other teams are free then.
    """
    require_on(actor, MOVES[Action.RESCHEDULE].permission, order)
    at = now()
    check_window(window, order.duration_minutes, at)
    changes = {"window_start": window.start, "window_end": window.end}
    if await _clock_dispatches(session, order):
        changes["step_at"] = at
    data = {"start": window.start.isoformat(), "end": window.end.isoformat()}
    return await move(session, actor, order, Action.RESCHEDULE, reason=reason, data=data, changes=changes)


async def _clock_dispatches(session: AsyncSession, order: Order) -> bool:
    if order.status is not OrderStatus.APPROVED:
        return False
    policy = await policy_at(session, order.org_path)
    return order.auto or policy.dispatch.mode is Automation.SUGGEST
