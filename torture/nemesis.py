"""Whoever wants it to fail: kills, pauses, restarts, bad weather and a clock that jumps, by a seeded plan."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from tests.postgres import Server
from torture import cluster
from torture.faults import WECHAT, Fault, Faults, Kind
from torture.offset import Offset
from torture.processes import Child, Fleet
from torture.wechat import BadLine

EVERY = {
    Kind.KILL_API: 11.0,
    Kind.KILL_WORKER: 11.0,
    Kind.RESTART_POSTGRES: 24.0,
    Kind.PAUSE: 15.0,
    Kind.WECHAT_DROPS: 40.0,
    Kind.WECHAT_DELAYS: 40.0,
    Kind.WECHAT_GARBLES: 40.0,
    Kind.CLOCK_FORWARD: 11.0,
    Kind.CLOCK_BACK: 50.0,
}
"""Seconds from one fault of a kind to the next, on average: 40 kills in three minutes."""
JUMPS = ([timedelta(minutes=20), timedelta(hours=2), timedelta(hours=9), timedelta(hours=25)], [4, 4, 3, 2])
"""How far the clock goes at once, and how often: past the limits of an emergency, of a day, of a normal order."""
BACK = timedelta(seconds=40)
RECOVERY = 3.0
"""Nothing is broken in the last seconds, so that the clients can hear how it ended."""


class Stroke(NamedTuple):
    """At so many seconds after the load began."""

    at: float
    kind: Kind


def plan(seconds: float, chance: random.Random, every: dict[Kind, float] | None = None) -> list[Stroke]:
    """As many of each kind as fit into `seconds`, at least one of each that kills, in order of time."""
    strokes = []
    for kind, mean in (every or EVERY).items():
        count = (
            max(1, round(seconds / mean)) if mean <= EVERY[Kind.RESTART_POSTGRES] else round(seconds / mean)
        )
        strokes += [Stroke(chance.uniform(0.5, max(1.0, seconds - RECOVERY)), kind) for _ in range(count)]
    return sorted(strokes)


@dataclass
class Nemesis:
    fleet: Fleet
    server: Server
    wechat: BadLine
    offset: Offset
    chance: random.Random
    clock: Callable[[], float]
    """Seconds since the load began."""
    faults: Faults
    _busy: dict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    """Nothing is killed while it is being put back."""

    async def rage(self, strokes: list[Stroke]) -> None:
        """Strike as planned; ends when everything that was broken has been put back."""
        async with asyncio.TaskGroup() as group:
            for stroke in strokes:
                await asyncio.sleep(max(0.0, stroke.at - self.clock()))
                group.create_task(self._strike(stroke.kind))
        self.wechat.become(None)

    async def _strike(self, kind: Kind) -> None:
        begun = self.clock()
        match kind:
            case Kind.KILL_API:
                target = await self._kill(self.chance.choice(self.fleet.apis))
            case Kind.KILL_WORKER:
                target = await self._kill(self.chance.choice(self.fleet.workers))
            case Kind.RESTART_POSTGRES:
                target = "postgres"
                async with self._busy[target]:
                    await asyncio.to_thread(cluster.restart, self.server)
            case Kind.PAUSE:
                target = await self._pause(self.chance.choice(list(self.fleet)))
            case Kind.CLOCK_FORWARD:
                self.offset.jump(self.chance.choices(*JUMPS)[0])
                target = "clock"
            case Kind.CLOCK_BACK:
                self.offset.jump(-BACK * self.chance.random())
                target = "clock"
            case _:
                target = await self._weather(kind)
        self.faults.add(kind, target, begun, self.clock())

    async def _kill(self, child: Child) -> str:
        async with self._busy[child.name]:
            await asyncio.to_thread(child.kill)
            await asyncio.sleep(self.chance.uniform(0.0, 1.0))
            child.start()
        return child.name

    async def _pause(self, child: Child) -> str:
        async with self._busy[child.name]:
            child.pause(True)
            await asyncio.sleep(self.chance.uniform(1.0, 6.0))
            child.pause(False)
        return child.name

    async def _weather(self, kind: Kind) -> str:
        assert kind in WECHAT
        self.wechat.become(kind)
        await asyncio.sleep(self.chance.uniform(2.0, 8.0))
        self.wechat.become(None)
        return "wechat"


def last(faults: list[Fault]) -> float:
    """When the last fault was over."""
    return max((fault.ended for fault in faults), default=0.0)
