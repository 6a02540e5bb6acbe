"""A county-year: everything that would have happened whichever policy dispatched its orders.

慈利: 17,200 orders placed (S4.8); 耒阳: 260,000 volunteers, 18,000 activities of their own (S4.5); 1,000 teams.
"""

from dataclasses import dataclass, fields, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.domain.hours import DAY_SLOTS
from app.domain.matching.columns import TeamColumns
from app.domain.matching.index import TeamIndex
from app.domain.taxonomy import specialties
from app.lab import almanac
from app.lab.almanac import YEAR_DAYS
from app.lab.deeds import deeds
from app.lab.demand import Demand, wanted
from app.lab.founding import muster
from app.lab.kinds import Kinds
from app.lab.territory import Territory, found

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
    """`columns` stand in the order of the index, so that a team is one number everywhere.

    `day_zero` is its first day, in days since 1970. `engaged` int16[teams, half hours] counts what teams hold of
    their own, up to their capacity.
    """

    day_zero: int
    territory: Territory
    kinds: Kinds
    columns: TeamColumns
    volunteers: NDArray[np.int64]
    demand: Demand
    engaged: NDArray[np.int16]
    days: int

    @property
    def teams(self) -> int:
        return self.columns.size

    def index(self, columns: TeamColumns | None = None) -> TeamIndex:
        """The engine's index of these teams, or of the same teams with other changing columns."""
        return TeamIndex.build(columns or self.columns, self.territory.tree, parents())


def generate(seed: int, orders: int = ORDERS, teams: int = TEAMS, days: int = YEAR_DAYS) -> County:
    """The same county for the same figures, on every machine. Raises ValueError for figures that are none."""
    _check(orders, teams, days)
    land, people, needs, own = (np.random.default_rng([seed, part]) for part in range(4))
    territory = found(teams, land)
    force = muster(teams, territory, people)
    order = _index_order(force.columns, territory)
    columns = _reordered(force.columns, order)
    return County(
        day_zero=almanac.DAY_ZERO,
        territory=territory,
        kinds=deeds().kinds,
        columns=columns,
        volunteers=force.volunteers[order],
        demand=wanted(orders, days, territory, needs),
        engaged=_engaged(columns, days, own),
        days=days,
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


def _index_order(columns: TeamColumns, territory: Territory) -> NDArray[np.intp]:
    """Which team stands in each row of the index: fixed by where teams are, which does not change."""
    index = TeamIndex.build(columns, territory.tree, parents())
    numbers = {one.tobytes(): number for number, one in enumerate(columns.ids)}
    return np.array([numbers[one.tobytes()] for one in index.ids], np.intp)


def _reordered(columns: TeamColumns, order: NDArray[np.intp]) -> TeamColumns:
    """Everything that is one value a team moves; skills name their team and are renamed."""
    moved: dict[str, Any] = {}
    for one in fields(columns):
        value = getattr(columns, one.name)
        if isinstance(value, np.ndarray) and not one.name.startswith(("skill_", "area_", "price_")):
            moved[one.name] = value[order]
    row = np.empty(len(order), np.int32)
    row[order] = np.arange(len(order), dtype=np.int32)
    return replace(columns, **moved, skill_team=row[columns.skill_team])


def _engaged(columns: TeamColumns, days: int, rng: np.random.Generator) -> NDArray[np.int16]:
    """The teams' own activities, on days weighted like orders, weekends twice, in their own free time."""
    held = np.zeros((columns.size, (days + TAIL_DAYS) * DAY_SLOTS), np.int16)
    odds = almanac.busyness(days) * [1 + (almanac.weekday(day) >= 5) for day in range(days)]
    total = round(columns.size * ACTIVITIES_A_TEAM * days / YEAR_DAYS)
    week = np.unpackbits(columns.weeks, axis=1).reshape(-1, 7, DAY_SLOTS)
    teams, on = rng.integers(columns.size, size=total), rng.choice(days, total, p=odds / odds.sum())
    where, long = rng.random(total), rng.integers(*ACTIVITY_SLOTS, total)
    for team, day, part, slots in zip(*(one.tolist() for one in (teams, on, where, long)), strict=True):
        free = np.flatnonzero(week[team, almanac.weekday(day)])
        if len(free):
            begin = day * DAY_SLOTS + int(free[int(part * len(free))])
            held[team, begin : begin + slots] = columns.capacity[team]
    return held
