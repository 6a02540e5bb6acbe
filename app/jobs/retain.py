"""Once a day: what has been kept as long as its place keeps it is emptied or deleted (services/retention.py)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.house import House
from app.services import picture_keeping, retention, terms


async def run(house: House, at: datetime, limit: int = 100) -> int:
    """At most `limit` rows of each kind and center, each batch in a short transaction of its own; how many."""
    async with house.database.reading() as session:
        centers, whole = await terms.centers(session, at), await terms.whole(session, at)
    done = 0
    for center in centers:
        for of_center in retention.OF_A_CENTER.values():
            async with house.database.transaction() as session:
                done += await of_center(session, center, at, limit)
        async with house.database.reading() as session:
            pictures = await picture_keeping.of_orders(session, center, limit)
        done += await _forget(house, pictures)
    for of_all in retention.OF_ALL.values():
        async with house.database.transaction() as session:
            done += await of_all(session, whole, at, limit)
    async with house.database.reading() as session:
        pictures = await picture_keeping.loose(session, at, limit)
    return done + await _forget(house, pictures)


async def _forget(house: House, pictures: Sequence[Any]) -> int:
    """The bytes outside of any transaction, then the rows that named them."""
    for one in pictures:
        await house.store.delete(one.storage_key)
    if not pictures:
        return 0
    async with house.database.transaction() as session:
        return await picture_keeping.forget(session, [one.id for one in pictures])
