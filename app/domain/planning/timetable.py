"""Can one team do all of these orders, and when? The exact question behind every clash.

A team has as many lanes as groups: lane k is open in a half hour when more than k groups are free, an order
stays on one lane, and between two orders of a lane there is time for the way. Searching the lanes in order of
start, each order as early as its lane allows, misses no feasible timetable: what is feasible stays so when an
order moves earlier on its own lane. The search is cut after NODES steps; an answer "no" may then be wrong,
which costs worth and never soundness.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from app.domain.planning.travel import Gap

NODES: Final = 400
DEEPEST: Final = 12
"""Larger sets are laid out in one go, by latest start, without turning back."""


class Job(NamedTuple):
    """An order that may start in any half hour of earliest..latest; `duration` half hours."""

    latest: int
    earliest: int
    order: int
    duration: int


@dataclass(slots=True)
class _Lane:
    """Lanes of the same `kind` are open in the same half hours; `done` are (order, end) in turn."""

    number: int
    kind: int
    done: list[tuple[int, int]] = field(default_factory=list)

    def ready(self, order: int, gap: Gap) -> int:
        """From when on it could begin an order. All that it did counts: a service online is in no place."""
        return max([end + gap(one, order) for one, end in self.done], default=0)


def fit(jobs: Sequence[Job], free: Sequence[int], gap: Gap) -> dict[int, int] | None:
    """A start for each order, or None. `free` is the team's whole row; jobs lie within it."""
    if not jobs:
        return {}
    begin, end = min(job.earliest for job in jobs), max(job.latest + job.duration for job in jobs)
    levels = sorted(set(free[begin:end]))
    if all(job.earliest == job.latest for job in jobs):
        in_turn = _in_turn(jobs, free, gap)
        if in_turn is not None or levels[-1] <= 1:
            return in_turn
    search = _Search(free, gap, [_Lane(k, bisect_right(levels, k)) for k in range(levels[-1])])
    waiting = sorted(jobs)
    done = search.rush(waiting) if len(waiting) > DEEPEST else search.place(waiting)
    return search.starts if done else None


def _in_turn(jobs: Sequence[Job], free: Sequence[int], gap: Gap) -> dict[int, int] | None:
    """Orders of fixed time on the first lane: the only sequence there is."""
    lane = _Lane(0, 0)
    for job in sorted(jobs):
        end = job.earliest + job.duration
        if job.earliest < lane.ready(job.order, gap) or min(free[job.earliest : end]) <= 0:
            return None
        lane.done.append((job.order, end))
    return {job.order: job.earliest for job in jobs}


class _Search:
    def __init__(self, free: Sequence[int], gap: Gap, lanes: list[_Lane]) -> None:
        self.free, self.gap, self.lanes, self.nodes = free, gap, lanes, NODES
        self.starts: dict[int, int] = {}

    def place(self, waiting: list[Job]) -> bool:
        """Whether all of `waiting` can follow what is placed; leaves them in `starts` if so."""
        if not waiting:
            return True
        self.nodes -= 1
        if self.nodes < 0:
            return False
        options = []
        for job in waiting:
            mine = self._options(job)
            if not mine:
                return False
            options.append((job, mine))
        for job, mine in options:
            rest = [other for other in waiting if other is not job]
            for start, lane in mine:
                self._put(job, start, lane)
                if self.place(rest):
                    return True
                lane.done.pop()
        return False

    def rush(self, waiting: list[Job]) -> bool:
        """Each in turn where it can start first; no second thoughts."""
        for job in waiting:
            options = self._options(job)
            if not options:
                return False
            self._put(job, *options[0])
        return True

    def _options(self, job: Job) -> list[tuple[int, _Lane]]:
        """(start, lane) by start, the scarcer lane first; of lanes alike that nobody used yet, only one."""
        found: list[tuple[int, _Lane]] = []
        fresh = -1
        for lane in self.lanes:
            if not lane.done:
                if lane.kind == fresh:
                    continue
                fresh = lane.kind
            start = self._start(job, lane.ready(job.order, self.gap), lane.number)
            if start >= 0:
                found.append((start, lane))
        return sorted(found, key=lambda option: (option[0], -option[1].number))

    def _start(self, job: Job, ready: int, lane: int) -> int:
        """The first half hour from `ready` in which the lane stays open long enough, or -1."""
        free, duration = self.free, job.duration
        start = job.earliest if job.earliest > ready else ready
        while start <= job.latest:
            for half_hour in range(start + duration - 1, start - 1, -1):
                if free[half_hour] <= lane:
                    start = half_hour + 1
                    break
            else:
                return start
        return -1

    def _put(self, job: Job, start: int, lane: _Lane) -> None:
        lane.done.append((job.order, start + job.duration))
        self.starts[job.order] = start
