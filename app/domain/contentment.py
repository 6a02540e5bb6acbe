"""Who is asked afterwards how it was (回访), and when a rating is low."""

from typing import Final

LOW: Final = 2
"""Stars of five, on any dimension: below three somebody is not content."""


def is_low(*stars: int) -> bool:
    """Whether any of the dimensions of a review is; a mean that low has such a one."""
    return min(stars) <= LOW
