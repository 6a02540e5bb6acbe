"""Who is promised to whom: each team's taken half hours and work in hand. No team is promised twice over."""

import numpy as np
from numpy.typing import NDArray

from app.domain.matching.features import Rows, Work

Taken = NDArray[np.int16]


class Overbooked(ValueError):
    """A promise that the team's capacity does not cover: the replay is wrong, not the policy."""


class Books:
    """`taken` int16[teams, half hours] starts from what teams hold of their own."""

    def __init__(self, engaged: Taken, capacity: NDArray[np.integer]) -> None:
        self.taken: Taken = engaged.copy()
        self.open_work = np.zeros(len(capacity), np.int64)
        self.capacity = capacity

    def work(self, rows: Rows, begin: int, slots: int) -> Work:
        """What the engine reads of these teams. Half hours beyond the books are free."""
        taken = self.taken[rows, begin : begin + slots]
        if taken.shape[1] < slots:
            taken = np.pad(taken, ((0, 0), (0, slots - taken.shape[1])))
        return Work(self.open_work[rows], taken)

    def promise(self, team: int, start: int, slots: int) -> None:
        """Raises Overbooked."""
        row = self.taken[team, start : start + slots]
        if (row >= self.capacity[team]).any():
            raise Overbooked(f"team {team} at half hour {start}")
        row += 1
        self.open_work[team] += 1

    def free(self, team: int, start: int, slots: int) -> None:
        """Give the time back: the service will not be held."""
        self.taken[team, start : start + slots] -= 1
        self.done(team)

    def done(self, team: int) -> None:
        """The work is no longer in hand; the time it took stays taken."""
        self.open_work[team] -= 1
