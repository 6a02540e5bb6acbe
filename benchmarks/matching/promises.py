"""What changes by the minute: orders in hand, and half hours that teams have already promised."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from app.domain.hours import DAY_SLOTS
from app.domain.matching.features import Need, Work
from benchmarks.matching.teams import HORIZON, TODAY

MOST = 6
"""Promises of one team, at most."""


@dataclass(frozen=True, eq=False)
class Promises:
    """Of N teams: `open_work` int16[N]; the promises of team t are those from `begin[t]` to `begin[t + 1]`,
    each with its first half hour (counted from midnight of TODAY) and how many it takes."""

    open_work: NDArray[np.int16]
    begin: NDArray[np.int64]
    first: NDArray[np.int32]
    length: NDArray[np.int32]

    def of(self, teams: NDArray[np.integer], need: Need) -> Work:
        """The work of these teams in the window of this order."""
        lengths = self.begin[teams + 1] - self.begin[teams]
        who = np.repeat(np.arange(len(teams)), lengths)
        ends = np.cumsum(lengths)
        which = np.arange(len(who)) + np.repeat(self.begin[teams] - (ends - lengths), lengths)
        taken = taken_in(need, len(teams), who, self.first[which], self.length[which])
        return Work(self.open_work[teams], taken)

    @property
    def team(self) -> NDArray[np.int32]:
        """Whose promise each is."""
        return np.repeat(np.arange(len(self.open_work), dtype=np.int32), np.diff(self.begin))


def window_begin(need: Need) -> int:
    """Half hours from midnight of TODAY to the window's begin."""
    return (need.first_day - TODAY) * DAY_SLOTS + need.first_slot


def taken_in(
    need: Need,
    many: int,
    who: NDArray[np.integer],
    first: NDArray[np.integer],
    length: NDArray[np.integer],
) -> NDArray[np.int16]:
    """int16[many, slots]: how many promises cover each half hour of the window."""
    begin = window_begin(need)
    enter = np.clip(first - begin, 0, need.slots)
    leave = np.clip(first + length - begin, 0, need.slots)
    change = np.zeros((many, need.slots + 1), np.int16)
    inside = enter < leave
    np.add.at(change, (who[inside], enter[inside]), 1)
    np.add.at(change, (who[inside], leave[inside]), -1)
    return np.cumsum(change[:, :-1], axis=1, dtype=np.int16)


def promises(random: Generator, size: int) -> Promises:
    many = np.minimum(random.poisson(0.6, size), MOST)
    total = int(many.sum())
    day = random.integers(0, HORIZON, total)
    return Promises(
        open_work=np.minimum(many + random.poisson(0.6, size), 12).astype(np.int16),
        begin=np.concatenate([[0], np.cumsum(many)]),
        first=(day * DAY_SLOTS + random.integers(16, 40, total)).astype(np.int32),
        length=random.integers(2, 7, total).astype(np.int32),
    )
