"""Who of a team goes to which of its orders: the same question once more, one floor down."""

from dataclasses import dataclass
from math import isfinite
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.domain.hours import DAY_SLOTS
from app.domain.planning.fitness import UnfitProblem, as_array, require, within
from app.domain.planning.problem import MOST_DAYS, MOST_WORTH, TOP_SCORE, Floats, Ints
from app.domain.planning.travel import gap

Bools = NDArray[np.bool_]

MOST_PAIRS: Final = 50_000
"""Members times orders of one team."""
DEAREST: Final = TOP_SCORE + 1
"""What it costs to send a member of score 0; one of the best costs 1, so nobody is sent in vain."""


@dataclass(frozen=True, eq=False, slots=True)
class CrewProblem:
    """N orders of one team at fixed times, M members, S specialties, H half hours from a midnight.

    Orders: `worth` int64[N], `start` and `duration` int64[N] half hours, `place` float64[N, 2] (NaN online),
    `people` int64[N] that are needed at least, `needs` bool[N, S], specialties of which somebody in the crew
    must have each. Members: `free` bool[M, H], `skills` bool[M, S], `daily_limit` int64[M] orders a day,
    `score` int64[M, N] in 0..1000, the higher the rather this member goes. `speed_kmh` of all. Raises
    UnfitProblem.
    """

    worth: Ints
    start: Ints
    duration: Ints
    place: Floats
    people: Ints
    needs: Bools
    free: Bools
    skills: Bools
    daily_limit: Ints
    score: Ints
    speed_kmh: float

    def __post_init__(self) -> None:
        kinds = {"place": np.float64, "needs": np.bool_, "free": np.bool_, "skills": np.bool_}
        for name in self.__slots__[:-1]:
            object.__setattr__(self, name, as_array(kinds.get(name, np.int64), getattr(self, name), name))
        n, m = len(self.worth), len(self.free)
        if n * m > MOST_PAIRS:
            raise UnfitProblem("plan_too_large", f"{n} orders × {m} members, at most {MOST_PAIRS}")
        require(self.free.ndim == 2 and self.skills.ndim == 2, "free and skills have two axes")
        specialties = self.skills.shape[1]
        asked: dict[str, tuple[int, ...]] = dict.fromkeys(("start", "duration", "people"), (n,))
        asked |= {"place": (n, 2), "needs": (n, specialties), "skills": (m, specialties)}
        asked |= {"score": (m, n), "daily_limit": (m,)}
        for name, shape in asked.items():
            require(getattr(self, name).shape == shape, f"{name} must have the shape {shape}")
        within(self.worth, 1, MOST_WORTH, "worth")
        within(self.duration, 1, MOST_DAYS * DAY_SLOTS, "duration")
        within(self.people, 1, 2**15, "people")
        within(self.score, 0, TOP_SCORE, "score")
        within(self.daily_limit, 0, 2**15, "daily_limit")
        object.__setattr__(self, "speed_kmh", float(self.speed_kmh))
        require(isfinite(self.speed_kmh) and self.speed_kmh > 0, "speed_kmh must be above 0")

    def able(self) -> Bools:
        """bool[M, N]: who is free for the whole of which order, within the horizon."""
        able = np.zeros((len(self.free), len(self.worth)), np.bool_)
        for order, (start, length) in enumerate(
            zip(self.start.tolist(), self.duration.tolist(), strict=True)
        ):
            if start >= 0 and start + length <= self.free.shape[1]:
                able[:, order] = self.free[:, start : start + length].all(axis=1)
        return able

    def clashes(self) -> list[tuple[int, int]]:
        """Pairs of orders that nobody can do both of, the way included."""
        way = gap(self.place, self.speed_kmh)
        begin, end = self.start.tolist(), (self.start + self.duration).tolist()
        by_start = np.argsort(self.start, kind="stable").tolist()
        return [
            (one, other)
            for at, one in enumerate(by_start)
            for other in by_start[at + 1 :]
            if begin[other] < end[one] + way(one, other)
        ]


@dataclass(frozen=True, eq=False, slots=True)
class CrewPlan:
    """`crew` bool[N, M]: empty rows are orders for which no crew could be found. The rest as in `Plan`."""

    crew: Bools
    objective: int
    bound: int
    proven: bool
    partial: bool


def value(problem: CrewProblem, crew: Bools) -> int:
    """The worth of the orders that have a crew, less what it costs to send each member."""
    sent = np.flatnonzero(crew.any(axis=1))
    return int(problem.worth[sent].sum() - (DEAREST - problem.score.T)[crew].sum())
