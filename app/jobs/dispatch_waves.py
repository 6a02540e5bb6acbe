"""Orders that the clock dispatches, and those for which it owes the desk a suggestion."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from app.house import House
from app.jobs.sweep import sweep
from app.models.order import Order
from app.services import automation, waves


async def run(house: House, at: datetime, limit: int = 100) -> int:
    """Take the next step with what is due by `at` (aware); the number of orders looked after."""

    async def advance(session: AsyncSession, order: Order) -> None:
        await waves.advance(session, order, at)

    advanced = await sweep(house.database, waves.due(at), advance, limit)
    suggested = await sweep(house.database, automation.unsuggested(at), automation.suggest, limit)
    return max(advanced, suggested)
