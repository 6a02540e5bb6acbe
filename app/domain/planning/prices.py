"""What one more place on a team's day is worth to the queue: the dual of its capacity.

The price of a (team, day) is what the best relaxed plan would lose if one place less were there: nothing
while places stay empty, the whole worth of an order if it then stays unserved, the difference in score if
another team takes over. A ranking of single orders that subtracts it leaves a rare team to those who have no
other. Of all prices that prove the flow optimal these are the highest: dearer is what is missed most.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from app.domain.planning.arcs import Arcs
from app.domain.planning.problem import NORMAL, Ints
from app.domain.planning.result import NOBODY, Remaining

FAR: Final = np.int64(2**60)


@dataclass(frozen=True, eq=False, slots=True)
class Prices:
    """`price` int64[slots] ≥ 0; `gain` int64[N] ≥ 0, the most an order is worth above the price of its place."""

    price: Ints
    gain: Ints

    def bound(self, capacity: Ints) -> int:
        """No plan within these capacities is worth more, whatever the prices: each served order is worth at
        most its gain and the price of its place, and places are sold once."""
        return int(self.gain.sum() + (self.price * capacity).sum())


def prices(arcs: Arcs, taken: Ints, capacity: Ints, remaining: Remaining) -> Prices:
    """The highest prices of an optimal flow, by shortest ways to make up for a lost place (Bellman-Ford).

    `taken` is the arc of each order or -1. When time runs out the prices are too high, and bound all the same.
    """
    served = np.flatnonzero(taken != NOBODY)
    slot, value = arcs.slot[taken[served]], arcs.value[taken[served]]
    filled = np.bincount(slot, minlength=len(capacity))
    price = np.where(filled < capacity, 0, FAR)
    np.minimum.at(price, slot, value)
    price[(capacity == 0) | (filled < capacity)] = 0
    own = np.zeros(len(arcs), np.bool_)
    own[taken[served]] = True
    while len(served) and remaining() > 0:
        other = np.where(own, 0, arcs.value - price[arcs.slot])
        lost = value - np.maximum(best_of(arcs, other, len(taken)), 0)[served]
        cheaper = price.copy()
        np.minimum.at(cheaper, slot, lost)
        if np.array_equal(cheaper, price):
            break
        price = cheaper
    return Prices(price, np.maximum(best_of(arcs, arcs.value - price[arcs.slot], len(taken)), 0))


def best_of(arcs: Arcs, values: Ints, orders: int) -> Ints:
    """The highest of the values over the arcs of each order, int64[orders]; -2^60 for an order without any."""
    best = np.full(orders, -FAR)
    if len(arcs):
        begins = np.flatnonzero(np.diff(arcs.order, prepend=-1))
        best[arcs.order[begins]] = np.maximum.reduceat(values, begins)
    return best


def permille(price: Ints) -> Ints:
    """Prices in thousandths of the worth of serving one normal order."""
    return np.asarray(np.rint(price * (1000 / NORMAL)), np.int64)
