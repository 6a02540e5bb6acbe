"""How every job goes through the orders that are due: one at a time, each in its own short transaction.

So one bad row holds up nobody else, and a process that dies leaves the rest to the next tick of any other. The row
is held while it is looked after: a second worker passes it by, and the hold ends with the transaction, however
that ends. A race that is lost all the same costs nothing, because every effect is a compare-and-set.
"""

import logging
from collections.abc import Awaitable, Callable
from uuid import UUID

from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from app import metrics
from app.clock import now
from app.db import Database
from app.errors import IllegalMove, Unavailable
from app.models.order import Order

log = logging.getLogger(__name__)

Deed = Callable[[AsyncSession, Order], Awaitable[object]]


async def sweep(database: Database, due: SelectOfScalar[Order], deed: Deed, limit: int) -> int:
    """Do `deed` to at most `limit` of the orders that `due` selects, oldest first; how many it was done to.

    Orders at which it fails are logged and passed over, so that they cannot fill every batch for ever.
    Raises Unavailable when the database goes away.
    """
    done, after = 0, None
    while done < limit:
        batch = await _batch(database, due, after, limit - done)
        for order_id in batch:
            done += await _one(database, due, deed, order_id)
        if not batch:
            break
        after = batch[-1]
    return done


async def _batch(
    database: Database, due: SelectOfScalar[Order], after: UUID | None, limit: int
) -> list[UUID]:
    ids = due.with_only_columns(col(Order.id)).order_by(col(Order.id)).limit(limit)
    if after is not None:
        ids = ids.where(col(Order.id) > after)
    async with database.transaction() as session:
        return list((await (await session.connection()).execute(ids)).scalars())


async def _one(database: Database, due: SelectOfScalar[Order], deed: Deed, order_id: UUID) -> bool:
    try:
        async with database.transaction() as session:
            order = (
                await session.exec(due.where(Order.id == order_id).with_for_update(skip_locked=True))
            ).one_or_none()
            if order is None:
                return False
            late = _lateness(order)
            await deed(session, order)
        metrics.LAG.labels("orders").observe(late)
        return True
    except IllegalMove:
        return False  # somebody was faster, which is what was wanted
    except Unavailable:
        raise
    except Exception:
        log.exception("order %s is left as it was", order_id)
        return False


def _lateness(order: Order) -> float:
    """Seconds since the last of its times that has passed, which is what brought it here."""
    at = now()
    passed = [at - due for due in (order.step_at, order.due_at) if due is not None and due <= at]
    return min(passed).total_seconds() if passed else 0.0
