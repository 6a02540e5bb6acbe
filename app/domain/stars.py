"""Stars for hours served: 100, 300, 600, 1000 and 1500 hours make one to five.

The ladder is the national one (志愿服务记录办法, draft of 2012, as the provinces adopted it). It says what a
volunteer may apply for; the star itself is granted on application, never by counting.
"""

from bisect import bisect_right
from typing import Final

STAR_HOURS: Final = (100, 300, 600, 1000, 1500)

_STEPS: Final = tuple(hours * 60 for hours in STAR_HOURS)


def stars(minutes: int) -> int:
    """How many stars, 0-5, so many minutes of service reach."""
    return bisect_right(_STEPS, minutes)


def next_star(minutes: int) -> tuple[int, int] | None:
    """The next star and the minutes still missing to it; None once there are five."""
    reached = stars(minutes)
    return None if reached == len(_STEPS) else (reached + 1, _STEPS[reached] - minutes)
