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
from torture.processes import NotReady
from torture.run import Plan, run
from torture.scene import SMALL, Size
from torture.table import show, show_bugs

assert app.models
BUG_SECONDS = 15.0


def main() -> int:
    asked = argparse.ArgumentParser(prog="make torture", description="Break everything, and see what holds.")
    asked.add_argument("--seconds", type=float, default=180, help="of load (of a bug: 15)")
    asked.add_argument("--seed", type=int, default=4)
    asked.add_argument(
        "--bug", choices=sorted(BUGS), help="plant one bug; exit code 1 means that it was noticed"
    )
    asked.add_argument("--bugs", action="store_true", help="plant each bug; exit code 1 when one was missed")
    asked.add_argument("--small", action="store_true", help="few people, as in the test suite")
    asked.add_argument("--keep", type=Path, help="copy logs and the history of the clients to this folder")
    wanted = asked.parse_args()
    console = Console(width=max(110, Console().width))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sidan-torture-")))
        if wanted.keep:
            stack.callback(shutil.copytree, folder, wanted.keep, dirs_exist_ok=True)
        server = start(durable=True)
        stack.callback(server.stop)
        try:
            if wanted.bugs:
                return _bugs(console, server, folder, min(wanted.seconds, BUG_SECONDS), wanted.seed)
            size = SMALL if wanted.small else Size()
            report = asyncio.run(
                run(server, folder, Plan(wanted.seconds, wanted.seed, size, bug=wanted.bug), console.print)
            )
        except NotReady as failure:
            console.print(f"[red]{failure}", markup=False)
            return 1
    show(console, report)
    return 1 if report.violations else 0


def _bugs(console: Console, server: Server, folder: Path, seconds: float, seed: int) -> int:
    found, caught = {}, {}
    for number, (name, bug) in enumerate(BUGS.items()):
        below = folder / name
        below.mkdir()
        plan = Plan(seconds, seed + number, SMALL, apis=1, workers=1, bug=name, calm=True)
        report = asyncio.run(run(server, below, plan))
        found[name] = report.rules
        caught[name] = bool(bug.rules & report.rules.keys())
        console.print(f"{name}: {dict(report.rules)}", markup=False)
    show_bugs(console, found, caught)
    return 0 if all(caught.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
