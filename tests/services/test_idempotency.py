"""The key's row: claimed first, answered before the commit, gone with a failure, and waited for by a twin."""

import asyncio
from uuid import UUID

import pytest

from app.house import House
from app.models.base import new_id
from app.services.idempotency import Answer, IdempotencyMismatch, begin, digest_of, finish, stored

DIGEST = digest_of("POST", "/api/v1/orders", b"{}")
ANSWER = Answer(201, '{"名":"值"}'.encode())


class Failed(Exception):
    """Something went wrong after the key was claimed."""


def test_a_call_is_its_method_its_path_and_its_body() -> None:
    others = {
        digest_of("PUT", "/api/v1/orders", b"{}"),
        digest_of("POST", "/api/v1/offers", b"{}"),
        digest_of("POST", "/api/v1/orders", b"{ }"),
        digest_of("POST", "/api/v1/orders\n{}", b""),
    }
    assert len(others) == 4
    assert DIGEST not in others
    assert digest_of("POST", "/api/v1/orders", b"{}") == DIGEST
    assert len(DIGEST) == 64


async def test_the_first_answer_is_kept_and_given_again(house: House) -> None:
    person, key = new_id(), new_id().hex
    async with house.database.transaction() as session:
        assert await stored(session, person, key, DIGEST) is None
        assert await begin(session, person, key, DIGEST) is None
        await finish(session, person, key, ANSWER)
    async with house.database.transaction() as session:
        assert await begin(session, person, key, DIGEST) == ANSWER
        assert await stored(session, person, key, DIGEST) == ANSWER
        assert await begin(session, person, new_id().hex, DIGEST) is None
        assert await begin(session, new_id(), key, DIGEST) is None


async def test_another_call_under_the_same_key_is_refused(house: House) -> None:
    person, key = new_id(), new_id().hex
    async with house.database.transaction() as session:
        await begin(session, person, key, DIGEST)
        await finish(session, person, key, ANSWER)
    other = digest_of("POST", "/api/v1/orders", b"[]")
    for ask in (begin, stored):
        with pytest.raises(IdempotencyMismatch):
            async with house.database.transaction() as session:
                await ask(session, person, key, other)


async def fail(house: House, person: UUID, key: str) -> None:
    async with house.database.transaction() as session:
        await begin(session, person, key, DIGEST)
        raise Failed


async def test_a_failure_leaves_the_key_free(house: House) -> None:
    person, key = new_id(), new_id().hex
    for _ in range(2):
        with pytest.raises(Failed):
            await fail(house, person, key)
    async with house.database.transaction() as session:
        assert await begin(session, person, key, DIGEST) is None


@pytest.mark.parametrize("succeeds", [True, False])
async def test_a_twin_waits_and_then_knows(house: House, succeeds: bool) -> None:
    person, key = new_id(), new_id().hex
    claimed, go_on = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with house.database.transaction() as session:
            assert await begin(session, person, key, DIGEST) is None
            claimed.set()
            await go_on.wait()
            if not succeeds:
                raise Failed
            await finish(session, person, key, ANSWER)

    async def twin() -> Answer | None:
        async with house.database.transaction() as session:
            return await begin(session, person, key, DIGEST)

    leading = asyncio.create_task(first())
    await claimed.wait()
    waiting = asyncio.create_task(twin())
    asyncio.get_running_loop().call_soon(go_on.set)
    assert await waiting == (ANSWER if succeeds else None)
    await asyncio.wait({leading})
    assert isinstance(leading.exception(), Failed | None)
