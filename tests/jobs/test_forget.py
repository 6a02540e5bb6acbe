"""What nobody needs any more goes; what somebody may still ask for stays."""

import asyncio
from datetime import timedelta

from sqlmodel import col, select

from app.house import House
from app.jobs import forget
from app.models.base import new_id
from app.models.idempotency import IdempotencyRecord
from app.models.person import Person, RefreshToken, SignIn
from tests.factories import NOW

ANSWER_AGES = {"fresh": timedelta(0), "kept": timedelta(hours=48), "old": timedelta(hours=48, seconds=1)}
EXPIRED = {
    "valid": timedelta(days=-1),
    "watched": timedelta(days=30),
    "dead": timedelta(days=30, seconds=1),
}


async def fill(house: House, answers: dict[str, timedelta], tokens: dict[str, timedelta]) -> None:
    person = Person(name="测试")
    sign_in = SignIn(person_id=person.id)
    async with house.database.transaction() as session:
        for parent in (person, sign_in):
            session.add(parent)
            await session.flush()
        session.add_all(
            IdempotencyRecord(person_id=person.id, key=key, created_at=NOW - age, digest="0" * 64)
            for key, age in answers.items()
        )
        session.add_all(
            RefreshToken(sign_in_id=sign_in.id, digest=digest, expires_at=NOW - ago)
            for digest, ago in tokens.items()
        )


async def left(house: House) -> tuple[set[str], set[str]]:
    async with house.database.transaction() as session:
        answers = set(await session.exec(select(IdempotencyRecord.key)))
        return answers, set(await session.exec(select(RefreshToken.digest)))


async def test_only_the_old_goes(fresh_house: House) -> None:
    await fill(fresh_house, ANSWER_AGES, EXPIRED)
    assert [await forget.run(fresh_house, NOW) for _ in range(2)] == [2, 0]
    assert await left(fresh_house) == ({"fresh", "kept"}, {"valid", "watched"})
    async with fresh_house.database.transaction() as session:
        assert len((await session.exec(select(SignIn).where(col(SignIn.revoked_at).is_(None)))).all()) == 1


async def test_a_batch_is_small_and_two_processes_share_the_work(fresh_house: House, twin: House) -> None:
    ages = {new_id().hex: timedelta(days=40) for _ in range(25)}
    await fill(fresh_house, ages, ages)
    assert await forget.run(fresh_house, NOW, limit=10) == 20
    runs = [forget.run(house, NOW) for house in (fresh_house, twin)]
    assert sum(await asyncio.gather(*runs)) == 30
    assert await left(fresh_house) == (set(), set())
