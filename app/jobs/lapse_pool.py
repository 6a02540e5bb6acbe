"""Orders that no team took from the pool in time."""

from datetime import datetime

from app.db import Database
from app.jobs.sweep import sweep
from app.services import lapsing


async def run(database: Database, at: datetime, limit: int = 100) -> int:
    """Take orders unclaimed by `at` (aware) out of the pool; how many."""
    return await sweep(database, lapsing.unclaimed(at), lapsing.lapse_pool, limit)
