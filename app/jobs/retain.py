"""Once a day: what has been kept as long as its place keeps it is emptied or deleted (services/retention.py)."""

from datetime import datetime

from app.house import House
from app.services import retention


async def run(house: House, at: datetime, limit: int = 100) -> int:
    """At most `limit` rows of each kind and center, each batch in a short transaction of its own; how many."""
    async with house.database.reading() as session:
        places = await retention.centers(session, at)
    done = 0
    for center in places:
        for deed in retention.OF_A_CENTER.values():
            async with house.database.transaction() as session:
                done += await deed(session, center, at, limit)
    async with house.database.transaction() as session:
        return done + await retention.of_nobody(session, at, limit)
