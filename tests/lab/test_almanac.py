"""The simulated year is the real one: festivals on their days, weeks as they fell."""

from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from app.domain.matching.features import day_number
from app.domain.taxonomy import festivals
from app.lab import almanac


@pytest.mark.parametrize(
    ("code", "day"),
    [
        ("spring_festival", date(2026, 2, 17)),
        ("lantern", date(2026, 3, 3)),
        ("qingming", date(2026, 4, 5)),
        ("dragon_boat", date(2026, 6, 19)),
        ("qixi", date(2026, 8, 19)),
        ("mid_autumn", date(2026, 9, 25)),
        ("double_ninth", date(2026, 10, 18)),
    ],
)
def test_a_festival_of_the_taxonomy_has_its_day(code: str, day: date) -> None:
    assert almanac.festival_days()[code] == (day - almanac.FIRST_DAY).days
    assert set(almanac.festival_days()) == set(festivals())


def test_lunar_months_have_29_or_30_days() -> None:
    begins = [date.fromisoformat(day) for day in almanac.LUNAR_MONTHS]
    assert {(b - a).days for a, b in pairwise(begins)} == {29, 30}


@pytest.mark.parametrize("day", [0, 1, 58, 364])
def test_weekdays_are_those_of_the_calendar(day: int) -> None:
    assert almanac.weekday(day) == date.fromordinal(almanac.FIRST_DAY.toordinal() + day).weekday()
    assert almanac.weekday(day, day_number(date(2024, 2, 29))) == (date(2024, 2, 29).weekday() + day) % 7


def test_storms_come_in_the_rainy_season_only() -> None:
    days = np.flatnonzero(almanac.stormy(almanac.YEAR_DAYS, np.random.default_rng(0)))
    assert len(days) == almanac.STORMS_A_YEAR * almanac.STORM_DAYS
    months = {date.fromordinal(almanac.FIRST_DAY.toordinal() + int(day)).month for day in days}
    assert months <= {5, 6, 7, 8}


def test_a_short_year_is_the_beginning_of_a_long_one() -> None:
    assert np.array_equal(almanac.busyness(30), almanac.busyness(365)[:30])
