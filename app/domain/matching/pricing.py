"""What the plan means a team's half hours for, as a ranking is told it: a price for each half hour."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from app.domain.matching.features import Ints

Span = tuple[int, int, int, int]
"""A team's number, the first half hour, the one after the last, and what is lost without them (permille)."""

_NEVER = 1_000_000


def slot_prices(taken: Ints, capacity: NDArray[np.integer], planned: Iterable[Span]) -> Ints | None:
    """int[M, slots] for Work.slot_price; None when the plan is in nobody's way.

    A half hour has a price only where what is taken and what is planned fill the team; then it is the least loss
    among what is planned there, because that order would have to give way.
    """
    meant, least = np.zeros_like(taken), np.full(taken.shape, _NEVER, np.int64)
    for team, begin, end, permille in planned:
        meant[team, begin:end] += 1
        least[team, begin:end] = np.minimum(least[team, begin:end], permille)
    full = (meant > 0) & (taken + meant >= capacity[:, np.newaxis])
    return np.where(full, least, 0) if full.any() else None
