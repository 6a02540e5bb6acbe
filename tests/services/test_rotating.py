"""The key of the personal data is changed while people go on working, and nobody loses a word."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import LargeBinary, bindparam, select, type_coerce, update

from app.db import Database, table_of
from app.house import House, build
from app.models.order import Order
from app.models.person import Person
from app.sealing import Unsealable
from app.services import rotating
from app.services.rotating import Rotated, UnknownKey, rotate, sealed_tables, status
from app.services.verify import verify
from tests.conftest import client_of
from tests.factories import District, plant
from tests.stories import Story, tell

NEW = SecretStr("the key that comes after the first one")


@asynccontextmanager
async def rekeyed(house: House, *previous: SecretStr) -> AsyncIterator[House]:
    """Another process on the same database, which seals by the new key."""
    other = build(house.settings.model_copy(update={"data_key": NEW, "previous_data_keys": previous}))
    try:
        yield other
    finally:
        await other.close()


async def raw(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every sealed column as the bytes that it is."""
    found = {}
    async with database.reading() as session:
        for table, names in sealed_tables():
            bare = [type_coerce(table.c[name], LargeBinary) for name in names]
            rows = await (await session.connection()).execute(select(*table.primary_key, *bare))
            found[table.name] = sorted((tuple(row) for row in rows), key=str)
    return found


async def test_a_rotation_under_load_loses_nothing(fresh_house: House) -> None:
    async with client_of(fresh_house) as client:
        story = await tell(fresh_house, client)
    first = fresh_house.settings.data_key
    async with rekeyed(fresh_house, first) as both, rekeyed(fresh_house, first) as apart:
        async with client_of(both) as client:
            story.client = client
            words, done = await _while(story, rotate(apart.database, at_once=10))
        assert done.rows > 100
        assert (await rotate(apart.database)).left == 0
        assert (await rotate(apart.database)).rows == 0, "there is nothing left to do"
        assert {one.current for one in await status(both.database)} == {True}
    async with rekeyed(fresh_house) as alone, client_of(alone) as client:
        story.client = client
        await _read_everything(story, words)
        assert await verify(alone.database) == []


async def _while(story: Story, deed: Awaitable[Rotated]) -> tuple[dict[str, str], Rotated]:
    """Place, read and cancel orders, and take another name, as long as `deed` lasts; what was written."""
    task = asyncio.ensure_future(deed)
    words: dict[str, str] = {}
    while not task.done() or not words:
        name = f"during {len(words)}"
        words[name] = f"第{len(words)}次的话"
        at = await story.placed(name, detail=words[name])
        await story.call("resident", "PATCH", "/me", {"name": words[name]})
        await story.call("resident", "POST", f"{at}/cancel", {"reason": words[name]})
        assert (await story.call("resident", "GET", at))["detail"] == words[name]
    return words, await task


async def _read_everything(story: Story, words: dict[str, str]) -> None:
    for name, order_id in story.orders.items():
        if name == "other_center":
            continue
        order = await story.call("admin", "GET", f"/orders/{order_id}")
        told = await story.call("admin", "GET", f"/orders/{order_id}/events")
        if name in words:
            assert order["detail"] == words[name]
            assert words[name] in str(told)
    assert (await story.call("resident", "GET", "/me"))["name"] == list(words.values())[-1]


@pytest.fixture
async def district(fresh_house: House) -> District:
    """A center with one order, sealed by the first key."""
    planted = await plant(fresh_house)
    async with client_of(fresh_house) as client:
        answer = await client.post(
            "/orders", json=planted.order_body(), headers=planted.as_("resident", key="an-order-1")
        )
    assert answer.status_code == 201
    return planted


async def test_what_was_changed_meanwhile_is_not_overwritten(fresh_house: House, district: District) -> None:
    me, people = district["resident"].id, table_of(Person)
    async with rekeyed(fresh_house, fresh_house.settings.data_key) as new:
        ring = new.database.keyring
        async with new.database.transaction() as session:
            seen = await rotating._stale(session, people, ("name", "phone"), ring.current, None, 100)
        made = rotating._renewed(ring, people, ("name", "phone"), seen, {})
        async with fresh_house.database.transaction() as session:
            await session.exec(update(Person).where(people.c.id == me).values(name="换了名字"))
        async with new.database.transaction() as session:
            await rotating._reseal(session, people, made)
        assert (await rotate(new.database)).left == 0
        async with new.database.reading() as session:
            assert (await session.get_one(Person, me)).name == "换了名字"


async def test_an_unknown_key_is_refused_and_changes_nothing(fresh_house: House, district: District) -> None:
    before = await raw(fresh_house.database)
    async with rekeyed(fresh_house) as stranger:
        with pytest.raises(UnknownKey, match=r"service_order\.detail"):
            await rotate(stranger.database)
        assert {(one.known, one.current) for one in await status(stranger.database)} == {(False, False)}
        with pytest.raises(Unsealable):
            async with stranger.database.reading() as session:
                await session.get(Person, district["resident"].id)
    assert await raw(fresh_house.database) == before


async def test_what_was_damaged_is_named_and_left(fresh_house: House, district: District) -> None:
    orders = table_of(Order)
    bare = type_coerce(orders.c.detail, LargeBinary)
    async with fresh_house.database.transaction() as session:
        connection = await session.connection()
        good = (await connection.execute(select(bare))).scalar_one()
        spoilt = bytes(good[:-1]) + bytes([good[-1] ^ 1])
        await connection.execute(update(orders).values(detail=bindparam("spoilt", spoilt, LargeBinary)))
    async with rekeyed(fresh_house, fresh_house.settings.data_key) as new:
        done = await rotate(new.database)
        assert done.left == 1
        assert [one.split()[0] for one in done.damaged] == ["service_order.detail"]
        async with new.database.reading() as session:
            assert (await (await session.connection()).execute(select(bare))).scalar_one() == spoilt
