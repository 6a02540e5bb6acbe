"""Every system on the same orders, pass after pass in an order that changes, and how right each of them is."""

import gc
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter

from app.domain.matching.features import Need

LIMIT = 10
"""How many teams are asked for."""

Top = Callable[[Need, int], list[int]]


@dataclass(frozen=True, eq=False)
class Entry:
    """A system: its name, its answer to an order, what it keeps for each team, and how long that took to make.

    `passes` limits how often it is timed; `peer` says that ratios to it are told.
    """

    name: str
    top: Top
    bytes_a_team: float
    build_seconds: float
    peer: bool = True
    passes: int = 99


@dataclass(eq=False)
class Result:
    """Of one system: the ms of every timed answer, how many of the true top it found, how often it was right.

    `full` counts the orders for which enough teams may serve.
    """

    entry: Entry
    ms: list[float] = field(default_factory=list)
    found: int = 0
    true: int = 0
    equal: int = 0
    full: int = 0
    asked: int = 0

    def quantile(self, share: float) -> float:
        ordered = sorted(self.ms)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    @property
    def recall(self) -> float:
        return self.found / self.true if self.true else 1.0

    @property
    def exact(self) -> bool:
        return self.equal == self.asked


def contest(
    entries: Sequence[Entry],
    orders: Sequence[Need],
    truth: Sequence[list[int]],
    passes: int,
    seconds: float,
) -> list[Result]:
    """Ask everybody everything once, unmeasured, for the answers; then `passes` times by the clock.

    No pass but the first begins when `seconds` have gone since the measuring began.
    """
    results = [Result(entry) for entry in entries]
    for result in results:
        for order, true in zip(orders, truth, strict=True):
            answer = result.entry.top(order, LIMIT)
            result.found += len(set(answer) & set(true))
            result.true += len(true)
            result.full += len(true) == LIMIT
            result.equal += answer == true
            result.asked += 1
    gc.collect()
    gc.freeze()
    shuffle, begun = random.Random(3).shuffle, perf_counter()
    for turn in range(passes):
        if turn and perf_counter() - begun > seconds:
            break
        running = [result for result in results if turn < result.entry.passes]
        shuffle(running)
        for result in running:
            result.ms += [_timed(result.entry.top, order) for order in orders]
    gc.unfreeze()
    return results


def _timed(top: Top, order: Need) -> float:
    begun = perf_counter()
    top(order, LIMIT)
    return (perf_counter() - begun) * 1000
