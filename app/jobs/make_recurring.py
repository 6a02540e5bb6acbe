"""长期点单: the orders of every series whose next time has come near enough."""

from datetime import datetime

from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.house import House
from app.jobs.sweep import sweep_of
from app.models.recurring import RecurringOrder
from app.services.access import SYSTEM
from app.services.recurring_making import make
from app.services.scope import visible


async def run(house: House, at: datetime, limit: int = 100) -> int:
    """Look after at most `limit` series that are due at `at` (aware); how many."""
    due = visible(RecurringOrder, SYSTEM).where(col(RecurringOrder.next_at) <= at)

    async def place(session: AsyncSession, series: RecurringOrder) -> None:
        await make(session, series, at)

    return await sweep_of(RecurringOrder, house.database, due, place, limit)
