"""Offers that no leader answered in time."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import Database
from app.jobs.sweep import sweep
from app.models.order import Order
from app.services import lapsing


async def run(database: Database, at: datetime, limit: int = 100) -> int:
    """Write off offers unanswered by `at` (aware); the number of orders looked after."""

    async def lapse(session: AsyncSession, order: Order) -> None:
        await lapsing.lapse_offers(session, order, at)

    return await sweep(database, lapsing.unanswered(at), lapse, limit)
