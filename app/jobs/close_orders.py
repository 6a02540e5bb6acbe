"""Delivered orders that nobody rated in time: they close, the crew gets its points, no rating is invented."""

from datetime import datetime

from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.lifecycle import OrderStatus
from app.house import House
from app.jobs.sweep import sweep
from app.models.order import Order
from app.services import closing
from app.services.access import SYSTEM
from app.services.scope import visible


async def run(house: House, at: datetime, limit: int = 100) -> int:
    """Close orders unrated by `at` (aware); how many."""
    due = visible(Order, SYSTEM).where(col(Order.status) == OrderStatus.DELIVERED, col(Order.due_at) <= at)
    return await sweep(house.database, due, _close, limit)


async def _close(session: AsyncSession, order: Order) -> None:
    await closing.close(session, SYSTEM, order)
