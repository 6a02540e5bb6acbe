"""`python -m benchmarks.worker`: how fast due notices are claimed and settled by real `sidan worker` processes.

All due at once with 1, 2 and 4 processes, beside processes that do nothing but the SQL of it (SKIP LOCKED, a
hundred at a time) on the same rows in the same run; then a steady trickle. PostgreSQL is one of its own with fsync
on, and shares the machine with everybody, so ratios say more than rates. Ends by itself after two or three minutes.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import asyncpg
import uvloop
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table

from app import migrations
from app.house import build
from app.settings import Settings
from benchmarks.report import Aim, show_aims
from tests.factories import plant
from tests.postgres import Server, start

SECRET = "a secret for benchmarks, long enough to be one"
PROCESSES = (1, 2, 4)
POLL = 0.1
WARM = 2_000
PATIENCE = 120
STEADY_RATE, STEADY_SECONDS = 200, 20

FILL = """
INSERT INTO notification (id, created_at, person_id, kind, data, dedupe_key, due_at, send_at, attempts)
SELECT gen_random_uuid(), now(), $1, 'approve', '{"title": "家庭保洁", "reason": "", "audience": "resident"}',
       $3 || number, now(), now(), 0
FROM generate_series(1, $2::int) AS number
"""
LEFT = "SELECT count(*) FROM notification WHERE send_at IS NOT NULL AND send_at <= now()"
BARE = """
WITH claimed AS (
    SELECT id FROM notification WHERE send_at <= $1 ORDER BY send_at LIMIT 100 FOR UPDATE SKIP LOCKED
)
UPDATE notification SET send_at = NULL, leased_until = NULL FROM claimed WHERE notification.id = claimed.id
RETURNING notification.id
"""
WATCH = """
CREATE TABLE settled (lag double precision);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO settled VALUES (extract(epoch FROM clock_timestamp() - NEW.due_at)); RETURN NULL; END $$;
CREATE TRIGGER note AFTER UPDATE ON notification FOR EACH ROW
    WHEN (OLD.send_at IS NOT NULL AND NEW.send_at IS NULL) EXECUTE FUNCTION note();
"""


@dataclass(frozen=True)
class Drained:
    """Rows a second, and the lag of the 99th of a hundred rows, in seconds."""

    rate: float
    p99: float


def worker(_: str) -> list[str]:
    """The command that an operator starts, as it ships."""
    return [sys.executable, "-c", "from app.cli import main; main()", "worker"]


def bare(url: str) -> list[str]:
    return [sys.executable, "-m", "benchmarks.worker", "--bare", url]


SYSTEMS = {"sidan worker": worker, "bare SQL": bare}


async def bare_loop(url: str) -> None:
    """Claim and mark by hundreds, for ever: the least that any worker has to do."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    while True:
        at = await connection.fetchval("SELECT now()")
        if len(await connection.fetch(BARE, at)) < 100:
            await asyncio.sleep(0.05)


@contextmanager
def running(command: list[str], count: int, url: str) -> Iterator[None]:
    """`count` processes of it, ended with the block."""
    environment = {**os.environ, "DATABASE_URL": url, "SIDAN_SECRET": SECRET}
    started = [
        subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(count)
    ]
    try:
        yield
        assert all(process.poll() is None for process in started), "a worker ended by itself"
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(20)


class Bench:
    def __init__(self, url: str, connection: Any, person: Any) -> None:
        self.url, self.connection, self.person = url, connection, person
        self.round = 0

    async def fill(self, rows: int) -> None:
        """All of them due at the moment of the commit."""
        self.round += 1
        await self.connection.execute(FILL, self.person, rows, f"{self.round}:")

    async def emptied(self) -> list[tuple[float, int]]:
        """When how many were left, until none is."""
        begun, curve = time.perf_counter(), []
        while not curve or curve[-1][1]:
            left = await self.connection.fetchval(LEFT)
            curve.append((time.perf_counter() - begun, left))
            assert curve[-1][0] < PATIENCE, "the queue does not empty"
            await asyncio.sleep(POLL)
        return curve

    async def drain(self, system: str, count: int, rows: int) -> Drained:
        await self.connection.execute("TRUNCATE notification CASCADE")
        with running(SYSTEMS[system](self.url), count, self.url):
            await self.fill(WARM * count)
            await self.emptied()
            await asyncio.sleep(1)
            await self.connection.execute("VACUUM ANALYZE notification")
            await self.fill(rows)
            curve = await self.emptied()
        p99 = next(at for at, left in curve if left <= rows / 100)
        return Drained(rows / curve[-1][0], p99)

    async def steady(self) -> list[float]:
        """The lags of a trickle of STEADY_RATE rows a second, one worker."""
        await self.connection.execute("TRUNCATE notification CASCADE")
        await self.connection.execute(WATCH)
        with running(worker(self.url), 1, self.url):
            await self.fill(WARM)
            await self.emptied()
            await self.connection.execute("TRUNCATE settled")
            begun, sent = time.perf_counter(), 0
            while sent < STEADY_RATE * STEADY_SECONDS:
                due = int((time.perf_counter() - begun) * STEADY_RATE) - sent
                if due > 0:
                    await self.fill(due)
                    sent += due
                await asyncio.sleep(0.02)
            await self.emptied()
        lags = [row["lag"] for row in await self.connection.fetch("SELECT lag FROM settled ORDER BY lag")]
        assert len(lags) == sent, "a notice was settled twice or never"
        return lags


async def measured(server: Server, rows: int, processes: Sequence[int], rounds: int) -> bool:
    """Every figure, shown; whether all aims are met."""
    url = server.create("bench")
    await migrations.upgrade(url)
    with tempfile.TemporaryDirectory(prefix="sidan-bench-") as folder:
        house = build(Settings(DATABASE_URL=url, media_root=Path(folder), secret=SecretStr(SECRET)))
        person = (await plant(house))["resident"].id
        await house.close()
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    bench = Bench(url, connection, person)
    found: dict[tuple[str, int], list[Drained]] = {}
    for _ in range(rounds):
        for count in processes:
            for system in SYSTEMS:
                found.setdefault((system, count), []).append(await bench.drain(system, count, rows))
    lags = await bench.steady()
    await connection.close()
    return show(rows, processes, found, lags)


def show(
    rows: int,
    processes: Sequence[int],
    found: dict[tuple[str, int], list[Drained]],
    lags: Sequence[float],
) -> bool:
    console = Console(width=max(120, Console().width))
    table = Table(title=f"{rows:,} notices due at once", title_justify="left", title_style="bold")
    for name in ("system", "processes", "rows/s", "of bare SQL", "of one process", "lag p99, s"):
        table.add_column(name, justify="left" if name == "system" else "right")
    rate = {key: median(one.rate for one in drained) for key, drained in found.items()}
    for (system, count), drained in sorted(found.items()):
        table.add_row(
            system,
            str(count),
            f"{rate[system, count]:,.0f}",
            f"{rate[system, count] / rate['bare SQL', count]:.2f}",
            f"{rate[system, count] / rate[system, processes[0]]:.2f}",
            f"{median(one.p99 for one in drained):.1f}",
        )
    console.print(table)
    p99 = lags[int(len(lags) * 0.99)]
    console.print(
        f"{STEADY_RATE} rows/s for {STEADY_SECONDS} s: lag p50 {median(lags):.2f} s, p99 {p99:.2f} s"
    )
    first = rate["sidan worker", processes[0]]
    aims = [Aim("rows/s settled by one worker", first, 10_000, form="{:,.0f}")]
    if 2 in processes:
        aims.append(Aim("two workers, of one", rate["sidan worker", 2] / first, 1.3))
    aims.append(Aim(f"lag p99 at {STEADY_RATE} rows/s, s", p99, 2.0, most=True))
    show_aims(console, aims)
    return all(aim.met for aim in aims)


def main() -> int:
    asked = argparse.ArgumentParser(
        prog="benchmarks.worker", description="Measure the worker beside its SQL."
    )
    asked.add_argument("--rows", type=int, default=100_000)
    asked.add_argument("--processes", nargs="+", type=int, default=PROCESSES)
    asked.add_argument("--rounds", type=int, default=1)
    asked.add_argument("--bare", metavar="URL", help=argparse.SUPPRESS)
    wanted = asked.parse_args()
    if wanted.bare:
        uvloop.run(bare_loop(wanted.bare))
    server = start(durable=True)
    try:
        asyncio.run(measured(server, wanted.rows, wanted.processes, wanted.rounds))
    finally:
        server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
