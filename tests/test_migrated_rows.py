"""Rows that were there before a migration are there after it, with what it adds, and after it is taken back."""

from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from app import migrations
from app.db import create_engine
from app.domain.beneficiary import own_key, proxy_key
from tests.conftest import ENGINES, new_url

BEFORE = (Path(__file__).parent / "before_0002.sql").read_text("utf-8").split(";\n")
CHANGED = ("menu_item", "service_order", "team", "volunteer")


@pytest.fixture(params=ENGINES)
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of the first release, with rows in it."""
    made = new_url(request.param, request, tmp_path)
    await migrations.upgrade(made, "0001")
    engine = create_engine(made)
    async with engine.begin() as connection:
        for statement in filter(str.strip, BEFORE):
            await connection.exec_driver_sql(statement)
    await engine.dispose()
    return made


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
