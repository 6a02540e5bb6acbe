"""What a number of an identity card must be. The numbers are made up: region 110000 does not give any out."""

from datetime import date

import pytest

from app.domain.id_number import birth_date_of


@pytest.mark.parametrize(
    ("number", "born"),
    [
        ("110000198005010016", date(1980, 5, 1)),
        ("11000019800501018X", date(1980, 5, 1)),
        ("11000019800501018x", date(1980, 5, 1)),
        ("110000200002290016", date(2000, 2, 29)),
    ],
)
def test_a_valid_number_tells_the_birth_date(number: str, born: date) -> None:
    assert birth_date_of(number) == born


@pytest.mark.parametrize(
    "number",
    [
        "110000198005010014",
        "110000198005310X13",
        "11000019000229001X",
        "110000198013010016",
        "11000019800501001",
        "１１００００１９８００５０１００１６",
        "X" * 18,
        "",
    ],
    ids=["check", "letter", "no leap year", "month", "short", "full-width", "letters", "empty"],
)
def test_anything_else_is_none(number: str) -> None:
    assert birth_date_of(number) is None
