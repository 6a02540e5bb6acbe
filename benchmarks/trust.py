"""`make bench-trust`: what it costs that nobody sees, changes or breaks what is not theirs.

Create order and list orders by the service as it ships, by the same without one part of its protection each
(sealing, scope, rates, the guard of placing), and by one without any: each in a process of its own on a copy of the
same database, in interleaved rounds of one run. Load, services and database share the machine, so only ratios say
anything; CPU time per request says so with less noise. It ends by itself after BENCH_SECONDS (150) or so.
"""

import os
import random
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from statistics import median

import asyncpg
import uvloop
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table
from sqlmodel import SQLModel

import app.models
from app.house import build
from app.settings import Settings
from benchmarks import processes, scene
from benchmarks.cells import Bench, Figure
from benchmarks.load import LoadFailed
from benchmarks.pgbench import Pgbench
from benchmarks.processes import Service
from benchmarks.report import TITLES, Aim, show_aims
from benchmarks.scene import Scene
from benchmarks.untrusting import unsealed
from tests.postgres import Server, start

assert app.models
ROOT = Path(__file__).parents[1]
SECRET = "a secret for benchmarks, long enough to be one"
PARTS = ("sealing", "scope", "rates", "guard")
WHOLE, BARE = "as it ships", "without any"
VARIANTS: dict[str, tuple[str, ...]] = {WHOLE: (), **{f"without {one}": (one,) for one in PARTS}, BARE: PARTS}
AIMS = {"create": 0.25, "list": 0.15}
CLIENTS = 20
ROUNDS = 5
SET_UP_SECONDS = 40
UNBOUNDED = (
    '{"read": {"person": 1000000, "address": 9000000}, "write": {"person": 1000000, "address": 9000000}}'
)
"""Everything is counted and nothing refused: what is measured is the counting."""
MANY_A_DAY = '{"spam": {"orders_a_day": 1000}}'


def main() -> int:
    console = Console(width=max(120, Console().width))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sidan-bench-")))
        server = start()  # without fsync: waiting for the disk would only dilute what is measured
        stack.callback(server.stop)
        try:
            figures = uvloop.run(_run(console, server, folder))
        except (LoadFailed, processes.NotReady) as failure:
            console.print(f"[red]The benchmark failed: {failure}", markup=False)
            return 1
    show(console, figures)
    show_aims(
        console,
        [
            Aim(f"{route}: share of throughput that trust costs", cost(figures, route), wanted, most=True)
            for route, wanted in AIMS.items()
        ],
    )
    console.print(f"medians of {ROUNDS} rounds, {CLIENTS} clients; load at the end {os.getloadavg()[0]:.1f}")
    return 0


async def _run(console: Console, server: Server, folder: Path) -> list[Figure]:
    scenes = {}
    for name in ("sealed", "plain"):
        with unsealed() if name == "plain" else nullcontext():
            scenes[name] = await _planted(server, name)
    budget = float(os.environ.get("BENCH_SECONDS", "150"))
    seconds = max(1.0, (budget - SET_UP_SECONDS) / (ROUNDS + 1) / len(VARIANTS) / len(AIMS) - 0.15)
    shuffle = random.Random(5).shuffle
    found = []
    with _services(server, folder) as services:
        postmaster = int((server.folder / "data" / "postmaster.pid").read_text().split()[0])
        nobody = Pgbench(server, "postgres", folder)
        benches = {
            name: Bench(one, nobody, {}, services, postmaster, folder, seconds)
            for name, one in scenes.items()
        }
        for turn in range(ROUNDS + 1):
            for route in AIMS:
                variants = list(VARIANTS)
                shuffle(variants)
                for variant in variants:
                    figure = await benches[_kept(variant)].measure(route, variant, CLIENTS, turn)
                    found += [figure] if turn else []
            console.print(f"round {turn} of {ROUNDS}", style="dim")
    return found


async def _planted(server: Server, name: str) -> Scene:
    """A center with residents and histories in the database `name`, to which nobody stays connected."""
    house = build(Settings(DATABASE_URL=server.create(name), secret=SecretStr(SECRET), access_minutes=120))
    async with house.database.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    made = await scene.build(house)
    await house.database.dispose()
    connected = await asyncpg.connect(host=str(server.folder), user="postgres", database=name)
    await connected.execute("UPDATE organisation SET policy = $1", MANY_A_DAY)
    await connected.close()
    return made


def _kept(variant: str) -> str:
    return "plain" if "sealing" in VARIANTS[variant] else "sealed"


@contextmanager
def _services(server: Server, folder: Path) -> Iterator[dict[str, Service]]:
    with ExitStack() as stack:
        services = {}
        for number, (variant, without) in enumerate(VARIANTS.items()):
            url = server.create(f"variant_{number}", template=_kept(variant))
            port = processes.free_port()
            command = processes.uvicorn("benchmarks.untrusting:create_app", 1, port)
            environment = _environment(url, without, folder)
            log = folder / f"{number}.log"
            services[variant] = processes.start(variant, 1, port, command, environment, "/readyz", log)
            stack.callback(services[variant].stop)
        yield services


def _environment(url: str, without: tuple[str, ...], folder: Path) -> Mapping[str, str]:
    return {
        "DATABASE_URL": url,
        "SIDAN_SECRET": SECRET,
        "SIDAN_WORKER_INSIDE": "false",
        "SIDAN_MEDIA_ROOT": str(folder / "media"),
        "SIDAN_RATES": "off" if "rates" in without else "on",
        "SIDAN_RATES_A_MINUTE": UNBOUNDED,
        "BENCH_WITHOUT": " ".join(without),
        "PYTHONPATH": str(ROOT),
    }


def shares(figures: list[Figure], route: str, variant: str) -> list[float]:
    """Of the throughput of `variant`, what the service as it ships does not reach; round by round, ascending."""
    rates = {(one.system, one.turn): one.rate for one in figures if one.route == route}
    turns = sorted({one.turn for one in figures})
    return sorted(1 - rates[WHOLE, turn] / rates[variant, turn] for turn in turns)


def cost(figures: list[Figure], route: str) -> float:
    return median(shares(figures, route, BARE))


def show(console: Console, figures: list[Figure]) -> None:
    for route in AIMS:
        table = Table(title=TITLES[route], title_justify="left", title_style="bold")
        for name in (
            "system",
            "req/s",
            "p99 ms",
            "CPU µs, service + PG",
            "this part costs (min–max)",
            "of the CPU",
        ):
            table.add_column(name, justify="left" if name == "system" else "right")
        whole = _cpu(figures, route, WHOLE)
        for variant in VARIANTS:
            mine = [one for one in figures if (one.route, one.system) == (route, variant)]
            spent = sorted(shares(figures, route, variant))
            told = f"{median(spent):.1%} ({spent[0]:.1%} – {spent[-1]:.1%})" if variant != WHOLE else ""
            service, postgres = _cpu(figures, route, variant)
            saved = 1 - (service + postgres) / sum(whole) if sum(whole) and variant != WHOLE else 0.0
            table.add_row(
                variant,
                f"{median(one.rate for one in mine):,.0f}",
                f"{median(one.p99 for one in mine):.0f}",
                f"{service:,.0f} + {postgres:,.0f}",
                told,
                f"{saved:.1%}" if variant != WHOLE else "",
            )
        console.print(table)


def _cpu(figures: list[Figure], route: str, variant: str) -> tuple[float, float]:
    mine = [one for one in figures if (one.route, one.system) == (route, variant)]
    return median(one.service_us for one in mine), median(one.postgres_us for one in mine)


if __name__ == "__main__":
    sys.exit(main())
