"""Minutes on the way against the same figures reckoned with fractions, and what must hold of any of them."""

from fractions import Fraction
from math import ceil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.travel import NUMBER, TRAVEL_ZH, TravelMode, minutes

SPEED = {TravelMode.WALK: 5, TravelMode.EBIKE: 18, TravelMode.CAR: 30}
MODES = list(TravelMode)


def alone(metres: int, mode: TravelMode) -> int:
    found = minutes(np.array([metres], np.int32), np.array([NUMBER[mode]], np.int8))
    assert found.dtype == np.int32
    return int(found[0])


@given(st.integers(1, 2_000_000), st.sampled_from(MODES))
def test_a_way_takes_its_time(metres: int, mode: TravelMode) -> None:
    hours = Fraction(13 * metres, 10) / (SPEED[mode] * 1000)
    assert alone(metres, mode) == ceil(hours * 60) + (5 if mode is TravelMode.CAR else 0)


@pytest.mark.parametrize("mode", MODES)
def test_who_is_there_does_not_travel(mode: TravelMode) -> None:
    assert alone(0, mode) == 0
    assert alone(1, mode) >= 1


@pytest.mark.parametrize(
    ("metres", "walk", "ebike", "car"), [(1_000, 16, 5, 8), (3_000, 47, 13, 13), (12_000, 188, 52, 37)]
)
def test_ways_people_know(metres: int, walk: int, ebike: int, car: int) -> None:
    assert [alone(metres, mode) for mode in MODES] == [walk, ebike, car]


def test_arrays_are_laid_against_each_other() -> None:
    metres = np.array([[500], [5_000]])
    modes = np.array([NUMBER[mode] for mode in MODES])
    found = minutes(metres, modes)
    assert found.tolist() == [[alone(int(m), mode) for mode in MODES] for m in metres[:, 0]]
    assert minutes(np.empty(0, np.int64), np.empty(0, np.int8)).shape == (0,)


def test_every_mode_has_words() -> None:
    assert list(TRAVEL_ZH) == MODES
    assert [MODES[NUMBER[mode]] for mode in MODES] == MODES
