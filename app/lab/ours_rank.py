"""Ours, order by order: the engine ranks, the first few are asked together, then the next few.

A second team is asked at the same time because a silence costs more than a question; it is told at once when
another was quicker. Nobody is woken at night but for an emergency, since nobody would read it.
"""

from typing import Final

import numpy as np

from app.lab.almanac import DAY
from app.lab.demand import EMERGENCY
from app.lab.desk import Desk
from app.lab.habits import AWAKE

WAVES: Final = (2, 2, 3, 3, 5)
"""Teams of each wave; the last size repeats. They grow, because what was tried in vain was the better half."""

EVERY: Final = (180, 20, 5)
"""Minutes between waves of normal, urgent and emergency orders, while the earlier ones may still answer."""

TRIES: Final = 4
"""When time is short, waves come so often that about so many more fit in."""

SHORTEST: Final = 5

LOOK_AGAIN: Final = 12 * 60
"""When nobody is left to ask: somebody's time may become free."""


class ByRank:
    name = "rank"

    def begin(self, desk: Desk, rng: np.random.Generator) -> None:
        self._waves: dict[int, int] = {}
        self._next: dict[int, int] = {}

    def placed(self, desk: Desk, order: int) -> None:
        self._waves[order] = 0
        self.wave(desk, order)

    def returned(self, desk: Desk, order: int) -> None:
        """A no is followed at once by the next wave, unless somebody may still say yes."""
        if order in self._waves and not desk.pending(order):
            self.wave(desk, order)

    def woken(self, desk: Desk, token: int) -> None:
        if token in desk.waiting and self._next.get(token) == desk.now:
            self.wave(desk, token)

    def wave(self, desk: Desk, order: int) -> None:
        if desk.urgency(order) != EMERGENCY and desk.now != awake(desk.now):
            self._again(desk, order, awake(desk.now))
            return
        number = self._waves.setdefault(order, 0)
        found = desk.ranked(order, WAVES[min(number, len(WAVES) - 1)])
        if found is None:
            return
        for row in found.rows.tolist():
            desk.ask(order, row)
        self._waves[order] = number + 1
        every = EVERY[desk.urgency(order)] if len(found.rows) else LOOK_AGAIN
        pace = min(every, max(SHORTEST, desk.left(order) // TRIES))
        self._again(desk, order, desk.now + pace)

    def _again(self, desk: Desk, order: int, at: int) -> None:
        self._next[order] = at
        desk.wake(at, order)


def awake(at: int) -> int:
    """This minute if messages are read in it, else the next morning."""
    day, minute = divmod(at, DAY)
    if minute < AWAKE[0]:
        return day * DAY + AWAKE[0]
    return at if minute < AWAKE[1] else (day + 1) * DAY + AWAKE[0]
