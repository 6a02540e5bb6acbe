"""`python -m benchmarks.matching.route`: what ranking costs beside reading, as clients see it.

`GET orders/{id}/matches` and `GET orders/{id}` of the same approved orders, by a dispatcher, in turn, with one
client and with eight, of a center with 1,000 teams and of one with 10,000: one process of the service, its
PostgreSQL and the clients on this machine. Exits with an error when an answer was no success.
"""

import json
import os
import platform
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from itertools import cycle
from pathlib import Path
from statistics import median
from uuid import UUID

import uvloop
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table
from sqlmodel import SQLModel

import app.models
from app.house import build
from app.settings import Settings
from benchmarks import load, processes, scene
from benchmarks.load import Latencies, LoadFailed
from benchmarks.matching import center
from benchmarks.report import Aim, show_aims
from tests.postgres import Server, start

assert app.models
ROOT = Path(__file__).parents[2]
SECRET = "a secret for benchmarks, long enough to be one"
SIZES = (1_000, 10_000)
CLIENTS = (1, 8)
ROUNDS = 5
WARM_SECONDS, SECONDS = 0.3, 1.5
READ, RANK = "GET orders/{id}", "GET orders/{id}/matches"
MOST_RATIO = 4.0

Cell = tuple[int, int, str]
"""Teams, clients, route."""


def main() -> int:
    console = Console(width=max(120, Console().width))
    console.print(f"Python {platform.python_version()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}")
    cells: dict[Cell, list[Latencies]] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sidan-bench-")))
        server = start(durable=True)
        stack.callback(server.stop)
        try:
            for size in SIZES:
                uvloop.run(_center(server, folder, size, cells))
        except (LoadFailed, processes.NotReady) as failure:
            console.print(f"[red]The benchmark failed: {failure}", markup=False)
            return 1
    _show(console, cells)
    console.print(f"medians of {ROUNDS} rounds of {SECONDS} s; load at the end {os.getloadavg()[0]:.1f}")
    return 0


async def _center(server: Server, folder: Path, size: int, cells: dict[Cell, list[Latencies]]) -> None:
    """Measure one center in a database of its own."""
    url = server.create(f"center{size}")
    house = build(Settings(DATABASE_URL=url, secret=SecretStr(SECRET), access_minutes=120))
    async with house.database.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    planted = await scene.build(house)
    orders = await center.fill(planted, size)
    headers = planted.district.as_("dispatcher")
    await house.database.dispose()
    environment = {
        "DATABASE_URL": url,
        "SIDAN_SECRET": SECRET,
        "SIDAN_WORKER_INSIDE": "false",
        "SIDAN_MEDIA_ROOT": str(folder / "media"),
        "PYTHONPATH": str(ROOT),
    }
    port = processes.free_port()
    command = processes.uvicorn("app.main:create_app", 1, port)
    service = processes.start("sidan", 1, port, command, environment, "/readyz", folder / f"{size}.log")
    try:
        _check(port, orders, headers)
        for turn in range(ROUNDS + 1):
            for clients in CLIENTS:
                for route in (READ, RANK) if turn % 2 else (RANK, READ):
                    sent = cycle(_requests(route, orders, headers))
                    found = await load.drive(port, sent, clients, WARM_SECONDS, SECONDS)
                    if turn:
                        cells.setdefault((size, clients, route), []).append(found)
    finally:
        service.stop()


def _check(port: int, orders: list[UUID], headers: Mapping[str, str]) -> None:
    """Teams are ranked at all. Raises LoadFailed when most orders find nobody, which would be quick to say."""
    with closing(HTTPConnection("127.0.0.1", port)) as connection:
        some = 0
        for order in orders:
            connection.request("GET", f"/api/v1/orders/{order}/matches", headers=dict(headers))
            some += bool(json.loads(connection.getresponse().read()).get("items"))
    if some < len(orders) / 2:
        raise LoadFailed(f"only {some} of {len(orders)} orders find a team")


def _requests(route: str, orders: list[UUID], headers: Mapping[str, str]) -> list[bytes]:
    accepting = {**headers, "Accept-Encoding": "gzip, br"}
    path = "/api/v1/" + route.removeprefix("GET ")
    return [load.render("GET", path.format(id=order), accepting) for order in orders]


def _show(console: Console, cells: dict[Cell, list[Latencies]]) -> None:
    table = Table(title="Ranking beside reading", title_justify="left", title_style="bold")
    for name in ("teams", "clients", "route", "p50 ms", "p99 ms", "req/s", "× reading (min-max)"):
        table.add_column(name, justify="left" if name == "route" else "right")
    aims = []
    for (size, clients, route), rounds in cells.items():
        ratios = sorted(
            one.quantile(0.5) / other.quantile(0.5)
            for one, other in zip(rounds, cells[size, clients, READ], strict=True)
        )
        told = f"{median(ratios):.2f} ({ratios[0]:.2f}-{ratios[-1]:.2f})" if route == RANK else ""
        p50, p99, rate = (
            median(values)
            for values in zip(
                *((one.quantile(0.5), one.quantile(0.99), one.rate) for one in rounds), strict=True
            )
        )
        table.add_row(f"{size:,}", str(clients), route, f"{p50:.2f}", f"{p99:.2f}", f"{rate:,.0f}", told)
        if route == RANK:
            text = f"{size:,} teams, {clients} clients: p50 of matches, times that of reading"
            aims.append(Aim(text, median(ratios), MOST_RATIO, most=True))
    console.print(table)
    show_aims(console, aims)


if __name__ == "__main__":
    sys.exit(main())
