"""Can one team do all of these orders, and when? The exact question behind every clash.

A team has as many lanes as groups. A lane does one order after the other with the way in between, and in no
half hour may more lanes be at work than groups are free. Searching lanes in order of start, each order as
early as its lane allows, misses no feasible timetable: whatever is feasible stays so when an order moves
earlier on its own lane. The search is cut after NODES steps; an answer "no" may then be wrong, which costs
worth and never soundness.
"""

from collections.abc import Sequence
from dataclasses import dataclass
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
    free_from: int
    last: int


def fit(jobs: Sequence[Job], free: Sequence[int], gap: Gap) -> dict[int, int] | None:
    """A start for each order, or None. `free` is the team's whole row; jobs lie within it."""
    lanes = max((max(free[job.earliest : job.latest + job.duration]) for job in jobs), default=0)
    if lanes <= 0:
        return None if jobs else {}
    if all(job.earliest == job.latest for job in jobs):
        in_turn = _in_turn(jobs, free, gap)
        if in_turn is not None or lanes == 1:
            return in_turn
    search = _Search(list(free), gap, lanes)
    waiting = sorted(jobs)
    done = search.rush(waiting) if len(waiting) > DEEPEST else search.place(waiting)
    return search.starts if done else None


def _in_turn(jobs: Sequence[Job], free: Sequence[int], gap: Gap) -> dict[int, int] | None:
    """Orders of fixed time, by a single group: the only sequence there is."""
    end, last = 0, -1
    for job in sorted(jobs):
        if last >= 0 and job.earliest < end + gap(last, job.order):
            return None
        end, last = job.earliest + job.duration, job.order
        if min(free[job.earliest : end]) <= 0:
            return None
    return {job.order: job.earliest for job in jobs}


class _Search:
    def __init__(self, left: list[int], gap: Gap, lanes: int) -> None:
        self.left, self.gap, self.nodes = left, gap, NODES
        self.lanes = [_Lane(0, -1) for _ in range(lanes)]
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
                before = (lane.free_from, lane.last)
                self._put(job, start, lane)
                if self.place(rest):
                    return True
                self._take(job, start)
                lane.free_from, lane.last = before
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
        """(start, lane) by start; of two lanes that nobody used yet, the first."""
        found: list[tuple[int, _Lane]] = []
        for lane in self.lanes:
            ready = lane.free_from + (self.gap(lane.last, job.order) if lane.last >= 0 else 0)
            start = self._start(job, ready)
            if start >= 0:
                found.append((start, lane))
            if lane.last < 0:
                break
        return sorted(found, key=lambda option: (option[0], -option[1].free_from))

    def _start(self, job: Job, ready: int) -> int:
        """The first half hour from `ready` with a group free throughout, or -1."""
        left, duration = self.left, job.duration
        start = job.earliest if job.earliest > ready else ready
        while start <= job.latest:
            for half_hour in range(start + duration - 1, start - 1, -1):
                if left[half_hour] <= 0:
                    start = half_hour + 1
                    break
            else:
                return start
        return -1

    def _put(self, job: Job, start: int, lane: _Lane) -> None:
        end = start + job.duration
        for half_hour in range(start, end):
            self.left[half_hour] -= 1
        lane.free_from, lane.last = end, job.order
        self.starts[job.order] = start

    def _take(self, job: Job, start: int) -> None:
        for half_hour in range(start, start + job.duration):
            self.left[half_hour] += 1
        del self.starts[job.order]
