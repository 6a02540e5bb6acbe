"""How far a team's word can be relied on: four rates, each pulled toward the center's mean by how little is known.

A rate of a few trials says little. It is read as if PRIOR trials at the center's own rate had come before
(the posterior mean of a beta prior): a new team stands where the center stands on average, neither punished
nor glorified, and its own deeds take over as they come.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.signedinteger[Any]]

PRIOR: Final = 8
"""As many own trials as this weigh as much as the center's mean."""

WHOLE: Final = 10_000
STARS: Final = 20
"""The most that one review can give: four dimensions of five."""

_PARTS: Final = {"accept": 3, "on_time": 2, "served": 3, "rating": 2}
_STARTING: Final = {"accept": (7, 10), "on_time": (9, 10), "served": (9, 10), "rating": (4, 5)}
"""What each rate counts, out of ten; and the means of a center without history: of ten asked seven say yes
(S4.8: 12,300 of 17,200), of ten services nine are served, in time, and liked with four stars of five."""

UNKNOWN: Final = (7_000 * 3 + 9_000 * 2 + 9_000 * 3 + 8_000 * 2) // 10
"""Of a team in a center without history."""


@dataclass(frozen=True, eq=False, slots=True)
class History:
    """int[N] each: offers that were answered or lapsed, and those accepted; services that fell due, those begun
    in time and those served to the end; reviews, and the sum of all their stars (4 to 20 each)."""

    asked: Counts
    accepted: Counts
    due: Counts
    on_time: Counts
    served: Counts
    ratings: Counts
    rating_sum: Counts


def reliability(history: History) -> NDArray[np.int64]:
    """Basis points, int64[N], 0 to 10,000: whole numbers throughout, so every machine finds the same."""
    rates = {
        "accept": _shrunk(history.accepted, history.asked, "accept"),
        "on_time": _shrunk(history.on_time, history.due, "on_time"),
        "served": _shrunk(history.served, history.due, "served"),
        "rating": _shrunk(history.rating_sum, STARS * history.ratings.astype(np.int64), "rating", STARS),
    }
    total = sum(rate * _PARTS[name] for name, rate in rates.items())
    return np.asarray(total // sum(_PARTS.values()), np.int64)


def _shrunk(good: Counts, every: Counts, name: str, unit: int = 1) -> NDArray[np.int64]:
    """Basis points of (good + prior · mean) / (every + prior), where one trial counts `unit`."""
    good, every = good.astype(np.int64), every.astype(np.int64)
    good_0, all_0 = _STARTING[name]
    mean = WHOLE * (int(good.sum()) + good_0 * unit) // (int(every.sum()) + all_0 * unit)
    prior = PRIOR * unit
    return np.asarray((WHOLE * good + prior * mean) // (every + prior), np.int64)
