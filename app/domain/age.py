"""How old somebody is, where the law asks for an adult (志愿服务条例 Art. 15: work fit for age)."""

from datetime import date
from typing import Final

ADULT: Final = 18
OF_AGE_TO_CONSENT: Final = 14
"""Below, the guardian consents (PIPL Art. 31), and nobody volunteers."""


def age_on(born: date, day: date) -> int:
    """Completed years; who was born on 29 February is a year older from 1 March in a common year."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def needs_guardian(born: date | None, day: date) -> bool:
    """Known to be under fourteen."""
    return born is not None and age_on(born, day) < OF_AGE_TO_CONSENT


def is_adult(born: date | None, day: date) -> bool:
    """False also where nobody knows: an unknown age proves nothing."""
    return born is not None and age_on(born, day) >= ADULT
