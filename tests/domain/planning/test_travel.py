from math import nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.planning.travel import gap, half_hours, widest

HERE = (29.4, 111.1)
PLACES = st.lists(
    st.one_of(st.just((nan, nan)), st.tuples(st.floats(-90, 90), st.floats(-180, 180))),
    min_size=2,
    max_size=6,
)


@pytest.mark.parametrize(
    ("north_km", "speed", "expected"),
    [
        (0, 5, 0),
        (0.6, 5, 0),
        (0.7, 5, 1),
        (3.8, 30, 0),
        (3.9, 30, 1),
        (11.5, 30, 1),
        (11.6, 30, 2),
        (100, 30, 9),
    ],
)
def test_ways_cost_half_hours_beyond_ten_minutes(north_km: float, speed: float, expected: int) -> None:
    there = (HERE[0] + north_km / 111.195, HERE[1])
    assert half_hours(HERE, there, speed) == half_hours(there, HERE, speed) == expected


def test_what_is_online_is_everywhere() -> None:
    assert gap(np.array([HERE, (nan, nan)]), 1.0)(0, 1) == 0


def test_the_poles_and_the_date_line_are_places_too() -> None:
    assert half_hours((90, 0), (90, 120), 5) == 0
    assert half_hours((0, 179.999), (0, -179.999), 5) == 0


@given(PLACES, st.sampled_from([4.0, 30.0]))
def test_no_way_is_wider_than_the_widest(places: list[tuple[float, float]], speed: float) -> None:
    way = gap(np.array(places), speed)
    (most,) = widest(np.array(places), np.array([speed])).tolist()
    assert max(way(a, b) for a in range(len(places)) for b in range(len(places))) <= most
