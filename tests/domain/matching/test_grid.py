"""The grid never loses a team that can reach a place, wherever on the earth that is."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.domain.geo import EARTH_KM, distance_km
from app.domain.matching.grid import UNIT, Grid, grid

RADII = (1, 10, 3_999, 4_000, 4_001, 8_000, 16_000, 31_990, 64_010, 128_000, 200_000, 655_350)
LATITUDES = st.one_of(
    st.floats(-90, 90), st.sampled_from([-90.0, -89.999, -45.0, 0.0, 28.228, 89.5, 89.99, 89.999999, 90.0])
)
LONGITUDES = st.one_of(
    st.floats(-180, 180), st.sampled_from([-180.0, -179.9999, 0.0, 112.939, 179.9999, 180.0])
)


def around(
    dice: np.random.Generator, lat: float, lon: float, far_m: NDArray[Any]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Places so far from (lat, lon), each in some direction, as the index keeps them."""
    turn, bearing = far_m / (EARTH_KM * 1000), dice.uniform(0, 2 * np.pi, len(far_m))
    here = np.radians(lat)
    lats = np.arcsin(
        np.clip(np.sin(here) * np.cos(turn) + np.cos(here) * np.sin(turn) * np.cos(bearing), -1, 1)
    )
    east = np.arctan2(
        np.sin(bearing) * np.sin(turn) * np.cos(here), np.cos(turn) - np.sin(here) * np.sin(lats)
    )
    lons = (lon + np.degrees(east) + 180) % 360 - 180
    lons[np.abs(lons) > 179.99995] = 180.0
    return np.rint(np.degrees(lats) / UNIT) * UNIT, np.rint(lons / UNIT) * UNIT


def reached(kept: Grid, lat: float, lon: float) -> NDArray[np.intp]:
    """The rows of all runs, which are ascending and apart."""
    first, last = kept.runs(lat, lon)
    assert (first < last).all()
    assert (last[:-1] <= first[1:]).all()
    return np.concatenate([np.arange(a, b) for a, b in zip(first, last, strict=True)] or [np.zeros(0, int)])


@given(seed=st.integers(0, 2**32), lat=LATITUDES, lon=LONGITUDES)
@settings(max_examples=400, deadline=None)
def test_nobody_within_their_radius_is_missed(seed: int, lat: float, lon: float) -> None:
    dice = np.random.default_rng(seed)
    radius = dice.choice(RADII, 120)
    share = dice.choice([0.0, 0.5, 0.999999, 1.0, 1.0001, 1.5, 30.0], len(radius))
    lats, lons = around(dice, lat, lon, np.minimum(radius * share, 2e7))
    kept, order = grid(lats, lons, radius)
    metres = np.rint(distance_km(lat, lon, lats, lons) * 1000)
    within = metres[order] <= radius[order]
    found = reached(kept, lat, lon)
    assert set(np.flatnonzero(within).tolist()) <= set(found.tolist())


@pytest.mark.parametrize(
    ("place", "teams"),
    [
        ((10.0, 180.0), [(10.0, -180.0), (10.0, -179.99), (10.0, 179.99)]),
        ((10.0, -180.0), [(10.0, 180.0), (10.0, 179.99), (10.0, -179.99)]),
        ((90.0, 0.0), [(90.0, 120.0), (89.99, -179.0), (89.99, 75.0)]),
        ((-90.0, 33.0), [(-90.0, -180.0), (-89.99, 180.0), (-89.99, -33.0)]),
        ((89.99, 5.0), [(89.99, -175.0), (90.0, 180.0), (89.995, 95.0)]),
    ],
)
def test_the_date_line_and_the_poles_divide_nobody(
    place: tuple[float, float], teams: list[tuple[float, float]]
) -> None:
    lats, lons = np.array(teams).T
    kept, order = grid(lats, lons, np.array([3_000, 7_000, 20_000]))
    assert sorted(order[reached(kept, *place)].tolist()) == [0, 1, 2]


def test_who_is_far_away_is_not_looked_at() -> None:
    """The grid is no list of everybody: of a province, a town's order touches its neighbourhood only."""
    dice = np.random.default_rng(3)
    lats, lons = dice.uniform(24, 31, 5_000), dice.uniform(108, 115, 5_000)
    kept, _ = grid(lats, lons, dice.choice([3_000, 8_000, 20_000], 5_000))
    assert len(reached(kept, 28.0, 112.0)) < 50


@given(
    st.lists(st.tuples(LATITUDES, LONGITUDES, st.sampled_from(RADII)), min_size=1, max_size=30),
)
@settings(max_examples=100, deadline=None)
def test_places_come_out_again_to_the_centimetre(teams: list[tuple[float, float, int]]) -> None:
    lats, lons, radius = (np.array(column) for column in zip(*teams, strict=True))
    kept, order = grid(lats, lons, radius)
    assert sorted(order.tolist()) == list(range(len(teams)))
    assert np.abs(kept.lon(slice(None)) - lons[order]).max() <= UNIT
    assert (np.diff(kept.key) >= 0).all()
    assert kept.nbytes == 8 * len(teams)


def test_a_grid_of_nobody_has_no_runs() -> None:
    nothing = np.zeros(0)
    kept, order = grid(nothing, nothing, np.zeros(0, np.int64))
    assert len(order) == len(reached(kept, 28.0, 112.0)) == 0
