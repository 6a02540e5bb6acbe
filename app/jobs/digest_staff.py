"""The desk hears in the morning what waits for it."""

from datetime import datetime

from app.house import House
from app.services import digest


async def run(house: House, at: datetime, limit: int = 100) -> int:
    """Tell at most `limit` dispatchers for whom it is morning `at` (aware); how many."""
    async with house.database.reading() as session:
        desks = await digest.unheard(session, at, limit)
    if desks:
        async with house.database.transaction() as session:
            await digest.tell(session, desks, at)
    return len(desks)
