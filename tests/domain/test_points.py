from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.points import PointsRule, earn

RULE = PointsRule()
MINUTES = st.integers(0, 24 * 60)
RATINGS = st.none() | st.floats(1, 5)
RULES = st.builds(
    PointsRule,
    verified_per_hour=st.integers(0, 100),
    declared_per_hour=st.integers(0, 100),
    bonus=st.integers(0, 100),
    bonus_from=st.floats(1, 5),
    cap_per_order=st.integers(0, 500),
)


@pytest.mark.parametrize(
    ("verified", "declared", "rating", "points"),
    [
        (120, 0, None, 20),
        (90, 0, None, 15),
        (0, 90, None, 7),
        (45, 45, None, 11),
        (5, 0, None, 0),
        (120, 0, 4.5, 25),
        (120, 0, 4.49, 20),
        (120, 0, 1.0, 20),
        (120, 0, nan, 20),
        (0, 0, 5.0, 0),
        (1, 0, 5.0, 5),
        (360, 0, 5.0, 60),
    ],
)
def test_the_proposed_rule(verified: int, declared: int, rating: float | None, points: int) -> None:
    assert earn(verified, declared, rating, RULE) == points


@given(MINUTES, MINUTES, RATINGS, RULES)
def test_within_bounds_and_never_less_for_a_rating(
    verified: int, declared: int, rating: float | None, rule: PointsRule
) -> None:
    points = earn(verified, declared, rating, rule)
    assert 0 <= earn(verified, declared, None, rule) <= points <= rule.cap_per_order


@given(MINUTES, MINUTES, MINUTES, RATINGS, RULES)
def test_more_time_never_earns_less(
    a: int, b: int, more: int, rating: float | None, rule: PointsRule
) -> None:
    assert earn(a + more, b, rating, rule) >= earn(a, b, rating, rule)
    assert earn(a, b + more, rating, rule) >= earn(a, b, rating, rule)


@pytest.mark.parametrize("field", ["verified_per_hour", "declared_per_hour", "bonus", "cap_per_order"])
def test_a_rule_takes_nothing_away(field: str) -> None:
    with pytest.raises(ValueError, match="negative"):
        PointsRule(**{field: -1})


@pytest.mark.parametrize("minutes", [(-1, 0), (0, -1)])
def test_time_does_not_run_backwards(minutes: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="negative"):
        earn(*minutes, None, RULE)
