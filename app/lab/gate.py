"""The engine, asked at one simulated minute: who may serve this order now, and how well.

Hard conditions, order of the best and price of scarcity are those of app/domain/matching; nothing is ranked here.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from app.domain.hours import DAY_SLOTS, HALF_HOUR
from app.domain.matching.features import Ints, Need, Rows, Work
from app.domain.matching.freetime import real_starts
from app.domain.matching.index import TeamIndex
from app.domain.matching.rank import Top, top
from app.domain.matching.score import Weights
from app.lab.books import Books
from app.lab.county import County
from app.lab.demand import EMERGENCY

SET_OFF: Final = 1
"""Half hours between an answer and the earliest beginning: nobody is there at once."""


class Gate:
    """`index` is replaced when records or prices changed, as the service rebuilds it with the center's version."""

    def __init__(self, county: County, books: Books) -> None:
        self.county, self.books = county, books
        self.index: TeamIndex = county.index()
        self._columns = county.columns

    def need(
        self, order: int, now: int, declined: frozenset[int], served: dict[int, tuple[int, int]]
    ) -> Need | None:
        """What the order asks for from now on; None when its window has no room left."""
        demand, kinds = self.county.demand, self.county.kinds
        kind, duration = int(demand.kind[order]), int(demand.duration[order])
        first = max(int(demand.first[order]), earliest(now))
        slots = int(demand.first[order] + demand.slots[order]) - first
        if slots < duration:
            return None
        place = demand.place[order]
        return Need(
            required=kinds.required[kind],
            levels=kinds.levels[kind],
            needs_proof=kinds.needs_proof[kind],
            place=None if np.isnan(place[0]) else (float(place[0]), float(place[1])),
            organisation=int(demand.organisation[order]),
            handler=self.handler(order),
            first_day=self.county.day_zero + first // DAY_SLOTS,
            first_slot=first % DAY_SLOTS,
            slots=slots,
            duration_slots=duration,
            day=self.county.day_zero + (first + slots - 1) // DAY_SLOTS,
            risky=bool(kinds.risky[kind]),
            two=bool(demand.two[order]),
            declined=declined,
            served=served,
        )

    def handler(self, order: int) -> int:
        """The township answers for its orders; an emergency is the center's, which may ask every team."""
        emergency = self.county.demand.urgency[order] == EMERGENCY
        return 0 if emergency else int(self.county.territory.office_rows[self.county.demand.office[order]])

    def learn(self, reliability: Ints, recent: Ints) -> None:
        """What the center has found out about its teams enters the index, as it does every night."""
        self._columns = replace(self._columns, reliability=reliability, recent=recent)
        self._build()

    def charge(self, team: Ints, day: Ints, permille: Ints) -> None:
        """Shadow prices of the latest plan; `day` counts from the first of the year."""
        days = (day + self.county.day_zero).astype(np.int32)
        team = team.astype(np.int32)
        self._columns = replace(self._columns, price_team=team, price_day=days, price_permille=permille)
        self._build()

    def _build(self) -> None:
        self.index = self.county.index(self._columns)

    def start(self, need: Need | None, team: int, wish: int) -> int | None:
        """When the team would begin: at half hour `wish` if it still can, else as early as it can; None: never."""
        if need is None:
            return None
        begin, rows = self._begin(need), np.array([team], np.int32)
        free = real_starts(self.index, need, rows, self.books.work(rows, begin, need.slots).taken)[0]
        if 0 <= wish - begin < len(free) and free[wish - begin]:
            return wish
        return begin + int(free.argmax()) if free.any() else None

    def _begin(self, need: Need) -> int:
        """The window's first half hour, as the books count."""
        return (need.first_day - self.county.day_zero) * DAY_SLOTS + need.first_slot

    def best(self, need: Need, weights: Weights, limit: int) -> Top:
        begin = self._begin(need)

        def standing(rows: Rows) -> Work:
            return self.books.work(rows, begin, need.slots)

        return top(self.index, need, standing, weights, limit)


def earliest(now: int) -> int:
    """The first half hour at which a service agreed at this minute could begin."""
    return -(-now // HALF_HOUR) + SET_OFF
