"""Which agreed time a stamp belongs to: a service that was interrupted (half-done) has had more than one."""

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.lifecycle import Action, OrderStatus
from app.models.event import OrderEvent
from app.models.order import Order


async def schedule_at(session: AsyncSession, order: Order, at: datetime) -> tuple[datetime, datetime]:
    """The agreed start and end of the visit during which somebody checked in at `at`."""
    return await earlier(session, order, at) or order.schedule


async def earlier(session: AsyncSession, order: Order, at: datetime) -> tuple[datetime, datetime] | None:
    """Those of a visit that was interrupted after `at`; None when `at` belongs to the present appointment."""
    interrupted = (
        select(OrderEvent)
        .where(
            OrderEvent.order_id == order.id,
            col(OrderEvent.action) == Action.POSTPONE,
            col(OrderEvent.from_status) == OrderStatus.IN_SERVICE,
            col(OrderEvent.created_at) >= at,
        )
        .order_by(col(OrderEvent.seq))
        .limit(1)
    )
    event = (await session.exec(interrupted)).one_or_none()
    if event is None:
        return None
    start, end = (datetime.fromisoformat(instant) for instant in event.data["from"])
    return start, end
