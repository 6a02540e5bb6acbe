"""改期: the same team comes at another time, because of the weather, an empty home, or work that is half done."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.domain.lifecycle import Action, OrderStatus
from app.domain.roles import Permission
from app.errors import IllegalMove
from app.models.event import REASON_LENGTH
from app.models.order import Order
from app.schemas.appointment import POSTPONED_ZH, PostponeCause
from app.services import appointments, orders, standby
from app.services.access import Actor, require_on
from app.services.moves import hold, move, refused
from app.services.order_draft import FARTHEST, WindowInPast, WindowTooFar
from app.services.policies import policy_at


class NotBegun(IllegalMove):
    code, title, title_en = "service_not_begun", "服务尚未开始，不能按未完成改期", "Nothing is half done yet"


async def postpone(
    session: AsyncSession,
    actor: Actor,
    order_id: UUID,
    start: datetime,
    cause: PostponeCause,
    reason: str,
) -> Order:
    """Agree on `start` instead; the window gives way, stays and the standby are kept, the team confirms again.

    Raises WindowInPast, WindowTooFar, NotBegun, IllegalMove, Forbidden.
    """
    order = await orders.get(session, actor, order_id)
    require_on(actor, Permission.ORDERS_POSTPONE, order)
    order = await hold(session, order)
    at = now()
    if order.status not in (OrderStatus.ACCEPTED, OrderStatus.IN_SERVICE) or order.team_id is None:
        raise refused(order.status)
    if start == order.scheduled_start:
        raise IllegalMove("约定的就是这个时间")
    if start <= at:
        raise WindowInPast
    if start > at + FARTHEST:
        raise WindowTooFar
    if cause is PostponeCause.HALF_DONE and order.status is not OrderStatus.IN_SERVICE:
        raise NotBegun
    policy = await policy_at(session, order.org_path)
    ready = await standby.of(session, order)
    changes = appointments.agreed(order, order.team_id, start, at, policy)
    before = order.schedule
    words = f"{appointments.said_at(start, policy)}，{POSTPONED_ZH[cause]}：{reason}"[:REASON_LENGTH]
    order = await move(
        session,
        actor,
        order,
        Action.POSTPONE,
        asked=[ready.team_id] if ready else [],
        reason=words,
        data={"cause": cause.value, "from": [instant.isoformat() for instant in before]},
        changes=changes,
    )
    await appointments.book(session, order, policy)
    return order
