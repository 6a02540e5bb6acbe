"""`python -m benchmarks.live`: a thousand who listen to one real process, and how long after the commit they hear.

What it costs the process is its resident memory with them all beyond without; the delay is from the moment of the
commit to the moment at which the bytes were read, on the same clock. The listeners are plain sockets of this
process, which shares the machine with the service and its PostgreSQL. Ends by itself within a minute.
"""

import argparse
import asyncio
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import uvloop
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table

from app import migrations
from app.clock import now
from app.house import build
from app.settings import Settings
from benchmarks import processes
from benchmarks.processes import Service
from benchmarks.report import Aim, show_aims
from benchmarks.worker import SECRET
from tests.factories import District, plant
from tests.postgres import Server, start

LISTENERS, WARM = 1_000, 20
SETTLE_SECONDS, PATIENCE = 3.0, 60
EVENTS, PAUSE = 40, 0.25
EVENT = """
INSERT INTO order_event (id, created_at, order_id, seq, action, from_status, to_status, actor_role, reason, data)
VALUES (gen_random_uuid(), now(), $1, $2, 'urge', 'submitted', 'submitted', 'resident', '', '{}')
"""


class Ear(asyncio.Protocol):
    """One listener: notes when it read the line of each event."""

    def __init__(self, hears: Callable[[int], None]) -> None:
        self.hears = hears
        self.rest, self.begun = b"", asyncio.Event()

    def data_received(self, data: bytes) -> None:
        self.begun.set()
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            version = line.partition(b'"version":')[2].partition(b",")[0]
            if version:
                self.hears(int(version))


@dataclass
class Heard:
    """When each event (by its version of the order) was committed, and when somebody read it."""

    committed: dict[int, float] = field(default_factory=dict)
    read: list[tuple[int, float]] = field(default_factory=list)

    def hears(self, version: int) -> None:
        self.read.append((version, time.perf_counter()))

    def delays(self) -> list[float]:
        """Seconds, in ascending order."""
        return sorted(max(0.0, at - self.committed[version]) for version, at in self.read)


async def listen(service: Service, token: str, count: int, heard: Heard) -> list[Ear]:
    asked = f"GET /api/v1/events/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    loop, ears = asyncio.get_running_loop(), []
    for _ in range(count):
        line, ear = await loop.create_connection(lambda: Ear(heard.hears), "127.0.0.1", service.port)
        line.write(asked)
        ears.append(ear)
    async with asyncio.timeout(PATIENCE):
        for ear in ears:
            await ear.begun.wait()
    return ears


async def happen(connection: Any, order_id: UUID, heard: Heard, versions: range) -> None:
    for version in versions:
        await connection.execute(EVENT, order_id, version)
        heard.committed[version] = time.perf_counter()
        await asyncio.sleep(PAUSE)
    await asyncio.sleep(SETTLE_SECONDS)


async def measured(server: Server, listeners: int, events: int, folder: Path) -> bool:
    url = server.create("bench")
    await migrations.upgrade(url)
    settings = Settings(DATABASE_URL=url, media_root=folder, secret=SecretStr(SECRET), access_minutes=120)
    house = build(settings)
    district = await plant(house)
    token = district.as_("dispatcher")["Authorization"].removeprefix("Bearer ")
    await house.close()
    port = processes.free_port()
    environment = {
        "DATABASE_URL": url,
        "SIDAN_SECRET": SECRET,
        "SIDAN_WORKER_INSIDE": "false",
    }
    command = processes.uvicorn("app.main:create_app", 1, port)
    service = processes.start("sidan", 1, port, command, environment, "/readyz", folder / "log")
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    heard = Heard()
    try:
        order_id = await placed(service, district)
        first = await listen(service, token, WARM, heard)
        await happen(connection, order_id, heard, range(2, 4))
        idle, cpu = service.resident_mb(), service.cpu_seconds()
        heard.read.clear()
        rest = await listen(service, token, listeners - len(first), heard)
        await asyncio.sleep(SETTLE_SECONDS)
        joined, joining = service.resident_mb(), service.cpu_seconds() - cpu
        cpu = service.cpu_seconds()
        await happen(connection, order_id, heard, range(4, events + 4))
        told, telling = service.resident_mb(), service.cpu_seconds() - cpu
    finally:
        service.stop()
        await connection.close()
    assert len(heard.read) == (len(first) + len(rest)) * events, "an event was missed or told twice"
    return show(listeners, events, heard.delays(), (idle, joined, told), (joining, telling))


async def placed(service: Service, district: District) -> UUID:
    """An order to which all of it happens."""
    start = now() + timedelta(days=1)
    window = {"start": start.isoformat(), "end": (start + timedelta(hours=3)).isoformat()}
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{service.port}/api/v1", trust_env=False
    ) as caller:
        body = district.order_body(window=window)
        answer = await caller.post("/orders", json=body, headers=district.as_("resident"))
    return UUID(answer.raise_for_status().json()["id"])


def show(
    listeners: int,
    events: int,
    delays: list[float],
    memory: tuple[float, float, float],
    cpu: tuple[float, float],
) -> bool:
    console = Console(width=max(120, Console().width))
    idle, joined, told = memory
    table = Table(title=f"{listeners:,} listeners, {events} events", title_justify="left", title_style="bold")
    for name in ("what", "found"):
        table.add_column(name, justify="left" if name == "what" else "right")
    p99 = delays[int(len(delays) * 0.99)] * 1000
    for what, text in (
        ("resident memory with a few listeners, MB", f"{idle:.0f}"),
        ("with all of them; after all events, MB", f"{joined:.0f}; {told:.0f}"),
        ("per listener, kB", f"{(told - idle) * 1000 / (listeners - WARM):.0f}"),
        (
            "commit to read, ms: p50, p99, longest",
            f"{median(delays) * 1000:.0f}, {p99:.0f}, {delays[-1] * 1000:.0f}",
        ),
        ("CPU to let one in, ms", f"{cpu[0] * 1000 / (listeners - WARM):.2f}"),
        ("CPU to tell one listener of one event, µs", f"{cpu[1] * 1e6 / listeners / events:.0f}"),
    ):
        table.add_row(what, text)
    console.print(table)
    aims = [
        Aim(f"memory of {listeners:,} listeners beyond idle, MB", told - idle, 50, most=True, form="{:.0f}"),
        Aim("commit to read p99, ms", p99, 500, most=True, form="{:.0f}"),
    ]
    show_aims(console, aims)
    return all(aim.met for aim in aims)


def main() -> int:
    asked = argparse.ArgumentParser(
        prog="benchmarks.live", description="Measure a process with many listeners."
    )
    asked.add_argument("--listeners", type=int, default=LISTENERS)
    asked.add_argument("--events", type=int, default=EVENTS)
    wanted = asked.parse_args()
    allow_files(wanted.listeners)
    server = start(durable=True)
    try:
        with tempfile.TemporaryDirectory(prefix="sidan-bench-") as folder:
            uvloop.run(measured(server, wanted.listeners, wanted.events, Path(folder)))
    finally:
        server.stop()
    return 0


def allow_files(listeners: int) -> None:
    """Each listener is a socket here and one there; the children inherit the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = listeners + 500
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(hard, wanted) if hard != -1 else hard))


if __name__ == "__main__":
    sys.exit(main())
