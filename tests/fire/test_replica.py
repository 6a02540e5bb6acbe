"""While the database is away a standby answers who reads, says so, and is never written to. Not before."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from app.db import create_engine
from app.errors import Unavailable
from app.replica import stale
from tests.conftest import client_of
from tests.factories import plant
from tests.fire.conftest import FURNISHED, impatient, told
from tests.postgres import NoPostgres, Server, standby_of

CAUGHT_UP = "SELECT pg_last_wal_replay_lsn() >= CAST(CAST(:written AS text) AS pg_lsn)"


@pytest.fixture
async def standby(own_server: Server) -> AsyncIterator[Server]:
    """A real one, by streaming replication."""
    try:
        running = await asyncio.to_thread(standby_of, own_server)
    except NoPostgres as missing:
        pytest.skip(f"没有 pg_basebackup，未试备库 · no standby was tried: {missing}")
    yield running
    running.stop()


async def caught_up(primary: Server, standby: Server) -> None:
    """Until what is committed in the one can be read in the other."""
    here, there = create_engine(primary.url(), pool=1), create_engine(standby.url(), pool=1)
    async with here.connect() as one, there.connect() as other:
        written = (await one.execute(text("SELECT CAST(pg_current_wal_lsn() AS text)"))).scalar_one()
        while not (await other.execute(text(CAUGHT_UP), {"written": written})).scalar_one():
            await other.rollback()
    await here.dispose()
    await there.dispose()


async def test_a_standby_answers_while_the_database_is_away(
    own_server: Server, standby: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.replica.REST_SECONDS", 0.0)
    url, second = own_server.create("mirrored", template=FURNISHED), standby.url("mirrored")
    house = impatient(url, tmp_path, statement_seconds=20, connect_seconds=10, replica_url=second)
    district = await plant(house)
    async with client_of(house) as client:
        mine = district.as_("resident")
        placed = await client.post("/orders", json=district.order_body(), headers=mine)
        fresh = await client.get("/orders?mine=true", headers=mine)
        assert "sidan-stale" not in fresh.headers
        await caught_up(own_server, standby)
        await asyncio.to_thread(own_server.halt)
        for path in ("/orders?mine=true", f"/orders/{placed.json()['id']}", "/me"):
            old = await client.get(path, headers=mine)
            assert (old.status_code, old.headers["sidan-stale"]) == (200, "true"), old.text
            assert old.headers["cache-control"] == "no-store"
        old = await client.get("/orders?mine=true", headers=mine)
        assert old.json() == fresh.json()
        ready = await client.get("http://test/readyz")
        assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
        writing = await client.post("/orders", json=district.order_body(), headers=mine)
        assert told(writing) == (503, "unavailable")
        assert "sidan-stale" not in writing.headers
        with pytest.raises(Unavailable):
            async with house.database.reading(or_replica=True) as session:
                await session.exec(text("UPDATE person SET active = false"))  # type: ignore[call-overload]
        await asyncio.to_thread(own_server.resume)
        again = await client.get("/orders?mine=true", headers=mine)
        assert again.json() == fresh.json()
        assert "sidan-stale" not in again.headers
        assert (await client.get("http://test/readyz")).json() == {"status": "ok"}
    await house.close()


async def test_what_is_named_a_standby_and_is_none_is_not_written_to_either(
    own_server: Server, tmp_path: Path
) -> None:
    url = own_server.create("no_standby", template=FURNISHED)
    nowhere = f"postgresql+asyncpg://postgres@/no_standby?host={tmp_path}"
    house = impatient(nowhere, tmp_path, statement_seconds=20, replica_url=url)
    marks: list[str] = []
    stale.set(marks)
    with pytest.raises(Unavailable):
        async with house.database.reading(or_replica=True) as session:
            await session.exec(text("UPDATE person SET active = false"))  # type: ignore[call-overload]
    assert marks == ["standby"]
    with pytest.raises(Unavailable):
        async with house.database.transaction() as session:
            await session.exec(text("SELECT 1"))  # type: ignore[call-overload]
    await house.close()


async def test_a_full_database_is_not_an_absent_one(own_server: Server, tmp_path: Path) -> None:
    """Nobody is told old news because many ask at once."""
    url = own_server.create("busy", template=FURNISHED)
    house = impatient(url, tmp_path, statement_seconds=20, database_pool=1, replica_url=url)
    district = await plant(house)
    async with client_of(house) as client, house.database.transaction() as session:
        await session.exec(text("SELECT 1"))  # type: ignore[call-overload]
        refused = await client.get("/me", headers=district.as_("resident"))
        assert told(refused) == (503, "unavailable")
    await house.close()
