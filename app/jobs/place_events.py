"""Events that nobody has asked for yet get their positions, so that whoever asks first finds little to do."""

from datetime import datetime

from app.house import House
from app.services import feed


async def run(house: House, at: datetime, limit: int = 100) -> int:
    """Give positions to at most `limit` events; how many. The instant `at` does not matter."""
    return await feed.place(house.database, limit)
