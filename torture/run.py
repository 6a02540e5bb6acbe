"""One run from the first process to the verdict."""

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx

from app.services.verify import verify
from tests.postgres import Server
from torture.bugs import BUGS
from torture.checker import Evidence, judge
from torture.checks.violation import Broken
from torture.faults import Faults, Kind
from torture.history import History, Outcome, first_answers
from torture.load import load
from torture.nemesis import Nemesis, Stroke, plan
from torture.nursery import BUG
from torture.phone import Network
from torture.processes import Nursery, fleet
from torture.scene import Size, plant
from torture.settling import STRIDES, settle
from torture.snapshot import take
from torture.stage import staged
from torture.wechat import BadLine

SETTLE_SECONDS = 30.0
"""One tick is half a second; the rest is for catching up with what a storm left behind on a busy machine."""


@dataclass(frozen=True)
class Plan:
    """What is to be done; the same seed draws the same faults and choices, though not the same moments."""

    seconds: float
    seed: int
    size: Size
    apis: int = 2
    workers: int = 2
    bug: str | None = None
    strides: tuple[timedelta, ...] = STRIDES
    pause: float = 1.0
    settle_seconds: float = SETTLE_SECONDS
    calm: bool = False
    """Nothing is broken but what `bug` breaks."""


@dataclass(frozen=True)
class Report:
    operations: Counter[str]
    outcomes: Counter[Outcome]
    faults: Faults
    refusals: Counter[str]
    orders: int
    messages: int
    settled_seconds: float
    violations: list[Broken]

    @property
    def rules(self) -> Counter[str]:
        return Counter(one.rule for one in self.violations)


async def run(
    server: Server,
    nursery: Nursery,
    folder: Path,
    wanted: Plan,
    say: Callable[[str], None] = lambda _: None,
) -> Report:
    """`say` hears how far it is. Raises NotReady when a process does not start."""
    chance, begun = random.Random(wanted.seed), time.monotonic()

    def tell(what: str) -> None:
        say(f"{time.monotonic() - begun:6.1f} s  {what}")

    history, faults = History(folder / "history.jsonl"), Faults()
    bug = BUGS[wanted.bug] if wanted.bug else None
    wechat = BadLine(random.Random(wanted.seed + 1))
    async with AsyncExitStack() as stack:
        stack.callback(history.close)
        stage = await stack.enter_async_context(staged(server, folder, wechat, bug.sql if bug else ""))
        scene = await plant(stage.house, wanted.size)
        environment = stage.environment | ({BUG: wanted.bug} if wanted.bug else {})
        children = fleet(nursery, environment, folder, wanted.apis, wanted.workers)
        try:
            tell("the database is there, starting the processes")
            await children.start()
            supervisor = asyncio.create_task(children.supervise())
            stack.callback(supervisor.cancel)
            lines = [_line(base) for base in children.bases]
            network = Network(lines, stage.house.tokens, stage.offset, history, chance, wanted.pause)
            wechat.clock = lambda: network.at
            nemesis = Nemesis(
                children,
                server,
                wechat,
                stage.offset,
                random.Random(wanted.seed + 2),
                lambda: network.at,
                faults,
            )

            def jumped() -> None:
                faults.add(Kind.CLOCK_FORWARD, "settling", network.at, network.at)

            def enough() -> bool:
                return bug is not None and bug.shown(history)

            strokes: list[Stroke] = [] if wanted.calm else plan(wanted.seconds, nemesis.chance)
            tell(f"{len(strokes)} faults to come in {wanted.seconds:g} s of load")
            async with asyncio.TaskGroup() as group:
                group.create_task(nemesis.rage(strokes))
                group.create_task(load(network, scene, wanted.seconds, enough))
            tell(f"the load is over: {len(history.entries)} writes, {faults.kills} kills; settling")
            settled = await settle(stage, children, wanted.strides, jumped, wanted.settle_seconds)
            await asyncio.gather(*(line.aclose() for line in lines))
        finally:
            children.kill()
        tell("settled; judging")
        seen = await take(stage.house.database)
        evidence = Evidence(history.entries, seen, wechat.messages, faults.done, settled.due_by)
        violations = judge(evidence)
        violations += [
            Broken(f"verify: {one.rule}", one.subject, one.text) for one in await verify(stage.house.database)
        ]
    entries = list(first_answers(history.entries))
    return Report(
        operations=Counter(entry.verb for entry in entries),
        outcomes=Counter(entry.outcome for entry in entries),
        faults=faults,
        refusals=Counter(
            f"{entry.verb} {entry.code}" for entry in entries if entry.outcome is Outcome.REFUSED
        ),
        orders=len(seen.orders),
        messages=len(wechat.messages),
        settled_seconds=settled.slowest,
        violations=violations,
    )


def _line(base: str) -> httpx.AsyncClient:
    """To one API process, past any proxy of the environment."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    return httpx.AsyncClient(base_url=base, trust_env=False, limits=httpx.Limits(max_connections=200))
