"""The clock of the house: it does every job beside the others, survives what fails, and stops when told to."""

import gc
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest
from sqlmodel import SQLModel, select

from app import clock
from app.domain.lifecycle import OrderStatus
from app.house import House, build
from app.worker import BATCH, JOBS, run_job, run_worker, ticking
from tests.conftest import ENGINES, app_of, client_of, new_url, settings_for
from tests.factories import NOW, plant
from tests.stages import Stage

PATIENCE = 20


async def tick(house: House) -> bool:
    """One batch of every job, now, in turn; True when one of them was full."""
    return any([await run_job(house, name) for name in JOBS])


@pytest.fixture
def ticked(monkeypatch: pytest.MonkeyPatch) -> anyio.Event:
    """Set when a tick has come to its end: one more job, after all others."""
    event = anyio.Event()

    async def tell(_: House, __: datetime, ___: int) -> int:
        event.set()
        return 0

    monkeypatch.setitem(JOBS, "tell", tell)
    return event


@pytest.fixture
async def unready(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    """A house whose database has no tables yet."""
    made = build(settings_for(new_url(request.param, request, tmp_path), tmp_path / "media"))
    yield made
    await made.close()


def patient(house: House, **changes: object) -> House:
    """The same house, whose worker would wait for minutes between two ticks."""
    return replace(house, settings=house.settings.model_copy(update={"tick_seconds": 300.0, **changes}))


async def test_a_tick_does_every_job(fresh_house: House) -> None:
    district = await plant(fresh_house)
    async with client_of(fresh_house) as client:
        offered, pooled, delivered = [
            await Stage(client, district).reach(status)
            for status in (OrderStatus.OFFERED, OrderStatus.POOLED, OrderStatus.DELIVERED)
        ]
    with clock.at(NOW + timedelta(days=30)):
        assert not await tick(fresh_house)
    statuses = [(await stage.row()).status for stage in (offered, pooled, delivered)]
    assert statuses == [OrderStatus.APPROVED, OrderStatus.APPROVED, OrderStatus.CLOSED]


async def test_a_stopped_worker_ends_without_waiting_for_its_next_tick(
    fresh_house: House, ticked: anyio.Event
) -> None:
    stop = anyio.Event()
    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as group:
            group.start_soon(run_worker, patient(fresh_house), stop)
            await ticked.wait()
            stop.set()


async def test_a_full_batch_is_followed_at_once(fresh_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    stop, counts = anyio.Event(), iter([BATCH, BATCH, 0])

    async def busy(_: House, __: datetime, limit: int) -> int:
        count = next(counts)
        if count < limit:
            stop.set()
        return count

    monkeypatch.setitem(JOBS, "busy", busy)
    with anyio.fail_after(PATIENCE):
        await run_worker(patient(fresh_house), stop)


@pytest.mark.parametrize("unready", ENGINES, indirect=True)
async def test_a_failing_database_is_survived(
    unready: House, ticked: anyio.Event, caplog: pytest.LogCaptureFixture
) -> None:
    """Started before the migration: every job fails and says so, and the first tick after it does its work."""
    assert not await tick(unready)
    said = [record.getMessage().partition(" ")[0].rstrip(":") for record in caplog.records]
    assert said == [name for name in JOBS if name != "tell"]
    assert ticked.is_set()
    async with unready.database.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    caplog.clear()
    assert not await tick(unready)
    assert caplog.records == []


async def test_a_database_that_is_away_is_one_line_a_job(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    away = build(settings_for("postgresql+asyncpg://nobody@127.0.0.1:1/nowhere", tmp_path))
    assert not await tick(away)
    assert [(record.levelno, record.exc_info) for record in caplog.records] == [
        (logging.WARNING, None) for _ in JOBS
    ]
    await away.close()


async def test_a_job_that_hangs_is_cut_off_when_the_process_stops(
    fresh_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = anyio.Event()

    async def hang(_: House, __: datetime, ___: int) -> int:
        hanging.set()
        await anyio.sleep_forever()
        return 0

    monkeypatch.setitem(JOBS, "hang", hang)
    monkeypatch.setattr("app.worker.GRACE_SECONDS", 0)
    with anyio.fail_after(PATIENCE):
        async with ticking(fresh_house):
            await hanging.wait()


async def test_a_job_that_hangs_or_fails_holds_up_no_other(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stop, turns = anyio.Event(), 0

    async def hang(_: House, __: datetime, ___: int) -> int:
        await stop.wait()
        return 0

    async def fail(_: House, __: datetime, ___: int) -> int:
        raise ValueError("as planned")

    async def work(_: House, __: datetime, limit: int) -> int:
        nonlocal turns
        turns += 1
        if turns == 5:
            stop.set()
        return limit

    monkeypatch.setattr("app.worker.JOBS", {"hang": hang, "fail": fail, "work": work})
    with anyio.fail_after(PATIENCE):
        await run_worker(patient(house), stop)
    assert turns == 5
    assert [record.getMessage().partition(" ")[0] for record in caplog.records] == ["fail"]


async def test_jobs_leave_half_of_the_connections_to_requests(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, at_once, seen = anyio.Event(), 0, list[int]()

    async def hold(given: House, __: datetime, ___: int) -> int:
        nonlocal at_once
        async with given.database.transaction() as session:
            at_once += 1
            for _ in range(5):
                await session.exec(select(1))
            seen.append(at_once)
            at_once -= 1
        if len(seen) == 8:
            stop.set()
        return 0

    monkeypatch.setattr("app.worker.JOBS", {f"hold_{number}": hold for number in range(8)})
    with anyio.fail_after(PATIENCE):
        await run_worker(patient(house, database_pool=6), stop)
    assert max(seen) == (3 if house.database.postgresql else 1)


async def test_a_batch_in_hand_is_finished_when_the_process_stops(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, finished = anyio.Event(), anyio.Event()

    async def work(_: House, __: datetime, limit: int) -> int:
        begun.set()
        for _turn in range(100):
            await anyio.lowlevel.checkpoint()
        finished.set()
        return limit

    monkeypatch.setattr("app.worker.JOBS", {"work": work})
    with anyio.fail_after(PATIENCE):
        async with ticking(patient(house)):
            await begun.wait()
    assert finished.is_set()


@pytest.fixture
def heap_as_before() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)


@pytest.mark.usefixtures("heap_as_before")
@pytest.mark.parametrize("inside", [True, False])
async def test_the_api_process_keeps_the_clock_where_it_should(
    fresh_house: House, ticked: anyio.Event, inside: bool
) -> None:
    app = app_of(patient(fresh_house, worker_inside=inside))
    with anyio.fail_after(PATIENCE):
        async with app.router.lifespan_context(app):
            if inside:
                await ticked.wait()
            assert gc.get_freeze_count() > 10_000
    assert ticked.is_set() == inside
