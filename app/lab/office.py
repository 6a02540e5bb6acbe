"""Before: a clerk in each township with a list in the head and a telephone (S3.4: two or three an office)."""

from heapq import heappop, heappush
from typing import Final

import numpy as np

from app.domain.matching.features import Ring
from app.lab.almanac import DAY, weekday
from app.lab.demand import EMERGENCY
from app.lab.desk import Desk

HOURS: Final = ((510, 720), (870, 1050))
"""8:30 to 12:00 and 14:30 to 17:30, Monday to Friday. Emergencies reach the one on duty at any time."""

CALL: Final = 10
"""Minutes until a team is looked up, reached and told."""

STRANGER: Final = 1.0
"""Teams of other townships come to mind after the own ones; within each group the order is a habit."""


class FirstCome:
    """先到先派（人工）: one order after the other, one team at a time, the first able one that comes to mind.

    The clerk knows the teams of the township and of the center, with their free hours, which is more than a list
    on paper says; teams that other townships lend (S5.7) come with a platform. What is left is the manual part:
    office hours, one call at a time, waiting for the answer, and always thinking of the same teams first.
    """

    name = "first_come"
    lent = False

    def begin(self, desk: Desk, rng: np.random.Generator) -> None:
        offices, tree = desk.county.offices, desk.county.index.tree
        count = len(offices)
        self._queues: list[list[tuple[int, int, int]]] = [[] for _ in range(count)]
        self._awake = [-1] * count
        self._arrivals = 0
        self._memory = rng.random((count, desk.county.teams))
        where = desk.county.index.organisation
        for clerk, row in enumerate(offices):
            below = tree.below(row)
            self._memory[clerk] += STRANGER * ((where < below.start) | (where >= below.stop))

    def placed(self, desk: Desk, order: int) -> None:
        office = int(desk.county.demand.office[order])
        self._arrivals += 1
        heappush(self._queues[office], (-desk.urgency(order), self._arrivals, order))
        at = desk.now if desk.urgency(order) == EMERGENCY else working(desk.now, desk.county.day_zero)
        self._alarm(desk, office, at)

    def returned(self, desk: Desk, order: int) -> None:
        self.placed(desk, order)

    def woken(self, desk: Desk, token: int) -> None:
        if self._awake[token] != desk.now:
            return
        self._awake[token] = -1
        queue = self._queues[token]
        while queue and queue[0][2] not in desk.waiting:
            heappop(queue)
        if not queue:
            return
        if working(desk.now, desk.county.day_zero) == desk.now or queue[0][0] == -EMERGENCY:
            self._call(desk, token, heappop(queue)[2])
        if queue:
            later = desk.now + CALL
            self._alarm(
                desk, token, later if queue[0][0] == -EMERGENCY else working(later, desk.county.day_zero)
            )

    def _call(self, desk: Desk, office: int, order: int) -> None:
        found = desk.able(order)
        if found is None:
            return
        known = found.rows[(found.ring < Ring.LENT) | self.lent]
        if len(known):
            desk.ask(order, int(known[self._memory[office][known].argmin()]))

    def _alarm(self, desk: Desk, office: int, at: int) -> None:
        """One alarm a clerk: an earlier one replaces a later one."""
        if self._awake[office] < desk.now or at < self._awake[office]:
            self._awake[office] = at
            desk.wake(at, office)


class WellInformed(FirstCome):
    """先到先派（熟知全县）: the same clerk who also knows every team that other townships would lend.

    Not one of the six: it shows how much the comparison owes to what the clerk is assumed not to know.
    """

    name = "well_informed"
    lent = True


def working(at: int, day_zero: int) -> int:
    """The first minute from `at` on that lies in office hours."""
    while True:
        day, minute = divmod(at, DAY)
        for first, last in HOURS if weekday(day, day_zero) < 5 else ():
            if minute < last:
                return max(at, day * DAY + first)
        at = (day + 1) * DAY
