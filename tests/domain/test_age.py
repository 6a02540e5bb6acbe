"""Completed years, at the edges of birthdays."""

from datetime import date

import pytest

from app.domain.age import age_on, is_adult


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(2008, 11, 24), date(2026, 11, 23), 17),
        (date(2008, 11, 24), date(2026, 11, 24), 18),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2026, 11, 24), date(2026, 11, 24), 0),
    ],
)
def test_a_year_is_completed_on_the_birthday(born: date, day: date, age: int) -> None:
    assert age_on(born, day) == age
    assert is_adult(born, day) is (age >= 18)


def test_an_unknown_age_proves_nothing() -> None:
    assert not is_adult(None, date(2026, 11, 24))
