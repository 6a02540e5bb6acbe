"""A team is known by its deeds, and where there are few, by its center."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.matching.reliability import PRIOR, STARS, UNKNOWN, WHOLE, History, reliability

NAMES = ("asked", "accepted", "due", "on_time", "served", "ratings", "rating_sum")


def found(*teams: dict[str, int]) -> list[int]:
    columns = (np.array([team.get(name, 0) for team in teams], np.int64) for name in NAMES)
    points: list[int] = reliability(History(*columns)).tolist()
    return points


def deeds(times: int, *, good: int | None = None, stars: int = 16) -> dict[str, int]:
    """A team that was asked so often, did `good` of it well, and has a review of each."""
    done = times if good is None else good
    each = {"asked": times, "accepted": done, "due": times, "on_time": done, "served": done}
    return {**each, "ratings": times, "rating_sum": stars * times}


def test_a_center_without_history_stands_at_the_unknown() -> None:
    assert found({}, {}) == [UNKNOWN, UNKNOWN]
    assert found() == []


def test_a_new_team_stands_at_its_centers_mean() -> None:
    """Whatever the center is like: neither punished nor glorified."""
    for good, stars in ((2_000, 20), (1_600, 16), (200, 6)):
        old = deeds(2_000, good=good, stars=stars)
        new, first, second = found({}, old, old)
        assert abs(new - first) <= 20
        assert first == second


def test_one_yes_of_one_beats_the_mean_only_a_little() -> None:
    old = [deeds(400, good=280)] * 5
    new, once, well = found({}, {"asked": 1, "accepted": 1}, deeds(1, stars=20), *old)[:3]
    assert 0 < once - new < 150
    assert once < well < new + 500
    assert well < found(deeds(50, stars=20), *old)[0]


def test_one_no_of_one_costs_only_a_little() -> None:
    new, refused = found({}, {"asked": 1}, *[deeds(400, good=280)] * 5)[:2]
    assert 0 < new - refused < 300


def test_many_deeds_take_over() -> None:
    """With a thousand trials the own rate counts and not the center's."""
    best, worst = found(deeds(1_000, stars=20), deeds(1_000, good=0, stars=4))
    assert best > WHOLE - 100
    assert worst < WHOLE * 2 * 4 // (10 * STARS) + 100


@pytest.mark.parametrize("name", ["accepted", "on_time", "served", "rating_sum"])
def test_every_good_deed_counts(name: str) -> None:
    base = {
        "asked": 10,
        "accepted": 5,
        "due": 10,
        "on_time": 5,
        "served": 5,
        "ratings": 10,
        "rating_sum": 100,
    }
    worse, better = found(base, base | {name: base[name] + 3})
    assert better > worse


def test_as_many_trials_as_the_prior_move_half_the_way() -> None:
    """Of the part that acceptance has: 3 of 10."""
    new, own = found({}, {"asked": PRIOR, "accepted": PRIOR}, *[deeds(1_000, good=500)] * 9)[:2]
    assert own - new == pytest.approx((WHOLE - 5_000) / 2 * 3 / 10, rel=0.02)


@st.composite
def history(draw: Any) -> dict[str, int]:
    asked, due, ratings = (draw(st.integers(0, 5_000)) for _ in range(3))
    return {
        "asked": asked,
        "accepted": draw(st.integers(0, asked)),
        "due": due,
        "on_time": draw(st.integers(0, due)),
        "served": draw(st.integers(0, due)),
        "ratings": ratings,
        "rating_sum": draw(st.integers(4 * ratings, STARS * ratings)),
    }


@given(st.lists(history(), min_size=1, max_size=8))
@settings(max_examples=150, deadline=None)
def test_always_between_nothing_and_everything(teams: list[dict[str, int]]) -> None:
    points = found(*teams)
    assert all(0 <= one <= WHOLE for one in points)
    assert found(*teams[::-1]) == points[::-1], "whoever comes first"


def test_counts_of_any_width_are_added_as_wide_ones() -> None:
    narrow = History(*(np.array([30_000] * 9, np.int16) for _ in NAMES))
    assert (reliability(narrow) >= 0).all()
