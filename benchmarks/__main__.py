"""`make bench`: the service beside its limits and its peers, on a PostgreSQL of its own with fsync on.

Three routes under 1, 20 and 32 clients with one and two processes; beside it, in the same interleaved rounds,
the same SQL through pgbench, through bare asyncpg behind FastAPI, and the same endpoints in Django REST under
gunicorn. Load, services and database share this machine, so ratios say more than rates. Ends by itself after
about BENCH_SECONDS (default 480); exits with an error when any answer was not a success.
"""

import argparse
import os
import platform
import random
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

import uvloop
from pydantic import SecretStr
from rich.console import Console
from rich.progress import Progress
from sqlmodel import SQLModel

import app.models
from app.house import build
from app.settings import Settings
from benchmarks import processes, scene, statements
from benchmarks.cells import ROUTES, Bench, Figure
from benchmarks.load import LoadFailed
from benchmarks.pgbench import Pgbench
from benchmarks.processes import Service
from benchmarks.report import MAIN_CLIENTS, Aim, Figures, show, show_aims
from benchmarks.stage import Stage
from tests.postgres import Server, start

assert app.models
ROOT = Path(__file__).parents[1]
SECRET = "a secret for benchmarks, long enough to be one"
CLIENTS = (1, 20, 32)
ROUNDS = 3
SET_UP_SECONDS = 45
MAIN = "sidan · 2"
SERVICES = ("sidan · 1", MAIN, "bare asyncpg · 1", "bare asyncpg · 2", "django rest · 1", "django rest · 2")
PGBENCH = {"create": ("pgbench 5", "pgbench 1"), "list": ("pgbench",), "accept": ("pgbench",)}
ORDER = (*SERVICES, "pgbench 5", "pgbench 1", "pgbench")


def main() -> int:
    asked = argparse.ArgumentParser(
        prog="make bench", description="Measure the service beside its limits and peers."
    )
    asked.add_argument("--routes", nargs="+", choices=ROUTES, default=ROUTES)
    asked.add_argument("--clients", nargs="+", type=int, default=CLIENTS)
    asked.add_argument("--systems", nargs="+", default=ORDER, help="such as 'sidan · 2' 'pgbench 5'")
    wanted = asked.parse_args()
    console = Console(width=max(150, Console().width))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sidan-bench-")))
        server = start(durable=True)
        stack.callback(server.stop)
        try:
            budget = float(os.environ.get("BENCH_SECONDS", "480"))
            uvloop.run(_run(console, server, folder, budget, wanted))
        except (LoadFailed, processes.NotReady) as failure:
            console.print(f"[red]The benchmark failed: {failure}", markup=False)
            return 1
    return 0


async def _run(
    console: Console, server: Server, folder: Path, budget: float, wanted: argparse.Namespace
) -> None:
    console.print(
        f"Python {platform.python_version()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}; {server.bin}"
    )
    settings = Settings(DATABASE_URL=server.url(), secret=SecretStr(SECRET), access_minutes=120)
    house = build(settings)
    async with house.database.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    planted = await scene.build(house)
    await scene.offer(planted, range(2))
    plans = await statements.plans(planted)
    environment = _environment(planted, plans, server, folder)
    await house.database.dispose()
    ready = [_ready_seconds(environment, folder) for _ in range(3)]
    with _services(environment, folder) as services:
        pgbench = Pgbench(server, "postgres", folder)
        if not pgbench.found:
            console.print(f"[yellow]No pgbench in {server.bin}: its rows are missing.")
        rounds = list(_cells(wanted, pgbench.found))
        seconds = min(3.0, max(0.8, (budget - SET_UP_SECONDS) / len(rounds) - 0.15))
        postmaster = int((server.folder / "data" / "postmaster.pid").read_text().split()[0])
        bench = Bench(planted, pgbench, plans, services, postmaster, folder, seconds)
        cells: list[Figure] = []
        with Progress(console=console, transient=True) as progress:
            for turn, route, clients, system in progress.track(rounds, description="measuring"):
                try:
                    cells.append(await bench.measure(route, system, clients, turn))
                except LoadFailed as failure:
                    raise LoadFailed(f"{system}, {route}, {clients} clients: {failure}") from failure
        figures = Figures([one for one in cells if one.turn])
        show(console, figures, ORDER, MAIN)
        show_aims(console, list(_aims(figures, services[MAIN].resident_mb(), median(ready))))
    console.print(f"medians of {ROUNDS} rounds of {seconds:.1f} s; load at the end {os.getloadavg()[0]:.1f}")


def _cells(wanted: argparse.Namespace, with_pgbench: bool) -> Iterator[tuple[int, str, int, str]]:
    """Round by round, all systems beside each other in an order that changes. Round 0 warms up, at 20 clients."""
    shuffle = random.Random(4).shuffle
    for turn in range(ROUNDS + 1):
        for route in wanted.routes:
            for clients in wanted.clients if turn else (MAIN_CLIENTS,):
                systems = [*SERVICES, *(PGBENCH[route] if with_pgbench else ())]
                systems = [system for system in systems if system in wanted.systems]
                shuffle(systems)
                yield from ((turn, route, clients, system) for system in systems)


def _environment(
    planted: scene.Scene, plans: dict[str, statements.Plan], server: Server, folder: Path
) -> dict[str, str]:
    where = {"host": str(server.folder), "user": "postgres", "database": "postgres"}
    ring = planted.house.database.keyring
    rows = [(table.name, scene.plain(table, dict(row), ring)) for table, row in planted.rows]
    Stage(where, SECRET, rows, plans).save(folder / "stage")
    return {
        "DATABASE_URL": server.url(),
        "SIDAN_SECRET": SECRET,
        "SIDAN_WORKER_INSIDE": "false",
        "SIDAN_MEDIA_ROOT": str(folder / "media"),
        "BENCH_STAGE": str(folder / "stage"),
        "PYTHONPATH": str(ROOT),
    }


def _ready_seconds(environment: Mapping[str, str], folder: Path) -> float:
    port = processes.free_port()
    command = processes.uvicorn("app.main:create_app", 1, port)
    service = processes.start("sidan", 1, port, command, environment, "/readyz", folder / "ready.log")
    service.stop()
    return service.ready_seconds


@contextmanager
def _services(environment: Mapping[str, str], folder: Path) -> Iterator[dict[str, Service]]:
    commands = {
        "sidan": lambda many, port: processes.uvicorn("app.main:create_app", many, port),
        "bare asyncpg": lambda many, port: processes.uvicorn("benchmarks.bare:create_app", many, port),
        "django rest": lambda many, port: processes.gunicorn("benchmarks.django_peer.wsgi", many, port),
    }
    with ExitStack() as stack:
        services = {}
        for name in SERVICES:
            system, _, many = name.partition(" · ")
            port = processes.free_port()
            command = commands[system](int(many), port)
            log = folder / f"{system} {many}.log"
            services[name] = processes.start(name, int(many), port, command, environment, "/readyz", log)
            stack.callback(services[name].stop)
        yield services


def _aims(figures: Figures, resident_mb: float, ready_seconds: float) -> Iterator[Aim]:
    """What was measured of it."""
    least = {
        "pgbench 5": ("create: of pgbench's five statements", 0.35),
        "bare asyncpg · 2": ("create: of three inserts through bare asyncpg", 1.2),
        "django rest · 2": ("create: of Django REST", 2.5),
    }
    for system, (text, wanted) in least.items():
        if ratios := figures.ratios("create", MAIN, system, MAIN_CLIENTS):
            yield Aim(text, median(ratios), wanted)
    if p99 := figures.middle("create", MAIN, MAIN_CLIENTS, lambda one: one.p99):
        yield Aim("create: p99 in ms at 20 clients", p99, 40, most=True, form="{:.0f}")
    if resident_mb:
        yield Aim("resident MB of an API process after the load", resident_mb, 150, most=True, form="{:.0f}")
    yield Aim("seconds from start to the first 200 of /readyz", ready_seconds, 2, most=True)


if __name__ == "__main__":
    sys.exit(main())
