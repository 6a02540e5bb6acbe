"""What cannot be an order, or cannot be a team's work, is refused before anything is ranked."""

from datetime import date
from math import inf, nan
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.matching.features import (
    EXCLUSION_ZH,
    LONGEST_WINDOW,
    RING_ZH,
    Exclusion,
    Ring,
    Wish,
    Work,
    date_of,
    day_number,
)
from tests.domain.matching.cases import HOME, TODAY, need


@pytest.mark.parametrize(
    "place",
    [
        (nan, 112.9),
        (28.2, nan),
        (inf, 112.9),
        (28.2, -inf),
        (112.939, 28.228),
        (90.0001, 0.0),
        (-90.0001, 0.0),
        (0.0, 180.0001),
        (0.0, -180.0001),
    ],
)
def test_a_place_that_is_no_place(place: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="the place"):
        need(place=place)


@pytest.mark.parametrize("place", [None, HOME, (90.0, 0.0), (-90.0, 0.0), (0.0, 180.0), (0.0, -180.0)])
def test_the_ends_of_the_earth_are_places(place: tuple[float, float] | None) -> None:
    assert need(place=place).place == place


@pytest.mark.parametrize(
    "asked",
    [
        {"slots": -1},
        {"slots": LONGEST_WINDOW + 1},
        {"first_slot": -1},
        {"first_slot": 48},
        {"duration_slots": 0},
        {"duration_slots": -2},
        {"required": (0, 0), "levels": (1, 1), "needs_proof": (False, False)},
        {"required": (-1,)},
        {"required": (0, 1)},
        {"levels": ()},
        {"needs_proof": (False, True)},
    ],
)
def test_what_cannot_be_an_order(asked: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"a window|a service|required specialty"):
        need(**asked)


@pytest.mark.parametrize(
    ("slots", "duration", "possible"), [(0, 1, 0), (1, 1, 1), (1, 2, 0), (6, 2, 5), (LONGEST_WINDOW, 1, 1488)]
)
def test_at_how_many_half_hours_it_could_begin(slots: int, duration: int, possible: int) -> None:
    assert need(slots=slots, duration_slots=duration).possible == possible


@pytest.mark.parametrize(
    ("first_slot", "slots", "days"),
    [(18, 6, 1), (42, 6, 1), (42, 7, 2), (0, LONGEST_WINDOW, 31), (47, 50, 3)],
)
def test_the_days_that_a_window_touches(first_slot: int, slots: int, days: int) -> None:
    assert need(first_slot=first_slot, slots=slots).days == range(TODAY, TODAY + days)


def test_wishes_are_counted() -> None:
    assert [need(gender=gender, language=language).wishes for gender in Wish for language in (-1, 0)] == [
        *(0, 1),
        *(1, 2),
        *(1, 2),
    ]


@given(st.dates())
def test_days_are_counted_from_1970(day: date) -> None:
    assert date_of(day_number(day)) == day
    assert day_number(day) == (day - date(1970, 1, 1)).days


@pytest.mark.parametrize(
    ("open_work", "taken"),
    [
        (np.zeros(2, np.int64), np.zeros((3, 6), np.int16)),
        (np.zeros((2, 1), np.int64), np.zeros((2, 6), np.int16)),
        (np.zeros(2, np.int64), np.zeros(2, np.int16)),
        (np.array([0.0, nan]), np.zeros((2, 6), np.int16)),
        (np.zeros(2, np.int64), np.full((2, 6), nan)),
        (np.array([0, -1]), np.zeros((2, 6), np.int16)),
    ],
)
def test_what_cannot_be_work(open_work: Any, taken: Any) -> None:
    with pytest.raises(ValueError, match=r"each team has|whole numbers|no order in hand"):
        Work(open_work, taken)


def test_every_reason_and_every_ring_has_words() -> None:
    assert EXCLUSION_ZH.keys() == set(Exclusion)
    assert RING_ZH.keys() == set(Ring)
    assert len({*EXCLUSION_ZH.values(), *RING_ZH.values()}) == len(Exclusion) + len(Ring)
