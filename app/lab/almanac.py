"""The simulated year: which day it is, which festival is near, and how much is asked for then.

The year is 2026, an ordinary one without a leap month in either calendar. Days count from its first of January.
"""

from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.domain.hours import DAY_SLOTS, HALF_HOUR
from app.domain.matching.features import day_number
from app.domain.taxonomy import festivals

FIRST_DAY: Final = date(2026, 1, 1)
DAY_ZERO: Final = day_number(FIRST_DAY)
YEAR_DAYS: Final = 365
DAY: Final = DAY_SLOTS * HALF_HOUR
"""Minutes."""

LUNAR_MONTHS: Final = (
    *("2026-02-17", "2026-03-19", "2026-04-17", "2026-05-17", "2026-06-15", "2026-07-14"),
    *("2026-08-13", "2026-09-11", "2026-10-10", "2026-11-09", "2026-12-09"),
)
"""On which day each lunar month of the year begins."""

SOLAR_TERMS: Final = MappingProxyType({"清明": "2026-04-05"})

WEEKDAYS: Final = (1.10, 1.05, 1.05, 1.05, 1.10, 0.90, 0.75)
"""Monday first. Stations are staffed on workdays and enter there what people bring to the counter."""

BEFORE_FESTIVAL: Final = (7, 1.8)
"""In the week that leads to a festival: 我们的节日 is a third of a street's quota (S2.7: 5 of 15)."""

AFTER_SPRING: Final = (6, 0.4)
"""After the first day of spring the county visits its relatives."""

HOURS: Final = (1, 1, 0, 0, 0, 1, 3, 6, 9, 11, 10, 7, 4, 4, 7, 8, 7, 5, 5, 6, 6, 4, 2, 1)
"""When people order, by the hour: two working halves and an evening on the phone."""

STORM_SEASON: Final = (date(2026, 5, 1), date(2026, 8, 31))
STORM_DAYS: Final = 2
STORMS_A_YEAR: Final = 6


@cache
def festival_days() -> MappingProxyType[str, int]:
    """The day of each festival of the taxonomy by its code. Raises KeyError on a solar term without a date."""
    found = {}
    for one in festivals().values():
        if one.lunar_month is not None and one.lunar_day is not None:
            begins = date.fromisoformat(LUNAR_MONTHS[one.lunar_month - 1])
            found[one.code] = (begins - FIRST_DAY).days + one.lunar_day - 1
        else:
            found[one.code] = (date.fromisoformat(SOLAR_TERMS[one.solar_term or ""]) - FIRST_DAY).days
    return MappingProxyType(found)


def weekday(day: int, day_zero: int = DAY_ZERO) -> int:
    """0 Monday to 6 Sunday; 1970-01-01 was a Thursday."""
    return (day_zero + day + 3) % 7


def near_festival(days: int) -> NDArray[np.bool_]:
    """For each day whether it leads to a festival, the day itself included."""
    marked = np.zeros(days, np.bool_)
    for day in festival_days().values():
        marked[max(0, day - BEFORE_FESTIVAL[0]) : day + 1] = True
    return marked


def stormy(days: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """For each day whether a storm is on: six spells of two days, all in the rainy season."""
    first, last = ((one - FIRST_DAY).days for one in STORM_SEASON)
    marked = np.zeros(YEAR_DAYS, np.bool_)
    for day in rng.choice(np.arange(first, last, 10), STORMS_A_YEAR, replace=False):
        begins = int(day) + int(rng.integers(0, 10 - STORM_DAYS))
        marked[begins : begins + STORM_DAYS] = True
    return marked[:days]


def busyness(days: int) -> NDArray[np.float64]:
    """How much is ordered on each day, storms left out, relative to an ordinary one."""
    weights = np.array([WEEKDAYS[weekday(day)] for day in range(days)])
    weights[near_festival(days)] *= BEFORE_FESTIVAL[1]
    spring = festival_days()["spring_festival"]
    weights[spring + 1 : spring + 1 + AFTER_SPRING[0]] *= AFTER_SPRING[1]
    return weights
