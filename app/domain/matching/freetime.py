"""When teams could begin: their week, its dated exceptions, and what they have already promised.

A window is read as bits: only the bytes it touches are taken out of the packed weeks. "Free for the whole
duration" is found by doubling: free for one half hour, for two, for four …
"""

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from app.domain.hours import DAY_SLOTS, WEEK_SLOTS
from app.domain.matching.features import Bools, Ints, Need, Rows
from app.domain.matching.index import TeamIndex

MONDAY: Final = 4
"""1970-01-05 was a Monday: day numbers are moved by so many to count weeks."""

BLOCK_CELLS: Final = 4_000_000
"""Teams × half hours looked at in one go, so that a window of a month of a million teams needs no gigabytes."""


class Window(Protocol):
    """Some half hours in a row, as a Need has them; the days are those they touch."""

    @property
    def first_day(self) -> int: ...
    @property
    def first_slot(self) -> int: ...
    @property
    def slots(self) -> int: ...
    @property
    def days(self) -> range: ...


def on_duty(index: TeamIndex, need: Window, rows: Rows) -> Bools:
    """bool[rows, slots]: whether each team is available, its exceptions considered."""
    first = (need.first_day - MONDAY) % 7 * DAY_SLOTS + need.first_slot
    last = first + need.slots
    if last <= WEEK_SLOTS:
        begin = first // 8
        bits = np.unpackbits(index.weeks[:, begin : -(-last // 8)][rows], axis=1)
        free = bits[:, first - 8 * begin : last - 8 * begin].view(np.bool_)
    else:
        week = np.unpackbits(index.weeks[rows], axis=1).view(np.bool_)
        free = week[:, np.arange(first, last) % WEEK_SLOTS]
    for day in need.days if index.exceptions else ():
        if day in index.exceptions:
            free = _except(index.exceptions[day], need, rows, free, (day - need.first_day) * DAY_SLOTS)
    return free


def _except(
    dated: tuple[Rows, NDArray[np.uint8]], need: Window, rows: Rows, free: Bools, day_begins: int
) -> Bools:
    teams, bits = dated
    place = np.minimum(np.searchsorted(teams, rows), len(teams) - 1)
    touched = np.flatnonzero(teams[place] == rows)
    if len(touched):
        free = free.copy()
        begin = max(0, day_begins - need.first_slot)
        end = min(need.slots, day_begins - need.first_slot + DAY_SLOTS)
        skipped = begin + need.first_slot - day_begins
        day = np.unpackbits(bits[place[touched]], axis=1).view(np.bool_)
        free[touched, begin:end] = day[:, skipped : skipped + end - begin]
    return free


def starts(free: Bools, duration: int) -> Bools:
    """bool[rows, possible]: whether a run of `duration` free half hours begins at each."""
    if free.shape[1] < duration:
        return np.zeros((len(free), 0), np.bool_)
    covered = 1
    while covered < duration:
        step = min(covered, duration - covered)
        free = free[:, step:] & free[:, :-step]
        covered += step
    return free


@dataclass(frozen=True, eq=False, slots=True)
class Duty:
    """Of M teams: at how many half hours each could begin, were nothing promised yet; and their free half hours,
    bool[M, slots], unless these are too many to be kept."""

    starts: NDArray[np.int64]
    free: Bools | None

    def take(self, positions: NDArray[np.intp]) -> "Duty":
        return Duty(self.starts[positions], None if self.free is None else self.free[positions])

    def begin(self, index: TeamIndex, need: Need, rows: Rows, taken: Ints) -> Bools:
        """`real_starts` of the same teams."""
        return real_starts(index, need, rows, taken, self.free)


def possible_starts(index: TeamIndex, need: Need, rows: Rows) -> NDArray[np.int64]:
    """At how many half hours each team could begin, were nothing promised yet."""
    return duty_of(index, need, rows).starts


def real_starts(index: TeamIndex, need: Need, rows: Rows, taken: Ints, free: Bools | None = None) -> Bools:
    """Where the team is available (`free`, if known) and not yet full for the whole duration: bool[M, possible]."""
    free = on_duty(index, need, rows) if free is None else free
    return starts(free & (taken < index.capacity[rows][:, np.newaxis]), need.duration_slots)


def duty_of(index: TeamIndex, need: Need, rows: Rows) -> Duty:
    size = max(1, BLOCK_CELLS // max(1, need.slots))
    if len(rows) <= size:
        free = on_duty(index, need, rows)
        return Duty(_count(starts(free, need.duration_slots)), free)
    blocks = (rows[begin : begin + size] for begin in range(0, len(rows), size))
    counted = [_count(starts(on_duty(index, need, one), need.duration_slots)) for one in blocks]
    return Duty(np.concatenate(counted), None)


def _count(begin: Bools) -> NDArray[np.int64]:
    return np.asarray(np.count_nonzero(begin, axis=1), np.int64)
