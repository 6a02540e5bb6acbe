"""Told to stop, a process finishes what it has begun, takes nothing new, and ends with 0."""

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text
from sqlmodel import select

from app import clock, migrations
from app.domain.lifecycle import Action, OrderStatus
from app.house import House, build
from app.models.event import OrderEvent
from app.models.order import Order
from app.services.access import SYSTEM
from app.services.scope import visible
from app.settings import Settings
from tests.accounts import order_of, save
from tests.command import Command, address_said, running
from tests.conftest import client_of
from tests.factories import District, plant
from tests.postgres import Server

HELD = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'order_event'::regclass"


@pytest.fixture(scope="module")
async def migrated(server: Server) -> str:
    """The name of an empty database of the newest revision, to copy."""
    name = f"migrated_{uuid4().hex}"
    await migrations.upgrade(server.create(name))
    return name


@pytest.fixture
async def slow(
    server: Server, migrated: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Command, House]]:
    """A database of its own for `sidan`, and a house here that knows the same keys and secret."""
    sidan = Command(server.create(f"sidan_{uuid4().hex}", template=migrated), monkeypatch)
    sidan.set(SIDAN_TICK_SECONDS="0.1", SIDAN_WORKER_INSIDE="false")
    house = build(Settings(DATABASE_URL=sidan.url, media_root=tmp_path))
    yield sidan, house
    await house.close()


@asynccontextmanager
async def held(house: House) -> AsyncIterator[None]:
    """Nobody can write an event while the block runs: what wants to is in the middle of its statement."""
    async with house.database.transaction() as session:
        await session.exec(text("LOCK TABLE order_event IN EXCLUSIVE MODE"))  # type: ignore[call-overload]
        yield


async def somebody_waits(house: House) -> None:
    async with house.database.reading() as session:
        while (await session.exec(text(HELD))).first() is None:  # type: ignore[call-overload]
            pass


@pytest.fixture(autouse=True)
def real_time() -> Iterator[datetime]:
    """The other process lives now, and so must what is made here for it."""
    at = datetime.now(UTC)
    with clock.at(at):
        yield at


def tomorrow(district: District) -> dict[str, Any]:
    start = (clock.now() + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    window = {"start": start.isoformat(), "end": (start + timedelta(hours=3)).isoformat()}
    return district.order_body(window=window)


async def test_a_request_under_way_is_answered_and_no_other_is_taken(slow: tuple[Command, House]) -> None:
    sidan, house = slow
    district = await plant(house)
    with running(sidan, "serve", "--port", "0") as process:
        base = await asyncio.to_thread(address_said, process)
        async with httpx.AsyncClient(base_url=f"{base}/api/v1", timeout=20) as client:
            mine = district.as_("resident")
            async with held(house):
                placing = asyncio.create_task(client.post("/orders", json=tomorrow(district), headers=mine))
                await somebody_waits(house)
                process.send_signal(signal.SIGTERM)
                await until_refused(base)
                assert not placing.done()
            answer = await placing
            assert answer.status_code == 201, answer.text
        assert await asyncio.to_thread(process.wait, 10) == 0
    async with client_of(house) as client:
        kept = await client.get("/orders?mine=true", headers=mine)
        assert [one["id"] for one in kept.json()["items"]] == [answer.json()["id"]]


async def test_a_batch_under_way_is_finished(slow: tuple[Command, House]) -> None:
    sidan, house = slow
    district = await plant(house)
    past = clock.now() - timedelta(days=9)
    order = order_of(district, "resident", OrderStatus.SUBMITTED, past, due_at=past + timedelta(hours=1))
    await save(house, order)
    with running(sidan, "worker") as process:
        async with held(house):
            await somebody_waits(house)
            process.send_signal(signal.SIGTERM)
            with pytest.raises(subprocess.TimeoutExpired):
                await asyncio.to_thread(process.wait, 0.3)
        assert await asyncio.to_thread(process.wait, 10) == 0
    async with house.database.reading() as session:
        found = (await session.exec(visible(Order, SYSTEM).where(Order.id == order.id))).one()
        assert found.overdue_at is not None
        told = await session.exec(select(OrderEvent.action).where(OrderEvent.order_id == order.id))
        assert list(told) == [Action.OVERDUE]


async def until_refused(base: str) -> None:
    async with asyncio.timeout(5):
        while True:
            try:
                async with httpx.AsyncClient() as another:
                    await another.get(f"{base}/healthz")
            except httpx.TransportError:
                return
            await asyncio.sleep(0.02)
