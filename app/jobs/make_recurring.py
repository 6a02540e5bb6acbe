"""长期点单: the orders of every series whose next time has come near enough."""

import logging
from datetime import datetime
from uuid import UUID

from sqlmodel import col

from app.db import Database
from app.errors import IllegalMove, Unavailable
from app.house import House
from app.models.recurring import RecurringOrder
from app.services.access import SYSTEM, visible
from app.services.recurring_making import make

log = logging.getLogger(__name__)


async def run(house: House, at: datetime, limit: int = 100) -> int:
    """Look after at most `limit` series that are due at `at` (aware), each in its own transaction; how many."""
    due = visible(RecurringOrder, SYSTEM).where(col(RecurringOrder.next_at) <= at)
    ids = due.with_only_columns(col(RecurringOrder.id)).order_by(col(RecurringOrder.next_at)).limit(limit)
    async with house.database.transaction() as session:
        found = list((await (await session.connection()).execute(ids)).scalars())
    return sum([await _one(house.database, series_id, at) for series_id in found])


async def _one(database: Database, series_id: UUID, at: datetime) -> bool:
    """Held while it is looked after: a second worker passes it by."""
    this = visible(RecurringOrder, SYSTEM).where(
        col(RecurringOrder.id) == series_id, col(RecurringOrder.next_at) <= at
    )
    try:
        async with database.transaction() as session:
            series = (await session.exec(this.with_for_update(skip_locked=True))).one_or_none()
            if series is not None:
                await make(session, series, at)
            return series is not None
    except IllegalMove:
        return False  # somebody was faster, which is what was wanted
    except Unavailable:
        raise
    except Exception:
        log.exception("recurring order %s is left as it was", series_id)
        return False
