"""How every job goes through the rows that are due: one at a time, each in its own short transaction.

So one bad row holds up nobody else, and a process that dies leaves the rest to the next tick of any other. The row
is held while it is looked after: a second worker passes it by, and the hold ends with the transaction, however
that ends. A race that is lost all the same costs nothing, because every effect is a compare-and-set.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from app import metrics
from app.clock import now
from app.db import Database
from app.errors import IllegalMove, Unavailable
from app.jobs.resting import Resting
from app.models.order import Order
from app.models.recurring import RecurringOrder

log = logging.getLogger(__name__)

_resting = Resting()

Row = TypeVar("Row", Order, RecurringOrder)
Deed = Callable[[AsyncSession, Row], Awaitable[object]]


async def sweep(database: Database, due: SelectOfScalar[Order], deed: Deed[Order], limit: int) -> int:
    """Do `deed` to at most `limit` of the orders that `due` selects, oldest first; how many it was done to.

    Orders at which it fails are logged and passed over, so that they cannot fill every batch for ever; each then
    rests for a while (app/jobs/resting.py).
    Raises Unavailable when the database goes away.
    """
    return await sweep_of(Order, database, due, deed, limit)


async def sweep_of(
    model: type[Row], database: Database, due: SelectOfScalar[Row], deed: Deed[Row], limit: int
) -> int:
    """The same for the rows of any `model`."""
    done, after = 0, None
    while done < limit:
        batch = await _batch(model, database, due, after, limit - done)
        for row_id in batch:
            if not _resting.rests(row_id, now()):
                done += await _one(model, database, due, deed, row_id)
        if not batch:
            break
        after = batch[-1]
    return done


async def _batch(
    model: type[Row], database: Database, due: SelectOfScalar[Row], after: UUID | None, limit: int
) -> list[UUID]:
    ids = due.with_only_columns(col(model.id)).order_by(col(model.id)).limit(limit)
    if after is not None:
        ids = ids.where(col(model.id) > after)
    async with database.transaction() as session:
        return list((await (await session.connection()).execute(ids)).scalars())


async def _one(
    model: type[Row], database: Database, due: SelectOfScalar[Row], deed: Deed[Row], row_id: UUID
) -> bool:
    try:
        async with database.transaction() as session:
            mine = due.where(col(model.id) == row_id).with_for_update(skip_locked=True)
            row = (await session.exec(mine)).one_or_none()
            if row is None:
                return False
            late = _lateness(row)
            await deed(session, row)
        metrics.LAG.labels("orders").observe(late)
        _resting.well(row_id)
        return True
    except IllegalMove:
        return False  # somebody was faster, which is what was wanted
    except Unavailable:
        raise
    except Exception:
        metrics.LEFT.labels(model.__name__).inc()
        _resting.failed(row_id, now())
        log.exception("%s %s is left as it was", model.__name__, row_id)
        return False


def _lateness(row: Order | RecurringOrder) -> float:
    """Seconds since the last of its times that has passed, which is what brought it here."""
    at = now()
    times = (row.step_at, row.due_at) if isinstance(row, Order) else (row.next_at,)
    passed = [at - due for due in times if due is not None and due <= at]
    return min(passed).total_seconds() if passed else 0.0
