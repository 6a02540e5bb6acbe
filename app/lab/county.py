"""A county-year: everything that would have happened whichever policy dispatched its orders.

慈利: 17,200 orders placed (S4.8); 耒阳: 260,000 volunteers, 18,000 activities of their own (S4.5); 1,000 teams.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.domain.hours import DAY_SLOTS
from app.domain.matching.index import TeamIndex
from app.domain.taxonomy import specialties
from app.lab import almanac
from app.lab.almanac import YEAR_DAYS
from app.lab.demand import Demand, wanted
from app.lab.founding import muster
from app.lab.territory import found

ORDERS: Final = 17_200
TEAMS: Final = 1_000
ACTIVITIES_A_TEAM: Final = 18
"""18,000 a year (S4.5) over 1,000 teams: they keep the whole team busy and are known in its calendar."""

ACTIVITY_SLOTS: Final = (4, 9)
TAIL_DAYS: Final = 16
"""Days after the last order on which services may still be held."""

MOST: Final = {"orders": 200_000, "teams": 10_000}


@dataclass(frozen=True, eq=False)
class County:
    """A team is its row of `index`, everywhere. `day_zero` is the first day, in days since 1970.

    `offices` are the rows of the tree where a clerk answers for orders. `volunteers` counts each team's people.
    `engaged` int16[teams, half hours] counts what teams hold of their own, up to their capacity.
    """

    day_zero: int
    days: int
    index: TeamIndex
    offices: tuple[int, ...]
    demand: Demand
    volunteers: NDArray[np.int64]
    engaged: NDArray[np.int16]

    @property
    def teams(self) -> int:
        return self.index.size

    @cached_property
    def capacity(self) -> NDArray[np.int64]:
        return self.index.capacity.astype(np.int64)


def generate(seed: int, orders: int = ORDERS, teams: int = TEAMS, days: int = YEAR_DAYS) -> County:
    """The same county for the same figures, on every machine. Raises ValueError for figures that are none."""
    _check(orders, teams, days)
    land, people, needs, own = (np.random.default_rng([seed, part]) for part in range(4))
    territory = found(teams, land)
    force = muster(teams, territory, people)
    index = TeamIndex.build(force.columns, territory.tree, parents())
    number = {one.tobytes(): team for team, one in enumerate(force.columns.ids)}
    return County(
        day_zero=almanac.DAY_ZERO,
        days=days,
        index=index,
        offices=tuple(territory.office_rows.tolist()),
        demand=wanted(orders, days, territory, needs),
        volunteers=force.volunteers[[number[one.tobytes()] for one in index.ids]],
        engaged=_engaged(index, days, own),
    )


def parents() -> tuple[int, ...]:
    """The group of each specialty, as the index wants it."""
    columns = {code: number for number, code in enumerate(specialties())}
    return tuple(columns[one.parent] if one.parent else -1 for one in specialties().values())


def _check(orders: int, teams: int, days: int) -> None:
    if not 1 <= orders <= MOST["orders"]:
        raise ValueError(f"orders: 1 to {MOST['orders']}")
    if not 10 <= teams <= MOST["teams"]:
        raise ValueError(f"teams: 10 to {MOST['teams']}")
    if not 7 <= days <= YEAR_DAYS:
        raise ValueError(f"days: 7 to {YEAR_DAYS}")


def _engaged(index: TeamIndex, days: int, rng: np.random.Generator) -> NDArray[np.int16]:
    """The teams' own activities, on days weighted like orders, weekends twice; the next day on which they can."""
    held = np.zeros((index.size, (days + TAIL_DAYS) * DAY_SLOTS), np.int16)
    odds = almanac.busyness(days) * [1 + (almanac.weekday(day) >= 5) for day in range(days)]
    total = round(index.size * ACTIVITIES_A_TEAM * days / YEAR_DAYS)
    week = np.unpackbits(index.weeks, axis=1).reshape(-1, 7, DAY_SLOTS)
    teams, on = rng.integers(index.size, size=total), rng.choice(days, total, p=odds / odds.sum())
    where, long = rng.random(total), rng.integers(*ACTIVITY_SLOTS, total)
    for team, wish, part, slots in zip(*(one.tolist() for one in (teams, on, where, long)), strict=True):
        spans = ((day, np.flatnonzero(week[team, almanac.weekday(day)])) for day in range(wish, wish + 7))
        for day, free in spans:
            if len(free):
                begin = day * DAY_SLOTS + int(free[int(part * len(free))])
                held[team, begin : begin + slots] = index.capacity[team]
                break
    return held
