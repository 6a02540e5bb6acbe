"""Rows that were there before a migration are there after it, with what it adds, and after it is taken back."""

import json
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from app import migrations
from app.db import create_engine
from app.domain.beneficiary import own_key, proxy_key
from tests.conftest import ENGINES, new_url

CHANGED = ("menu_item", "service_order", "team", "volunteer")


@pytest.fixture(params=ENGINES)
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of the first release, with rows in it."""
    made = new_url(request.param, request, tmp_path)
    await migrations.upgrade(made, "0001")
    await _plant(made, "before_0002.sql")
    return made


async def _plant(url: str, file: str) -> None:
    engine = create_engine(url)
    async with engine.begin() as connection:
        for statement in filter(str.strip, (Path(__file__).parent / file).read_text("utf-8").split(";\n")):
            await connection.exec_driver_sql(statement)
    await engine.dispose()


async def _read(url: str, query: str) -> list[tuple[object, ...]]:
    engine = create_engine(url)
    async with engine.connect() as connection:
        found = [tuple(row) for row in await connection.execute(text(query))]
    await engine.dispose()
    return found


async def test_an_order_learns_who_is_served(url: str) -> None:
    await migrations.upgrade(url)
    found = await _read(url, "SELECT beneficiary_key FROM service_order ORDER BY id")
    assert [key for (key,) in found] == [
        own_key(UUID(int=7)),
        proxy_key("/qinghe/", "whoever", "13800000002", "wherever"),
        proxy_key("/qinghe/", "秦奶奶", "", "松岭社区3栋 201"),
    ]


async def test_nothing_is_wished_and_every_team_lends(url: str) -> None:
    await migrations.upgrade(url)
    wishes = "SELECT DISTINCT wish_gender, wish_language, wish_must FROM service_order"
    assert await _read(url, wishes) == [(None, None, False)]
    assert await _read(url, "SELECT travel, lends FROM team") == [("ebike", True)]
    empty = "SELECT count(*) FROM service_order WHERE CAST(circumstances AS text) = '[]'"
    assert await _read(url, f"{empty} AND CAST(required_levels AS text) = '{{}}'") == [(3,)]


async def test_taken_back_the_rows_are_as_they_were(url: str) -> None:
    before = {table: await _read(url, f"SELECT * FROM {table} ORDER BY id") for table in CHANGED}  # noqa: S608
    await migrations.upgrade(url)
    await migrations.downgrade(url, "0001")
    for table, rows in before.items():
        assert await _read(url, f"SELECT * FROM {table} ORDER BY id") == rows  # noqa: S608


@pytest.fixture
async def second(url: str) -> str:
    """A database of the second release, with an order that a team has accepted and one in the pool."""
    await migrations.upgrade(url, "0002")
    await _plant(url, "before_0003.sql")
    return url


async def test_the_clock_finds_what_waits(second: str) -> None:
    await migrations.upgrade(second)
    waiting = "SELECT status, step_at IS NOT NULL, pool_path, auto, wave, ring FROM service_order ORDER BY id"
    assert await _read(second, waiting) == [
        ("accepted", True, None, False, 0, 0),
        ("pooled", False, "/qinghe/", False, 0, 0),
        ("submitted", False, None, False, 0, 0),
    ]
    assert await _read(second, "SELECT standby, excused FROM offer") == [(False, False)]
    assert await _read(second, "SELECT count(*) FROM organisation WHERE CAST(duties AS text) = '[]'") == [
        (2,)
    ]
    assert await _read(second, "SELECT due_at = created_at, send_at, attempts FROM notification") == [
        (True, None, 0)
    ]
    assert await _read(second, "SELECT position FROM order_event") == [(None,)] * 3
    assert await _read(second, "SELECT id, last FROM feed_position") == [(1, 0)]


async def test_taken_back_the_second_release_has_its_rows(second: str) -> None:
    tables = ("organisation", "service_order", "offer", "order_event", "notification")
    before = {table: await _read(second, f"SELECT * FROM {table} ORDER BY id") for table in tables}  # noqa: S608
    await migrations.upgrade(second)
    await migrations.downgrade(second, "0002")
    for table, rows in before.items():
        assert await _read(second, f"SELECT * FROM {table} ORDER BY id") == rows  # noqa: S608


async def test_taken_back_there_is_an_old_word_for_all_that_is_new(second: str) -> None:
    await migrations.upgrade(second)
    await _plant(second, "after_0003.sql")
    await migrations.downgrade(second, "0002")
    assert await _read(second, "SELECT status, version FROM service_order ORDER BY id") == [
        ("accepted", 6),
        ("pooled", 3),
        ("cancelled", 2),
    ]
    told = "SELECT seq, action, from_status, to_status FROM order_event WHERE id > :third ORDER BY id"
    assert await _read(second, told.replace(":third", "'00000000000000000000000000000013'")) == [
        (4, "release", "accepted", "approved"),
        (5, "claim", "approved", "accepted"),
        (6, "urge", "accepted", "accepted"),
        (1, "submit", None, "submitted"),
        (2, "cancel", "submitted", "cancelled"),
    ]
    assert await _read(second, "SELECT status FROM offer ORDER BY id") == [("accepted",), ("recalled",)]
    assert await _read(second, "SELECT dedupe_key FROM notification") == [("one",)]
    places = await _read(
        second, "SELECT level, active, CAST(policy AS text) FROM organisation WHERE code = 'health'"
    )
    assert [(level, active, json.loads(str(policy))) for level, active, policy in places] == [
        ("base", False, {"times": {"normal": {"review": 60}}})
    ]
