"""Rows that were there before a migration are there after it, with what it adds, and after it is taken back."""

import json
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import migrations
from app.db import create_engine
from app.domain.beneficiary import own_key, proxy_key
from app.domain.geo import cells_around
from app.models.order import BENEFICIARY, Order
from app.models.person import Person
from app.sealing import Sealed
from app.services.access import SYSTEM
from app.services.scope import visible
from app.settings import settings
from tests.conftest import ENGINES, new_url

NEW = {"approval", "audit_entry", "content_check", "data_consent", "reveal", "sign_in"}
ADDED = {("person", "totp_secret"), ("volunteer", "id_number")}
SEALED = [
    column
    for table in SQLModel.metadata.sorted_tables
    for column in table.columns
    if isinstance(column.type, Sealed) and table.name not in NEW and (table.name, column.name) not in ADDED
]
"""What the third release kept plain."""
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
        blob = "BYTEA" if engine.dialect.name == "postgresql" else "BLOB"
        planted = (Path(__file__).parent / file).read_text("utf-8").replace("{blob}", blob)
        for statement in filter(str.strip, planted.split(";\n")):
            await connection.exec_driver_sql(statement)
    await engine.dispose()


async def _read(url: str, query: str) -> list[tuple[object, ...]]:
    engine = create_engine(url)
    async with engine.connect() as connection:
        found = [tuple(row) for row in await connection.execute(text(query))]
    await engine.dispose()
    return found


async def test_an_order_learns_who_is_served(url: str) -> None:
    await migrations.upgrade(url, "0003")
    found = await _read(url, "SELECT beneficiary_key FROM service_order ORDER BY id")
    assert [key for (key,) in found] == [
        own_key(UUID(int=7)),
        proxy_key("/qinghe/", "whoever", "13800000002", "wherever"),
        proxy_key("/qinghe/", "秦奶奶", "", "松岭社区3栋 201"),
    ]


async def test_nothing_is_wished_and_every_team_lends(url: str) -> None:
    await migrations.upgrade(url, "0003")
    wishes = "SELECT DISTINCT wish_gender, wish_language, wish_must FROM service_order"
    assert await _read(url, wishes) == [(None, None, False)]
    assert await _read(url, "SELECT travel, lends FROM team") == [("ebike", True)]
    empty = "SELECT count(*) FROM service_order WHERE CAST(circumstances AS text) = '[]'"
    assert await _read(url, f"{empty} AND CAST(required_levels AS text) = '{{}}'") == [(3,)]


async def test_taken_back_the_rows_are_as_they_were(url: str) -> None:
    before = {table: await _rows(url, table) for table in CHANGED}
    await migrations.upgrade(url)
    await migrations.downgrade(url, "0001")
    for table, rows in before.items():
        assert await _rows(url, table) == rows


@pytest.fixture
async def second(url: str) -> str:
    """A database of the second release, with an order that a team has accepted and one in the pool."""
    await migrations.upgrade(url, "0002")
    await _plant(url, "before_0003.sql")
    return url


async def test_the_clock_finds_what_waits(second: str) -> None:
    await migrations.upgrade(second, "0003")
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
    before = {table: await _rows(second, table) for table in tables}
    await migrations.upgrade(second)
    await migrations.downgrade(second, "0002")
    for table, rows in before.items():
        assert await _rows(second, table) == rows


async def test_taken_back_there_is_an_old_word_for_all_that_is_new(second: str) -> None:
    await migrations.upgrade(second, "0003")
    await _plant(second, "after_0003.sql")
    await migrations.upgrade(second)
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


@pytest.fixture
async def third(second: str) -> str:
    """A database of the third release, with something in every column that is to be sealed."""
    await migrations.upgrade(second, "0003")
    await _plant(second, "after_0003.sql")
    await _plant(second, "before_0004.sql")
    return second


async def test_what_was_plain_is_sealed_and_read_as_before(third: str) -> None:
    tables = {column.table.name for column in SEALED}
    before = {table: await _read(third, f"SELECT * FROM {table}") for table in tables}  # noqa: S608
    held = {str(value) for rows in before.values() for row in rows for value in row}
    assert {"秦奶奶", "13800000002", "松岭社区 ３栋201"} <= held
    await migrations.upgrade(third)
    for column in SEALED:
        for (kept,) in await _read(third, f"SELECT {column.name} FROM {column.table.name}"):  # noqa: S608
            assert kept is None or isinstance(kept, bytes), column
    engine = create_engine(third, keyring=settings().keyring)
    async with AsyncSession(engine) as session:
        person = (await session.exec(select(Person).where(col(Person.phone_hash) == "13800000001"))).one()
        assert (person.name, person.birth_date) == ("张阿婆", date(1950, 3, 1))
        orders = (await session.exec(visible(Order, SYSTEM).order_by(col(Order.id)))).all()
        hashed = settings().keyring.hashed
        assert [order.address for order in orders[:3]] == ["松岭社区 ３栋201"] * 3
        assert orders[0].beneficiary_key == hashed(own_key(person.id), BENEFICIARY)
        assert (orders[0].lat, orders[0].circumstances) == (28.25, ["lone_elderly"])
        near = visible(Order, SYSTEM).where(col(Order.cell_hash).in_(cells_around(28.251, 112.951)))
        assert [order.id for order in await session.exec(near)] == [orders[0].id]
    await engine.dispose()


async def test_taken_back_it_is_plain_again(third: str) -> None:
    tables = sorted({column.table.name for column in SEALED} | {"team_block", "role_grant"})
    before = {table: await _rows(third, table) for table in tables}
    await migrations.upgrade(third)
    await migrations.downgrade(third, "0003")
    for table, rows in before.items():
        assert await _rows(third, table) == rows, table


async def test_who_looked_at_an_order_stays_known_and_a_look_at_a_series_has_a_place(third: str) -> None:
    await migrations.upgrade(third, "0004")
    await _plant(third, "before_0005.sql")
    before = await _rows(third, "reveal")
    assert len(before) == 1
    await migrations.upgrade(third)
    assert await _rows(third, "reveal") == [sorted([*row, ("recurring_id", None)]) for row in before]
    await _plant(third, "after_0005.sql")
    assert await _read(third, "SELECT count(*) FROM reveal") == [(2,)]
    await migrations.downgrade(third, "0004")
    assert await _rows(third, "reveal") == before


async def _rows(url: str, table: str) -> list[list[tuple[str, object]]]:
    """Whatever the order of the columns; SQLite may write JSON with other blanks."""
    engine = create_engine(url)
    async with engine.connect() as connection:
        found = (await connection.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2"))).mappings()  # noqa: S608
        rows = [sorted((name, _parsed(value)) for name, value in row.items()) for row in found]
    await engine.dispose()
    return sorted(rows, key=str)


def _parsed(value: object) -> object:
    return json.loads(value) if isinstance(value, str) and value[:1] in ("{", "[") else value
