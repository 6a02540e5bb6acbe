"""`python -m benchmarks.planning`: the plan of a queue beside the ways people would make one, on the same queues.

Every figure comes from a process of its own, so that memory is that method's. The bound is our own (weak
duality, tested against HiGHS); clashes are counted by the checker of the tests, which shares no code with the
planner. Ends by itself within about 90 seconds on a quiet machine.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
from collections.abc import Callable, Mapping
from math import nan
from statistics import median
from time import monotonic, perf_counter, process_time
from typing import Any, Final, NamedTuple

import numpy as np
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from app.domain.planning.answer import answer
from app.domain.planning.arcs import offer
from app.domain.planning.cutting import settle
from app.domain.planning.flow import capacities, relax
from app.domain.planning.greedy import by_hand
from app.domain.planning.plan import solve, unhurried
from app.domain.planning.problem import Problem
from app.domain.planning.result import Plan
from app.domain.planning.roster import Roster
from tests.domain.planning.in_turn import served_in_turn
from tests.domain.planning.oracle import faults, optimum
from tests.domain.planning.queues import generated, skilled

HIGHS_SECONDS: Final = 15.0
MEMORY_MB: Final = 500
NEAR: Final = 0.999
LOADS: Final = (0.6, 0.8, 1.0, 1.3)


class Case(NamedTuple):
    """A queue; `limit` is how many seconds ours may take, None where nothing was promised."""

    name: str
    queue: Mapping[str, Any]
    limit: float | None = None
    highs: bool = False
    repeat: int = 1


HARD: Final = {"edges": 8, "longest": 8, "slack": 6}
CASES: Final = (
    Case("200 × 100", {"orders": 200, "teams": 100}, None, True, 5),
    Case("2,000 × 500", {"orders": 2_000, "teams": 500}, 0.3, True, 5),
    Case("5,000 × 2,000 loose", {"orders": 5_000, "teams": 2_000}, 2.0, False, 3),
    Case("20,000 × 2,000 overloaded", {"orders": 20_000, "teams": 2_000}, 5.0, False, 1),
    Case("150 × 40 hard", {"orders": 150, "teams": 40, **HARD}, None, True, 1),
    Case("2,000 × 500 hard", {"orders": 2_000, "teams": 500, **HARD}, None, False, 1),
    Case("2,000 × 300, 3 groups, a week", {"orders": 2_000, "teams": 300, "groups": 3, "days": 7, **HARD}),
)


def ours(queue: Problem) -> Plan:
    return solve(queue)


def greedy(queue: Problem) -> Plan:
    return by_hand(queue, unhurried)


def flow_and_drop(queue: Problem) -> Plan:
    """The plain flow; where it clashes, those of less value are dropped and nothing is put in their place."""
    laid = offer(queue, unhurried)
    capacity = capacities(queue, laid)
    taken = relax(queue.orders, laid.arcs, capacity, np.ones(len(laid.arcs), np.bool_))
    roster, value = Roster(queue, laid.arcs), np.zeros(queue.orders, np.int64)
    value[laid.arcs.order[taken.arc[taken.arc >= 0]]] = laid.arcs.value[taken.arc[taken.arc >= 0]]
    settle(roster, taken.arc, value, unhurried)
    return answer(queue, laid, roster, taken.value, 0 * capacity, partial=False)


METHODS: Final[dict[str, Callable[[Problem], Plan]]] = {
    "ours": ours,
    "greedy": greedy,
    "flow + drop": flow_and_drop,
}
HIGHS: Final = "HiGHS MIP"


def measure(case: Case, method: str) -> dict[str, Any]:
    """One row, in this process: seconds, objective, bound, served, mean score, clashes, peak memory."""
    queue = generated(**case.queue)
    if method == HIGHS:
        begun = perf_counter()
        best, most = optimum(queue, HIGHS_SECONDS, 1 - NEAR)
        return {"seconds": perf_counter() - begun, "objective": best, "bound": most}
    seconds, cpu = [], []
    for _ in range(case.repeat if method == "ours" else 1):
        begun, begun_cpu = perf_counter(), process_time()
        plan = METHODS[method](queue)
        seconds.append(perf_counter() - begun)
        cpu.append(process_time() - begun_cpu)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    served = plan.team >= 0
    return {
        "seconds": median(seconds),
        "cpu": median(cpu),
        "objective": plan.objective,
        "bound": plan.bound,
        "served": plan.served,
        "score": (plan.objective - int(queue.worth[served].sum())) / max(1, plan.served),
        "clashes": len(faults(queue, plan)),
        "memory": memory,
    }


def in_child(case: Case, method: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.planning", "--row", case.name, method]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def queue_in_words(case: Case) -> str:
    given = {"edges": 16, "longest": 3, "slack": 0, "days": 1, "groups": 1} | dict(case.queue)
    return (
        f"K={given['edges']} · ≤{given['longest']}×½h · slack ≤{given['slack']}×½h · {given['days']} d · "
        f"{given['groups']} gr"
    )


def show(console: Console, rows: list[tuple[Case, str, dict[str, Any]]]) -> None:
    table = Table(title="Plan of the queue", caption="daily limit 1-5, 8:00-22:00, 30 km/h in 20 km, seed 1")
    for name in ("queue", "method", "s", "CPU s", "% of bound", "served", "mean score", "clashes", "peak MB"):
        table.add_column(name, justify="left" if name in ("queue", "method") else "right")
    bounds = {case.name: min(found["bound"] for c, _, found in rows if c is case) for case, _, _ in rows}
    for case, method, found in rows:
        first = method == "ours"
        table.add_row(
            f"{case.name}\n[dim]{queue_in_words(case)}" if first else "",
            method,
            f"{found['seconds']:.3f}",
            f"{found.get('cpu', nan):.3f}",
            f"{100 * found['objective'] / bounds[case.name]:.4f}",
            *(
                f"{found[key]:,.0f}" if key in found else "·"
                for key in ("served", "score", "clashes", "memory")
            ),
            end_section=method == [m for c, m, _ in rows if c is case][-1],
        )
    console.print(table)


def aims(rows: list[tuple[Case, str, dict[str, Any]]]) -> list[tuple[str, bool]]:
    found = []
    for case, method, row in rows:
        if method == "ours":
            found.append((f"{case.name}: no clash", row["clashes"] == 0))
        if method == "ours" and case.limit is not None:
            share = row["objective"] / row["bound"]
            seconds, cpu, memory = row["seconds"], row["cpu"], row["memory"]
            took = f"{seconds:.2f} s ({cpu:.2f} s CPU)"
            found += [
                (f"{case.name}: {100 * share:.3f} % of the bound, aim ≥ {100 * NEAR:.1f} %", share >= NEAR),
                (f"{case.name}: {took}, aim ≤ {case.limit} s", seconds <= case.limit),
                (f"{case.name}: {memory:.0f} MB, aim ≤ {MEMORY_MB} MB", memory <= MEMORY_MB),
            ]
    return found


def show_prices(console: Console) -> None:
    table = Table(
        title="Ranking one by one: served by score alone, and by score less the price of the last plan"
    )
    for name in ("orders per place", "score", "score − price", "gain", "the plan itself"):
        table.add_column(name, justify="right")
    for load in LOADS:
        queues = [(seed, skilled(300, 60, load, seed)) for seed in range(5)]
        plans = [solve(queue, Soon(3.0)) for _, queue in queues]
        plain = sum(served_in_turn(queue, None, seed) for seed, queue in queues)
        priced = sum(
            served_in_turn(queue, plan.prices, seed)
            for (seed, queue), plan in zip(queues, plans, strict=True)
        )
        planned = sum(plan.served for plan in plans)
        table.add_row(
            f"{load}", f"{plain}", f"{priced}", f"{100 * (priced / plain - 1):+.1f} %", f"{planned}"
        )
    console.print(table)


class Soon:
    """Time that runs from now on."""

    def __init__(self, seconds: float) -> None:
        self.end = monotonic() + seconds

    def __call__(self) -> float:
        return self.end - monotonic()


def main() -> int:
    asked = argparse.ArgumentParser(
        prog="python -m benchmarks.planning", description="Plans beside their peers."
    )
    asked.add_argument("--row", nargs=2, metavar=("QUEUE", "METHOD"), help="one row as JSON, in this process")
    wanted = asked.parse_args()
    if wanted.row:
        case = next(case for case in CASES if case.name == wanted.row[0])
        print(json.dumps(measure(case, wanted.row[1])))
        return 0
    console = Console(width=max(120, Console().width))
    console.print(f"Python {platform.python_version()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}")
    tasks = [(case, method) for case in CASES for method in (*METHODS, *((HIGHS,) if case.highs else ()))]
    with Progress(console=console, transient=True) as progress:
        rows = [(*task, in_child(*task)) for task in progress.track(tasks, description="planning")]
    show(console, rows)
    show_prices(console)
    if os.getloadavg()[0] > 1.5:
        console.print(
            f"[yellow]load {os.getloadavg()[0]:.1f}: others use this machine too, so read the CPU seconds"
        )
    for words, kept in aims(rows):
        console.print(f"[green]✓[/] {words}" if kept else f"[red]✗[/] {words}")
    return 0 if all(row["clashes"] == 0 for _, method, row in rows if method == "ours") else 1


if __name__ == "__main__":
    sys.exit(main())
