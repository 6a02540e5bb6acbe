"""The engine, asked at one simulated minute: who may serve this order now, and how well.

Hard conditions, order of the best and price of scarcity are those of app/domain/matching; nothing is ranked here.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.domain.hours import DAY_SLOTS, HALF_HOUR
from app.domain.matching.features import Ints, Need, Rows, Work
from app.domain.matching.freetime import on_duty, real_starts
from app.domain.matching.index import ACTIVE, TeamIndex
from app.domain.matching.rank import Top, top
from app.domain.matching.score import Weights
from app.domain.matching.screen import Able, screen
from app.lab.books import Books
from app.lab.county import County

SET_OFF: Final = 1
"""Half hours between an answer and the earliest beginning: nobody is there at once."""


@dataclass(frozen=True, slots=True)
class Days:
    """Whole days, as freetime.on_duty asks for them."""

    first_day: int
    slots: int
    first_slot: int = 0

    @property
    def days(self) -> range:
        return range(self.first_day, self.first_day + self.slots // DAY_SLOTS)


class Gate:
    """`index` is replaced when records or prices change, as the service builds it anew with a new version."""

    def __init__(self, county: County, books: Books) -> None:
        self._county, self._books = county, books
        self.index: TeamIndex = county.index

    def need(
        self, order: int, now: int, declined: frozenset[int], served: dict[int, tuple[int, int]]
    ) -> Need | None:
        """What the order asks for from now on; None when its window has no room left."""
        demand = self._county.demand
        begin = max(int(demand.first[order]), earliest(now))
        slots = int(demand.first[order] + demand.slots[order]) - begin
        if slots < demand.duration[order]:
            return None
        return replace(
            demand.needs[order],
            first_day=self._county.day_zero + begin // DAY_SLOTS,
            first_slot=begin % DAY_SLOTS,
            slots=slots,
            declined=declined,
            served=served,
        )

    def able(self, need: Need) -> Able:
        """Who may serve, in no order of merit: hard conditions and free capacity."""
        able, _ = screen(self.index, need)
        taken = self._books.work(able.rows, self._begin(need), need.slots).taken
        return able.take(np.flatnonzero(real_starts(self.index, need, able.rows, taken).any(axis=1)))

    def best(self, need: Need, weights: Weights, limit: int) -> Top:
        begin = self._begin(need)

        def standing(rows: Rows) -> Work:
            return self._books.work(rows, begin, need.slots)

        return top(self.index, need, standing, weights, limit)

    def start(self, need: Need | None, team: int, wish: int) -> int | None:
        """When the team would begin: at half hour `wish` if it still can, else as early as it can; None: never."""
        if need is None:
            return None
        begin, rows = self._begin(need), np.array([team], np.int32)
        free = real_starts(self.index, need, rows, self._books.work(rows, begin, need.slots).taken)[0]
        if 0 <= wish - begin < len(free) and free[wish - begin]:
            return wish
        return begin + int(free.argmax()) if free.any() else None

    def free(self, teams: Rows, begin: int, slots: int, now: int) -> NDArray[np.int8]:
        """Groups of each team that are left in each half hour from `begin`, a midnight; none before `now`."""
        days = Days(self._county.day_zero + begin // DAY_SLOTS, slots)
        taken = self._books.work(teams, begin, slots).taken
        left = np.maximum(self._county.capacity[teams][:, np.newaxis] - taken, 0)
        left[~on_duty(self.index, days, teams)] = 0
        left[:, : max(0, now - begin)] = 0
        return np.asarray(left, np.int8)

    def learn(self, reliability: Ints, recent: Ints) -> None:
        """What the center has found out about its teams enters the index, as it does every night."""
        active = (self.index.flags & ACTIVE) != 0
        self.index = replace(
            self.index,
            reliability=reliability.astype(np.uint16),
            recent=recent.astype(np.uint16),
            mean_recent=1000 * int(recent[active].sum()) // max(1, int(active.sum())),
        )

    def charge(self, teams: Rows, first_day: int, permille: Ints) -> None:
        """The shadow prices of a plan, permille[teams, days], hold until the next one; `teams` ascend."""
        dear = np.minimum(permille, 1000).astype(np.uint16)
        days = {self._county.day_zero + first_day + n: dear[:, n] for n in range(dear.shape[1])}
        priced = {
            day: (teams[column > 0], column[column > 0]) for day, column in days.items() if column.any()
        }
        self.index = replace(self.index, prices=priced)

    def _begin(self, need: Need) -> int:
        """The window's first half hour, as the books count."""
        return (need.first_day - self._county.day_zero) * DAY_SLOTS + need.first_slot


def earliest(now: int) -> int:
    """The first half hour at which a service agreed at this minute could begin."""
    return -(-now // HALF_HOUR) + SET_OFF
