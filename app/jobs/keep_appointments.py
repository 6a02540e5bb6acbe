"""Accepted orders around their agreed time, questions to stand by, and orders for which a standby is waiting."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from app.house import House
from app.jobs.sweep import sweep
from app.models.order import Order
from app.services import keeping, standby


async def run(house: House, at: datetime, limit: int = 100) -> int:
    """Keep what is due by `at` (aware); the number of orders looked after, at most `limit` of each sort."""

    async def keep(session: AsyncSession, order: Order) -> None:
        await keeping.keep(session, order, at)

    async def lapse(session: AsyncSession, order: Order) -> None:
        await standby.lapse(session, order, at)

    kept = await sweep(house.database, keeping.due(at), keep, limit)
    stepped_in = await sweep(house.database, standby.waiting(at), standby.step_in, limit)
    lapsed = await sweep(house.database, standby.unanswered(at), lapse, limit)
    return max(kept, stepped_in, lapsed)
