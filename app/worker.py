"""The clock of the house: every few seconds each job looks for what is due, whatever the others are doing.

Inside an API process, so that one command is a whole service, or in processes of its own; in any number of
them, because each effect is a compare-and-set and whoever comes second finds nothing left to do. What a job claims
it holds by a row lock, which ends with its connection, or by a lease, which ends by itself.
"""

import logging
import random
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import datetime
from time import perf_counter

import anyio
import anyio.lowlevel

from app import metrics
from app.clock import now
from app.errors import Unavailable
from app.exposition import Exposition, exposed
from app.house import House
from app.jobs import (
    call_webhooks,
    chain_audit,
    chase_reports,
    check_contents,
    close_orders,
    deliver_notices,
    digest_staff,
    dispatch_waves,
    forget,
    forget_audit,
    keep_appointments,
    lapse_approvals,
    lapse_offers,
    lapse_pool,
    make_recurring,
    mark_overdue,
    place_events,
    retain,
    tally_teams,
)

log = logging.getLogger(__name__)

Job = Callable[[House, datetime, int], Awaitable[int]]

JOBS: dict[str, Job] = {
    "place_events": place_events.run,
    "lapse_offers": lapse_offers.run,
    "lapse_pool": lapse_pool.run,
    "make_recurring": make_recurring.run,
    "keep_appointments": keep_appointments.run,
    "dispatch_waves": dispatch_waves.run,
    "mark_overdue": mark_overdue.run,
    "chase_reports": chase_reports.run,
    "close_orders": close_orders.run,
    "check_contents": check_contents.run,
    "deliver_notices": deliver_notices.run,
    "call_webhooks": call_webhooks.run,
    "digest_staff": digest_staff.run,
    "lapse_approvals": lapse_approvals.run,
    "chain_audit": chain_audit.run,
    "forget_audit": forget_audit.run,
    "forget": forget.run,
    "tally_teams": tally_teams.run,
    "retain": retain.run,
}
PACES = {
    "place_events": 0.2,
    "deliver_notices": 0.2,
    "call_webhooks": 0.2,
    "digest_staff": 6.0,
    "forget": 12.0,
    "forget_audit": 12.0,
    "tally_teams": 12.0,
    "retain": 17_280.0,
}
"""Ticks between two looks of a job, where it is not one: people wait for a notice, nobody for the tally."""
JITTER = 0.2
"""So that processes started together do not go on asking together."""
BATCH = 100
BATCHES = {"place_events": 1000, "chain_audit": 500, "forget_audit": 1000, "deliver_notices": 500}
"""Of those jobs that go through many rows by few statements."""
JOB_SECONDS = 60
"""A batch takes a second; what takes a minute waits for a database that will not answer."""
GRACE_SECONDS = 8
"""How long a stopping process waits for the jobs in hand; whatever is cut off rolls back and is done later."""


async def run_worker(house: House, stop: anyio.Event) -> None:
    """Keep every job going at its own pace until `stop` is set; nothing that happens to one holds up another.

    Together they hold at most half of the connections, so that requests in the same process find one; on SQLite,
    which has one writer, they take turns.
    """
    most = max(1, house.settings.database_pool // 2) if house.database.postgresql else 1
    shared = replace(house, database=house.database.sharing(most))
    async with anyio.create_task_group() as group:
        for name in JOBS:
            group.start_soon(_keep_doing, shared, stop, name)


async def _keep_doing(house: House, stop: anyio.Event, name: str) -> None:
    pause = house.settings.tick_seconds * PACES.get(name, 1.0)
    while not stop.is_set():
        if await run_job(house, name):
            await anyio.lowlevel.checkpoint()
            continue
        with anyio.move_on_after(pause * random.uniform(1 - JITTER, 1 + JITTER)):  # noqa: S311  (no secret)
            await stop.wait()


async def run_job(house: House, name: str) -> bool:
    """One batch of a job, whose failure is logged and counted; True when it was full."""
    outcome, begun, batch = "cut_off", perf_counter(), BATCHES.get(name, BATCH)
    try:
        with anyio.fail_after(JOB_SECONDS):
            done = await JOBS[name](house, now(), batch)
        outcome = "done"
        metrics.ROWS.labels(name).inc(done)
        return done >= batch
    except (Unavailable, TimeoutError):
        outcome = "unavailable"
        log.warning("%s: the database does not answer; trying again at the next tick", name)
    except Exception:
        outcome = "failed"
        log.exception("%s failed; trying again at the next tick", name)
    finally:
        metrics.RUNS.labels(name, outcome).inc()
        metrics.SECONDS.labels(name).observe(perf_counter() - begun)
    return False


@asynccontextmanager
async def ticking(house: House) -> AsyncIterator[None]:
    """Keep the clock running while the block runs, then let the jobs in hand finish."""
    stop = anyio.Event()
    async with anyio.create_task_group() as group:
        group.start_soon(run_worker, house, stop)
        try:
            yield
        finally:
            stop.set()
            group.cancel_scope.deadline = anyio.current_time() + GRACE_SECONDS


async def work(house: House, ready: Callable[[], None], metrics_port: int | None = None) -> None:
    """A process of its own: keep the clock running until SIGTERM or Ctrl-C; `ready` once it listens to them.

    Raises OSError when the metrics port of this machine is taken.
    """
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as told:
        async with AsyncExitStack() as stack:
            if metrics_port is not None:
                await stack.enter_async_context(exposed(Exposition(house.database), metrics_port))
            async with ticking(house):
                ready()
                async for _ in told:
                    break
    await house.close()
