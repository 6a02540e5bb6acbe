"""What nobody decided in time is written off, and who asked is told. That it is too late bites by itself."""

from datetime import datetime

from app.house import House
from app.services import approvals


async def run(house: House, at: datetime, limit: int = 100) -> int:
    """At most `limit` of what was to be decided by `at` (aware); how many."""
    async with house.database.transaction() as session:
        return await approvals.lapse(session, at, limit)
