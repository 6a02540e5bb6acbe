"""TOTP (RFC 6238): a code of six digits that a telephone works out of a shared secret and the time.

Its arithmetic is pyotp's (app/services/second_factor.py); here stands which codes count: that of now and its two
neighbours, for clocks that differ by a little, and none twice.
"""

from datetime import datetime
from typing import Final

STEP_SECONDS: Final = 30
NEIGHBOURS: Final = 1
DIGITS: Final = 6


def steps_around(at: datetime, last: int | None) -> list[int]:
    """The time steps whose codes count at `at` after that of step `last` was accepted, this one first."""
    here = int(at.timestamp()) // STEP_SECONDS
    near = sorted(range(max(0, here - NEIGHBOURS), here + NEIGHBOURS + 1), key=lambda step: abs(step - here))
    return [step for step in near if last is None or step > last]
