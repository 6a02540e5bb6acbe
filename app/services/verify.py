"""`sidan verify`: every invariant of the database, each a query for what breaks it.

The services keep these invariants and the schema guards most of them; here both are doubted. Nothing is
fetched but what is broken, so the answer fits into memory whatever the size of the database.
"""

from sqlalchemy import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import Database, table_of
from app.models.event import OrderEvent
from app.models.order import Order
from app.models.points import PointsEntry
from app.models.service import Attendance
from app.services.verifying import (
    apart,
    blocks,
    clock,
    constraints,
    credited,
    events,
    failing,
    feed,
    kept,
    ledger,
    leftovers,
    looks,
    merging,
    offers,
    outcomes,
    places,
    receipts,
    stays,
    trail,
    whistles,
)
from app.services.verifying.limits import changed
from app.services.verifying.violations import Violation, broken, find

FIXED = (
    *ledger.CHECKS,
    *offers.CHECKS,
    *events.CHECKS,
    *outcomes.CHECKS,
    *places.CHECKS,
    *blocks.CHECKS,
    *leftovers.CHECKS,
    *failing.CHECKS,
    *clock.CHECKS,
    *whistles.CHECKS,
    *merging.CHECKS,
    *feed.CHECKS,
    *apart.CHECKS,
    *kept.CHECKS,
    *looks.CHECKS,
)
COUNTED = (Order, OrderEvent, Attendance, PointsEntry)


async def verify(database: Database) -> list[Violation]:
    """Whatever breaks a rule, of one instant; empty when the database is sound.

    Raises Unavailable. PostgreSQL goes on working meanwhile; on SQLite, which has one writer, writing waits.
    """
    async with database.transaction() as session:
        if database.postgresql:
            snapshot = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
            await session.connection(execution_options=snapshot)
        return await doubt(session)


async def doubt(session: AsyncSession) -> list[Violation]:
    """The same in a transaction that is open: it sees what that has written."""
    policies, found = await changed(session)
    checks = (*FIXED, *credited.checks(policies), *stays.checks(policies), *constraints.checks())
    for check in await broken(session, checks):
        found += await find(session, check)
    return found + await receipts.broken(session) + await trail.broken(session)


async def counted(database: Database) -> dict[str, int]:
    """How many rows of the main tables there were to verify."""
    async with database.transaction() as session:
        return {table_of(model).name: await _rows(session, model) for model in COUNTED}


async def _rows(session: AsyncSession, model: type) -> int:
    total = await (await session.connection()).execute(select(func.count()).select_from(table_of(model)))
    return int(total.scalar_one())
