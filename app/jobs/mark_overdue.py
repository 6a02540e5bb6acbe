"""Orders whose present state has outlived its limit: marked once, and said to whoever answers for them."""

from datetime import datetime

from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.lifecycle import MOVES, Action
from app.house import House
from app.jobs.sweep import sweep
from app.models.order import Order
from app.services.access import SYSTEM
from app.services.moves import move
from app.services.scope import visible

MARKED = tuple(MOVES[Action.OVERDUE].sources)
"""Whoever is asked or promised has a clock of its own; these states have only this one."""


async def run(house: House, at: datetime, limit: int = 100) -> int:
    """Mark orders due by `at` (aware); how many."""
    late = visible(Order, SYSTEM).where(
        col(Order.status).in_(MARKED), col(Order.due_at) <= at, col(Order.overdue_at).is_(None)
    )

    async def mark(session: AsyncSession, order: Order) -> None:
        unmarked = [col(Order.overdue_at).is_(None)]
        await move(session, SYSTEM, order, Action.OVERDUE, where=unmarked, changes={"overdue_at": at})

    return await sweep(house.database, late, mark, limit)
