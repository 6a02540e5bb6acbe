"""Offers that no leader answered in time."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from app.house import House
from app.jobs.sweep import sweep
from app.models.order import Order
from app.services import lapsing


async def run(house: House, at: datetime, limit: int = 100) -> int:
    """Write off offers unanswered by `at` (aware); the number of orders looked after."""

    async def lapse(session: AsyncSession, order: Order) -> None:
        await lapsing.lapse_offers(session, order, at)

    return await sweep(house.database, lapsing.unanswered(at), lapse, limit)
