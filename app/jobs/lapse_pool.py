"""Orders that no team took from the pool in time."""

from datetime import datetime

from app.house import House
from app.jobs.sweep import sweep
from app.services import lapsing


async def run(house: House, at: datetime, limit: int = 100) -> int:
    """Take orders unclaimed by `at` (aware) out of the pool; how many."""
    return await sweep(house.database, lapsing.unclaimed(at), lapsing.lapse_pool, limit)
