import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.stars import next_star, stars


@pytest.mark.parametrize(
    ("hours", "reached"), [(100, 1), (300, 2), (600, 3), (1000, 4), (1500, 5)], ids=lambda value: str(value)
)
def test_a_star_begins_with_its_last_minute(hours: int, reached: int) -> None:
    assert stars(hours * 60 - 1) == reached - 1
    assert stars(hours * 60) == reached
    assert next_star(hours * 60 - 1) == (reached, 1)


def test_from_nothing_to_everything() -> None:
    assert stars(0) == 0
    assert next_star(0) == (1, 6000)
    assert next_star(1500 * 60) is None
    assert stars(10**9) == 5


@given(st.integers(0, 1500 * 60 - 1))
def test_serving_what_is_missing_earns_exactly_the_next_star(minutes: int) -> None:
    promised = next_star(minutes)
    assert promised is not None
    star, missing = promised
    assert stars(minutes + missing) == star == stars(minutes) + 1
    assert stars(minutes + missing - 1) == star - 1
