"""The clock of the house: every few seconds each job looks for what is due.

Inside an API process, so that one command is a whole service, or in processes of its own; in any number of
them, because each effect is a compare-and-set and whoever comes second finds nothing left to do.
"""

import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import anyio

from app.clock import now
from app.errors import Unavailable
from app.house import House
from app.jobs import (
    chase_reports,
    close_orders,
    dispatch_waves,
    forget,
    lapse_offers,
    lapse_pool,
    mark_overdue,
    tally_teams,
)

log = logging.getLogger(__name__)

Job = Callable[[House, datetime, int], Awaitable[int]]

JOBS: dict[str, Job] = {
    "lapse_offers": lapse_offers.run,
    "lapse_pool": lapse_pool.run,
    "dispatch_waves": dispatch_waves.run,
    "mark_overdue": mark_overdue.run,
    "chase_reports": chase_reports.run,
    "close_orders": close_orders.run,
    "forget": forget.run,
    "tally_teams": tally_teams.run,
}
BATCH = 100
JOB_SECONDS = 60
"""A batch takes a second; what takes a minute waits for a database that will not answer."""
GRACE_SECONDS = 8
"""How long a stopping process waits for the job in hand; whatever is cut off rolls back and is done later."""


async def run_worker(house: House, stop: anyio.Event) -> None:
    """Tick until `stop` is set. A job that fails is logged and tried again; nothing but `stop` ends this."""
    while not stop.is_set():
        if await tick(house, stop):
            continue
        with anyio.move_on_after(house.settings.tick_seconds):
            await stop.wait()


async def tick(house: House, stop: anyio.Event) -> bool:
    """Run every job once, now; True when one of them filled its batch, so that more is waiting."""
    more = False
    for name, job in JOBS.items():
        if stop.is_set():
            return False
        try:
            with anyio.fail_after(JOB_SECONDS):
                more |= await job(house, now(), BATCH) >= BATCH
        except (Unavailable, TimeoutError):
            log.warning("%s: the database does not answer; trying again at the next tick", name)
        except Exception:
            log.exception("%s failed; trying again at the next tick", name)
    return more


@asynccontextmanager
async def ticking(house: House) -> AsyncIterator[None]:
    """Keep the clock running while the block runs, then let the job in hand finish."""
    stop = anyio.Event()
    async with anyio.create_task_group() as group:
        group.start_soon(run_worker, house, stop)
        try:
            yield
        finally:
            stop.set()
            group.cancel_scope.deadline = anyio.current_time() + GRACE_SECONDS


async def work(house: House, ready: Callable[[], None]) -> None:
    """A process of its own: keep the clock running until SIGTERM or Ctrl-C; `ready` once it listens to them."""
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as told:
        async with ticking(house):
            ready()
            async for _ in told:
                break
    await house.close()
