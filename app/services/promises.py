"""What a few teams have promised, and what the latest plan means them for: read by the minute, never kept."""

from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Integer, literal, union_all
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.hours import HALF_HOUR
from app.domain.lifecycle import OrderStatus
from app.domain.matching.features import Need, Rows, Work, date_of
from app.domain.matching.index import TeamIndex
from app.domain.matching.pricing import Span, slot_prices
from app.models.order import Order
from app.models.reservation import Reservation
from app.services.access import SYSTEM
from app.services.columns import columns
from app.services.scope import visible

BUSY: Final = (OrderStatus.ACCEPTED, OrderStatus.IN_SERVICE)
_PROMISED: Final = -1


def instant_of(need: Need, half_hour: int, zone: ZoneInfo) -> datetime:
    """When a half hour of the window, counted from 0, begins."""
    day = date_of(need.first_day)
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    return midnight + timedelta(minutes=(need.first_slot + half_hour) * HALF_HOUR)


async def work_of(
    session: AsyncSession, order: Order, index: TeamIndex, need: Need, zone: ZoneInfo, rows: Rows
) -> Work:
    """Of some teams, all orders in hand but this one; and where the plan is in the way, what that costs."""
    place = {index.id_of(row): number for number, row in enumerate(rows.tolist())}
    open_work, taken = np.zeros(len(rows), np.int64), np.zeros((len(rows), need.slots), np.int16)
    planned: list[Span] = []
    zero, half = instant_of(need, 0, zone), timedelta(minutes=HALF_HOUR)
    for team_id, start, end, permille in await columns(session, _spans(order, list(place))):
        row, first, last = place[team_id], max(0, (start - zero) // half), max(0, -((zero - end) // half))
        if permille == _PROMISED:
            open_work[row] += 1
            taken[row, first:last] += 1
        else:
            planned.append((row, first, last, permille))
    return Work(open_work, taken, slot_prices(taken, index.capacity[rows], planned))


def _spans(order: Order, teams: list[Any]) -> Any:
    """Of every order in hand, and of every other waiting order that the plan gives to these teams in the window."""
    promised: Any = visible(Order, SYSTEM).where(
        col(Order.team_id).in_(teams), col(Order.status).in_(BUSY), col(Order.id) != order.id
    )
    planned: Any = (
        select(Reservation)
        .join(Order, col(Order.id) == col(Reservation.order_id))
        .where(
            col(Reservation.team_id).in_(teams),
            col(Reservation.starts_at) < order.window_end,
            col(Reservation.ends_at) > order.window_start,
            col(Order.status) == OrderStatus.APPROVED,
            col(Order.id) != order.id,
        )
    )
    mark = literal(_PROMISED, Integer)
    return union_all(
        promised.with_only_columns(Order.team_id, Order.scheduled_start, Order.scheduled_end, mark),
        planned.with_only_columns(
            Reservation.team_id, Reservation.starts_at, Reservation.ends_at, Reservation.permille
        ),
    )
