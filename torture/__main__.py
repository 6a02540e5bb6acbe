"""`make torture`: the fault test of docs/torture.md. Ends by itself; exit code 1 on any broken promise.

`--bugs` instead plants one bug after the other, each in a short run, and fails when the checker misses one.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

import app.models
from tests.postgres import Server, start
from torture.bugs import BUGS
from torture.history import Outcome
from torture.processes import NotReady, Nursery
from torture.run import Plan, run
from torture.scene import SMALL, Size
from torture.settling import FEW, STRIDES
from torture.stage import migrate
from torture.table import show, show_bugs

assert app.models
SECONDS, BUG_SECONDS = 180.0, 60.0
HASTE = 0.4
"""Few people must do more."""
BUG_SETTLES = 6.0
"""Seconds: with a broken clock there is something left for ever."""


def main() -> int:
    asked = argparse.ArgumentParser(prog="make torture", description="Break everything, and see what holds.")
    asked.add_argument("--seconds", type=float, help="of load: 180, or at most 60 for each bug")
    asked.add_argument("--seed", type=int, default=4)
    asked.add_argument("--small", action="store_true", help="few people and few jumps, as in the test suite")
    asked.add_argument(
        "--bugs",
        nargs="*",
        choices=BUGS,
        metavar="BUG",
        help=f"instead, plant: {' '.join(BUGS)} (or all of them)",
    )
    asked.add_argument(
        "--then", choices=BUGS, metavar="BUG", help="plant it afterwards, and fail when it is not noticed"
    )
    asked.add_argument("--keep", type=Path, help="copy logs and the history of the clients to this folder")
    wanted = asked.parse_args()
    console = Console(width=max(110, Console().width))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sidan-torture-")))
        if wanted.keep:
            stack.callback(shutil.copytree, folder, wanted.keep, dirs_exist_ok=True)
        nursery = Nursery()
        stack.callback(nursery.close)
        server = start(durable=True)
        stack.callback(server.stop)
        asyncio.run(migrate(server))
        try:
            if wanted.bugs is not None:
                seconds = wanted.seconds or BUG_SECONDS
                names = wanted.bugs or list(BUGS)
                return _bugs(console, server, nursery, folder, names, seconds, wanted.seed)
            size, strides, pause = (SMALL, FEW, HASTE) if wanted.small else (Size(), STRIDES, 1.0)
            plan = Plan(wanted.seconds or SECONDS, wanted.seed, size, strides=strides, pause=pause)
            report = asyncio.run(run(server, nursery, folder, plan, console.print))
            missed = wanted.then and _bugs(
                console, server, nursery, folder, [wanted.then], BUG_SECONDS, wanted.seed
            )
        except NotReady as failure:
            console.print(f"{failure}", style="red", markup=False)
            return 1
    show(console, report)
    if not report.outcomes[Outcome.OK]:
        console.print(
            "没有一次写入得到确认，什么也没有检验 · nothing was acknowledged, so nothing was tried",
            style="red",
        )
        return 1
    return 1 if report.violations or missed else 0


def _bugs(
    console: Console,
    server: Server,
    nursery: Nursery,
    folder: Path,
    names: list[str],
    seconds: float,
    seed: int,
) -> int:
    """One calm run a bug: nothing is broken but what the bug breaks."""
    reports = {}
    for name in names:
        below = folder / name
        below.mkdir()
        plan = Plan(
            seconds,
            seed,
            SMALL,
            apis=1,
            workers=1,
            bug=name,
            strides=BUGS[name].strides,
            pause=HASTE,
            settle_seconds=0.0 if BUGS[name].at_once else BUG_SETTLES,
            calm=True,
        )
        reports[name] = asyncio.run(run(server, nursery, below, plan))
        for one in {one.rule: one for one in reports[name].violations}.values():
            console.print(f"{name}: {one.rule}  {one.subject}  {one.text}", markup=False)
    return 0 if show_bugs(console, reports) else 1


if __name__ == "__main__":
    sys.exit(main())
