"""What the trail has kept long enough is deleted, from its front: by the longest time that any place asks for."""

from datetime import datetime

from app.house import House
from app.services import audit_chain, terms


async def run(house: House, at: datetime, limit: int = 100) -> int:
    """Delete at most `limit` entries that are too old at `at` (aware); how many."""
    async with house.database.transaction() as session:
        return await audit_chain.forget(session, (await terms.whole(session, at)).trail, limit)
