"""Entries of the trail that have no link yet get theirs: from then on nobody changes one unseen."""

from datetime import datetime

from app.house import House
from app.services import audit_chain


async def run(house: House, at: datetime, limit: int = 100) -> int:
    """Link at most `limit` entries; how many. The instant `at` does not matter."""
    return await audit_chain.extend(house.database, limit)
