"""Once it is not as always: one time of a series is left out or moved, before or after its order was placed."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.domain.lifecycle import ENDED
from app.domain.roles import Permission
from app.errors import Conflict, NotFound
from app.models.order import Order
from app.models.recurring import RecurringException, RecurringOrder, RecurringStatus
from app.schemas.order import WindowIn
from app.schemas.recurring_order import ExceptionIn
from app.services import orders, rescheduling
from app.services.access import Actor
from app.services.order_draft import check_window
from app.services.recurring_calendar import begins_of
from app.services.recurring_making import orders_of
from app.services.recurring_orders import change, get, require_own_or


class TimeUnknown(NotFound):
    code, title = "recurring_time_unknown", "长期点单中没有这个时间"
    title_en = "The rule names no such time"


class TimeSettled(Conflict):
    code, title = "recurring_time_settled", "这一次已经过去或已有结果，不能再改"
    title_en = "This time is over, or its order has ended"


async def except_once(
    session: AsyncSession, actor: Actor, series_id: UUID, occurs_at: datetime, wanted: ExceptionIn
) -> RecurringOrder:
    """Skip this time, or move it; an order that was placed for it is cancelled, or rescheduled.

    The series is touched first, so that the clock cannot place the order in this moment from what it read before.
    Saying the same again changes nothing.
    Raises TimeUnknown, TimeSettled, Forbidden, IllegalMove, and what check_window() raises.
    """
    series = await get(session, actor, series_id)
    require_own_or(actor, Permission.ORDERS_RESCHEDULE, series)
    if occurs_at not in begins_of(series):
        raise TimeUnknown
    touched = {"made_until": RecurringOrder.made_until}
    series = await change(session, series, touched, RecurringStatus.REQUESTED, RecurringStatus.ACTIVE)
    row = await _exception(session, series.id, occurs_at)
    if row is not None and row.moved_to == wanted.moved_to:
        return series
    order = (await orders_of(session, series.id)).get(occurs_at)
    if (order is None and occurs_at <= now()) or (order is not None and order.status in ENDED):
        raise TimeSettled
    window = _window(series, wanted.moved_to)
    if window is not None:
        check_window(window, series.wanted["duration_minutes"], now())
    if order is not None:
        await _apply(session, actor, order, window, wanted.reason)
    row = row or RecurringException(recurring_id=series.id, occurs_at=occurs_at, created_at=now())
    row.moved_to, row.reason = wanted.moved_to, wanted.reason
    session.add(row)
    await session.flush()
    if series.status is RecurringStatus.ACTIVE:
        series = await change(session, series, {"next_at": now()}, RecurringStatus.ACTIVE)
    return series


def _window(series: RecurringOrder, starts_at: datetime | None) -> WindowIn | None:
    if starts_at is None:
        return None
    return WindowIn(start=starts_at, end=starts_at + timedelta(minutes=series.window_minutes))


async def _apply(
    session: AsyncSession, actor: Actor, order: Order, window: WindowIn | None, reason: str
) -> None:
    if window is None:
        await orders.call_off(session, actor, order, reason)
    elif window.start != order.window_start:
        await rescheduling.move_to(session, actor, order, window, reason)


async def _exception(
    session: AsyncSession, series_id: UUID, occurs_at: datetime
) -> RecurringException | None:
    found = select(RecurringException).where(
        col(RecurringException.recurring_id) == series_id, col(RecurringException.occurs_at) == occurs_at
    )
    return (await session.exec(found.execution_options(populate_existing=True))).one_or_none()
