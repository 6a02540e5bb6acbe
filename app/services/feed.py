"""The feed: every event of every order, numbered in the order in which it became visible.

Ids are made before a transaction commits, so a reader that follows ids passes by what commits late. Positions are
given after the commit, by one process at a time: when a position can be read, every lower one can be read too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, bindparam, func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import Database, insert_new, table_of
from app.domain.lifecycle import Action, OrderStatus
from app.models.event import FeedPosition, OrderEvent
from app.models.order import Order

_EVENT, _FEED = table_of(OrderEvent), table_of(FeedPosition)
_UNPLACED = select(OrderEvent.id).where(col(OrderEvent.position).is_(None))
_NEXT = bindparam("last", type_=BigInteger()) + func.row_number().over(order_by=col(OrderEvent.id))
_NUMBERED = (
    _UNPLACED.add_columns(_NEXT.label("position"))
    .order_by(col(OrderEvent.id))
    .limit(bindparam("most"))
    .subquery()
)
_HOLD = update(_FEED).where(_FEED.c.id == 1).values(last=_FEED.c.last).returning(_FEED.c.last)
_PLACE = update(_EVENT).where(_EVENT.c.id == _NUMBERED.c.id).values(position=_NUMBERED.c.position)
_ADVANCE = update(_FEED).where(_FEED.c.id == 1).values(last=_FEED.c.last + bindparam("placed"))

COLUMNS: tuple[Any, ...] = (
    OrderEvent.position,
    OrderEvent.id,
    OrderEvent.order_id,
    Order.org_path,
    Order.title,
    OrderEvent.action,
    OrderEvent.from_status,
    OrderEvent.to_status,
    OrderEvent.created_at,
    OrderEvent.seq,
)
_READ = (
    select(*COLUMNS)
    .join(Order, col(Order.id) == OrderEvent.order_id)
    .where(col(OrderEvent.position) > bindparam("after", type_=BigInteger()))
    .order_by(col(OrderEvent.position))
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """One event and where its order belongs; `seq` is the order's version after it."""

    position: int
    id: UUID
    order_id: UUID
    org_path: str
    title: str
    action: Action
    from_status: OrderStatus | None
    to_status: OrderStatus
    at: datetime
    seq: int


async def place(database: Database, limit: int = 1000) -> int:
    """Give the next positions to at most `limit` events that have none; how many it gave.

    Any number of processes may call it at once: whoever holds the row of the last position gives them, the others
    wait for its commit. Nothing is held when there is nothing to place. Raises Unavailable.
    """
    async with database.reading() as session:
        if (await session.exec(_UNPLACED.limit(1))).first() is None:
            return 0
    async with database.transaction() as session:
        connection = await session.connection()
        last = (await connection.execute(_HOLD)).scalar()
        if last is None:
            await insert_new(session, FeedPosition(id=1))
            last = (await connection.execute(_HOLD)).scalar_one()
        placed = (await connection.execute(_PLACE, {"last": last, "most": limit})).rowcount
        if placed:
            await connection.execute(_ADVANCE, {"placed": placed})
        return placed


async def place_all(database: Database, limit: int = 1000) -> None:
    """Place whatever is committed now, in transactions of `limit` events. Raises Unavailable."""
    while await place(database, limit) >= limit:
        pass


async def last(session: AsyncSession) -> int:
    """The last position given; 0 before the first."""
    return (await session.exec(select(FeedPosition.last).where(FeedPosition.id == 1))).first() or 0


async def read(session: AsyncSession, after: int, limit: int) -> list[FeedEvent]:
    """At most `limit` events that follow the position `after`, in their order."""
    rows: Sequence[Any] = (
        await (await session.connection()).execute(_READ, {"after": after, "most": limit})
    ).all()
    return [FeedEvent(*row) for row in rows]
