"""What the database may do to a transaction, and what the caller is then told."""

import asyncio
from pathlib import Path
from uuid import uuid4

from sqlmodel import col, update

from app.errors import Unavailable
from app.house import build
from app.models.base import new_id
from app.models.idempotency import IdempotencyRecord
from tests.conftest import settings_for
from tests.postgres import Server


async def test_who_loses_a_deadlock_is_told_to_try_again(
    server: Server, blank_database: str, tmp_path: Path
) -> None:
    """Only PostgreSQL has deadlocks: SQLite has one writer."""
    house = build(settings_for(server.create(f"sidan_{uuid4().hex}", template=blank_database), tmp_path))
    people = [new_id(), new_id()]
    async with house.database.transaction() as session:
        session.add_all(IdempotencyRecord(person_id=one, key="deadlock", digest="") for one in people)
    met = asyncio.Barrier(2)

    async def touch(first: int) -> None:
        async with house.database.transaction() as session:
            for number, person in enumerate((people[first], people[1 - first])):
                await session.exec(
                    update(IdempotencyRecord)
                    .where(col(IdempotencyRecord.person_id) == person)
                    .values(digest=str(first))
                )
                if number == 0:
                    await met.wait()

    outcomes = await asyncio.gather(touch(0), touch(1), return_exceptions=True)
    assert [type(one) for one in outcomes if one is not None] == [Unavailable], outcomes
    await house.close()
