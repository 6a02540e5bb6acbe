"""Who is on which team's day, kept free of clashes at every step."""

from collections.abc import Iterator, Sequence
from copy import copy

import numpy as np

from app.domain.hours import DAY_SLOTS
from app.domain.planning.arcs import Arcs
from app.domain.planning.problem import Ints, Problem
from app.domain.planning.result import NOBODY
from app.domain.planning.timetable import Job, fit
from app.domain.planning.travel import Gap, gap, widest

Starts = dict[int, int]


class Roster:
    """Orders on (team, day) slots, each slot with a timetable. An arc is put only if all keep a time.

    The days of a team are timetabled apart unless an order of one could reach into the next, by its duration
    or the way; then together. What was tried is remembered, since the same sets come back in every round.
    """

    def __init__(self, problem: Problem, arcs: Arcs) -> None:
        self.problem, self.arcs = problem, arcs
        self.held: dict[int, list[int]] = {}
        self.arc_of: dict[int, int] = {}
        self.starts: Starts = {}
        self._tried: dict[tuple[int, ...], Starts | None] = {}
        self._days, longest = problem.days, int(problem.duration.max(initial=0))
        self._widest = widest(problem.place, problem.speed_kmh)
        self._reach = (1 + (self._widest + longest) // DAY_SLOTS).tolist()
        self._rows: dict[int, list[int]] = {}
        self._gaps: dict[float, Gap] = {}

    def blank(self) -> "Roster":
        """Another one with nobody on it, which remembers what was tried on this one."""
        other = copy(self)
        other.held, other.arc_of, other.starts = {}, {}, {}
        return other

    @property
    def value(self) -> int:
        return int(self.arcs.value[list(self.arc_of.values())].sum()) if self.arc_of else 0

    def taken(self) -> Ints:
        """The arc of each order, int64[N], or -1."""
        arcs = np.full(self.problem.orders, NOBODY, np.int64)
        arcs[list(self.arc_of)] = list(self.arc_of.values())
        return arcs

    def room(self, slot: int) -> bool:
        return len(self.held.get(slot, ())) < int(self.problem.daily_limit[slot // self._days])

    def starts_around(self, slot: int) -> Starts:
        """The times of all that could be moved when something is put on this slot."""
        around = self._together(slot, self.held.get(slot, []))
        return {order: self.starts[order] for order in self.arcs.order[around].tolist()}

    def put(self, slot: int, added: Sequence[int]) -> bool:
        """Puts arcs of one slot, all or none; False if the day is full or there is no timetable."""
        both = [*self.held.get(slot, ()), *added]
        if len(both) > int(self.problem.daily_limit[slot // self._days]):
            return False
        starts = self._timetable(slot, both)
        if starts is None:
            return False
        self.held[slot] = both
        for arc in added:
            self.arc_of[int(self.arcs.order[arc])] = arc
        self.starts.update(starts)
        return True

    def drop(self, arc: int) -> None:
        """Takes an arc away; the others keep their times."""
        order = int(self.arcs.order[arc])
        self.held[int(self.arcs.slot[arc])].remove(arc)
        del self.arc_of[order], self.starts[order]

    def restore(self, arc: int, start: int) -> None:
        """Puts back an arc at a time that is known to suit all others."""
        order = int(self.arcs.order[arc])
        self.held.setdefault(int(self.arcs.slot[arc]), []).append(arc)
        self.arc_of[order], self.starts[order] = arc, start

    def _timetable(self, slot: int, arcs: list[int]) -> Starts | None:
        key = tuple(sorted(self._together(slot, arcs)))
        if key not in self._tried:
            team = slot // self._days
            jobs = [self._job(arc) for arc in key]
            self._tried[key] = fit(jobs, self._row(team), self._gap(team))
        return self._tried[key]

    def _together(self, slot: int, arcs: list[int]) -> list[int]:
        """These arcs of one day, and those of days before and after that they could get in the way of."""
        team, found = slot // self._days, list(arcs)
        for step in (-1, 1):
            other, skipped = slot + step, 0
            while other // self._days == team and skipped < self._reach[team]:
                there = self.held.get(other)
                if there and self._touch(team, *((there, found) if step < 0 else (found, there))):
                    found += there
                    skipped = 0
                else:
                    skipped += 1
                other += step
        return found

    def _touch(self, team: int, early: Sequence[int], late: Sequence[int]) -> bool:
        firsts, seconds = [self._job(arc) for arc in early], [self._job(arc) for arc in late]
        ends = max(job.latest + job.duration for job in firsts)
        if ends + int(self._widest[team]) <= min(job.earliest for job in seconds):
            return False
        between = self._gap(team)
        return any(
            a.latest + a.duration + between(a.order, b.order) > b.earliest for a in firsts for b in seconds
        )

    def _job(self, arc: int) -> Job:
        order = int(self.arcs.order[arc])
        earliest, latest = int(self.arcs.earliest[arc]), int(self.arcs.latest[arc])
        return Job(latest, earliest, order, int(self.problem.duration[order]))

    def _row(self, team: int) -> list[int]:
        if team not in self._rows:
            self._rows[team] = self.problem.free[team].tolist()
        return self._rows[team]

    def _gap(self, team: int) -> Gap:
        speed = float(self.problem.speed_kmh[team])
        if speed not in self._gaps:
            self._gaps[speed] = gap(self.problem.place, speed)
        return self._gaps[speed]


def by_slot(arcs: Arcs, taken: Ints) -> Iterator[tuple[int, list[int]]]:
    """The arcs taken, slot by slot, ascending in both."""
    chosen = np.sort(taken)
    chosen = chosen[np.argsort(arcs.slot[chosen], kind="stable")]
    slots, begins = np.unique(arcs.slot[chosen], return_index=True)
    for slot, group in zip(slots.tolist(), np.split(chosen, begins[1:]), strict=False):
        yield slot, group.tolist()
