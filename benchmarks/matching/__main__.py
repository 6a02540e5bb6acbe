"""`python -m benchmarks.matching`: the best ten teams of an order, ours beside PostGIS, SQL, Redis and brute force.

The same teams, orders and promises for everybody, several passes in an order that changes, on one machine and
one connection each. What counts is the top by all conditions and factors; brute force says which one it is. Ends
by itself after a few minutes; exits with an error when our own answers were not the oracle's.
"""

import argparse
import os
import platform
import sys
from contextlib import ExitStack
from time import perf_counter

from rich.console import Console

from benchmarks.matching import board, database
from benchmarks.matching.brute import Brute
from benchmarks.matching.contest import LIMIT, Result, contest
from benchmarks.matching.peers import PEERS, Field
from benchmarks.matching.scene import scene
from benchmarks.report import show_aims
from tests.postgres import NoPostgres, Server

SIZES = (1_000, 10_000, 100_000, 1_000_000)
HUGE = 300_000
"""From here on fewer orders and passes, and brute force is timed once."""

ORDERS, HUGE_ORDERS = 120, 60
PASSES, HUGE_PASSES = 5, 3
SECONDS = 40.0
"""After which no further pass begins: a slow machine makes fewer of them."""


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m benchmarks.matching", description=__doc__.splitlines()[0])
    asked.add_argument("--sizes", nargs="+", type=int, default=SIZES, help="numbers of teams")
    asked.add_argument("--peers", nargs="*", choices=PEERS, default=PEERS)
    wanted = asked.parse_args()
    console = Console(width=max(130, Console().width))
    console.print(
        f"Python {platform.python_version()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f};"
        " one client, times with the client's part"
    )
    begun, aims, exact = perf_counter(), [], True
    with ExitStack() as stack:
        server = _server(stack) if {"sql", "postgis"} & set(wanted.peers) else None
        for size in wanted.sizes:
            results, missing = _one_size(size, wanted.peers, server)
            board.show(console, size, results, missing)
            aims += list(board.aims(size, results))
            exact &= all(one.exact for one in results if one.entry.name.startswith(board.OURS))
    show_aims(console, aims)
    console.print(f"{perf_counter() - begun:.0f} s; load at the end {os.getloadavg()[0]:.1f}")
    return 0 if exact else 1


def _server(stack: ExitStack) -> Server | None:
    try:
        return stack.enter_context(database.server())
    except NoPostgres:
        return None


def _one_size(size: int, peers: list[str], server: Server | None) -> tuple[list[Result], list[str]]:
    huge = size >= HUGE
    stage = scene(size, HUGE_ORDERS if huge else ORDERS)
    begun = perf_counter()
    brute = Brute(stage)
    seconds = perf_counter() - begun
    truth = [brute.top(order, LIMIT) for order in stage.orders]
    with ExitStack() as stack:
        field = Field(stage, stack)
        field.add_ours()
        if {"sql", "postgis"} & set(peers):
            field.add_sql(server, peers)
        if "redis" in peers:
            field.add_redis()
        field.add_brute(brute, seconds, 1 if huge else PASSES)
        passes = HUGE_PASSES if huge else PASSES
        return contest(field.entries, stage.orders, truth, passes, SECONDS), field.missing


if __name__ == "__main__":
    sys.exit(main())
