"""A bound that holds for the whole problem, also for what was too much to lay out."""

from typing import Final

import numpy as np

from app.domain.planning.arcs import Offer, days_of_edges, spread
from app.domain.planning.prices import Prices, best_of
from app.domain.planning.problem import Ints, Problem
from app.domain.planning.result import Remaining

CHUNK: Final = 1_000_000


def bound(problem: Problem, laid: Offer, capacity: Ints, dual: Prices, remaining: Remaining) -> int:
    """No plan is worth more. Weak duality: any prices of at least nothing make a bound, if each order's gain
    is the most that it is worth above the price of a place, over all places it could take.

    For edges that were left out that maximum is taken here, over every day of their windows, free or not;
    when time runs out, as if their places cost nothing.
    """
    edges = np.flatnonzero(laid.left_out & (problem.daily_limit[problem.team] > 0))
    gain, edge_days = dual.gain.copy(), days_of_edges(problem)
    edges = edges[edge_days[edges] > 0]
    pieces = np.searchsorted(np.cumsum(edge_days[edges]), np.arange(CHUNK, edge_days[edges].sum(), CHUNK))
    order = problem.order_of_edge
    for piece in np.split(edges, pieces):
        if remaining() > 0:
            arcs = spread(problem, piece, edge_days)
            best = best_of(arcs, arcs.value - dual.price[arcs.slot], problem.orders)
            np.maximum(gain, best, out=gain)
        else:
            np.maximum.at(gain, order[piece], problem.worth[order[piece]] + problem.score[piece])
    return Prices(dual.price, gain).bound(capacity)
