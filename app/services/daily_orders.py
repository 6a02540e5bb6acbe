"""Nobody orders without end: so many a day and person, as a condition of the statement that places an order.

The day is the one of the place (its time zone). What a recurring order brings is not counted: it was asked for,
and approved, once. Two orders of one person that are written at the same moment by different processes do not see
each other, so the number may be overstepped by one for each further process (app/gathering.py never puts two of one
person into one statement).
"""

from datetime import datetime, timedelta
from math import ceil
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Integer, bindparam, exists, func, literal_column, select
from sqlmodel import Uuid, col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import real
from app.db import table_of
from app.domain.policy import Policy
from app.errors import AppError
from app.models.order import Beneficiary, Order, Relation
from app.schemas.order import NeedIn, OrderCreate

SLACK = timedelta(hours=2)
"""Ids carry the time of the machine that made them, and machines differ a little."""


_STAFF: ColumnElement[Any] = literal_column(f"'{Relation.STAFF}'")
"""In the statement and not beside it: a parameter there would be one of the caller's (app/insertion.py)."""


class OrdersADayReached(AppError):
    """`Retry-After` leads to midnight at the place."""

    status, code = 429, "orders_a_day_reached"
    title, title_en = "今天点单次数已达上限，请明天再试", "No more orders today"


def is_staffs(wanted: NeedIn) -> bool:
    """Whether somebody orders for another on duty."""
    return wanted.beneficiary is not None and wanted.beneficiary.relation is Relation.STAFF


def room_left(*, staff: bool) -> ColumnElement[bool]:
    """Whether the person may place one more today; binds `person_id` and what `counted` gives."""
    by_staff = exists().where(
        col(Beneficiary.id) == Order.beneficiary_id, col(Beneficiary.relation) == _STAFF
    )
    placed = (
        select(func.count())
        .select_from(Order)
        .where(
            col(Order.placed_by_id) == bindparam("person_id", type_=Uuid()),
            col(Order.id) >= bindparam("orders_floor", type_=Uuid()),
            col(Order.created_at) >= bindparam("orders_since", type_=table_of(Order).c.created_at.type),
            col(Order.recurring_id).is_(None),
            by_staff if staff else ~by_staff,
        )
    )
    return placed.scalar_subquery() < bindparam("orders_most", type_=Integer())


_ROOM = {staff: select(room_left(staff=staff)) for staff in (False, True)}


def counted(policy: Policy, wanted: OrderCreate, at: datetime) -> dict[str, Any]:
    """The parameters of `room_left`, for an order placed `at` (aware)."""
    begun = _day(policy, at)
    most = policy.spam.staff_orders_a_day if is_staffs(wanted) else policy.spam.orders_a_day
    floor = _floor(real() - (at - begun) - SLACK)
    return {"orders_since": begun, "orders_floor": floor, "orders_most": most}


async def require_room(
    session: AsyncSession, person_id: UUID, policy: Policy, wanted: OrderCreate, at: datetime
) -> None:
    """Why nothing was written. Raises OrdersADayReached."""
    asked = {"person_id": person_id, **counted(policy, wanted, at)}
    if not (await (await session.connection()).execute(_ROOM[is_staffs(wanted)], asked)).scalar_one():
        left = _day(policy, at) + timedelta(days=1) - at
        raise OrdersADayReached(headers={"Retry-After": str(max(1, ceil(left.total_seconds())))})


def _day(policy: Policy, at: datetime) -> datetime:
    """When the day of `at` began at the place."""
    return at.astimezone(ZoneInfo(policy.time_zone)).replace(hour=0, minute=0, second=0, microsecond=0)


def _floor(at: datetime) -> UUID:
    """No id made since `at` is smaller (RFC 9562 5.7: milliseconds come first), so the index begins here."""
    return UUID(int=int(at.timestamp() * 1000) << 80)
