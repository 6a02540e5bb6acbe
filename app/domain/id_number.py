"""公民身份号码 (GB 11643-1999): eighteen places; eight tell the birth date, the last checks the rest."""

from datetime import date
from typing import Final

PLACES: Final = 18
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"
_OLDEST: Final = 1900


def birth_date_of(number: str) -> date | None:
    """The date of birth that a valid number tells; None where it cannot be one. The last place may be `x`."""
    body, check = number[:-1], number[-1:].upper()
    if len(number) != PLACES or not (body.isascii() and body.isdigit()):
        return None
    if check != _CHECKS[sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True)) % 11]:
        return None
    try:
        born = date(int(body[6:10]), int(body[10:12]), int(body[12:14]))
    except ValueError:
        return None
    return born if born.year >= _OLDEST else None
