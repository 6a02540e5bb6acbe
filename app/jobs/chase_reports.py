"""Departments that were whistled for and did not report in time."""

from datetime import datetime

from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.house import House
from app.jobs.sweep import sweep
from app.models.order import Order
from app.models.whistle import Whistle
from app.services import whistles
from app.services.access import SYSTEM
from app.services.scope import visible
from app.services.waves import WAITING


async def run(house: House, at: datetime, limit: int = 100) -> int:
    """Say so where a report was due by `at` (aware) and the order still waits; how many."""
    late = whistles.unreported(at).with_only_columns(col(Whistle.order_id))
    waiting = visible(Order, SYSTEM).where(col(Order.status).in_(tuple(WAITING)), col(Order.id).in_(late))

    async def miss(session: AsyncSession, order: Order) -> None:
        await whistles.miss(session, order, at)

    return await sweep(house.database, waiting, miss, limit)
