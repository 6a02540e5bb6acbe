"""A queue dispatched as it comes, each order to the team of the best score, less the price if there is one."""

import numpy as np

from app.domain.planning.arcs import offer
from app.domain.planning.plan import unhurried
from app.domain.planning.problem import Problem
from app.domain.planning.roster import Roster


def served_in_turn(problem: Problem, prices: np.ndarray | None, seed: int = 0) -> int:
    """How many are served when orders arrive in random order; `prices` are a plan's, permille by (team, day)."""
    arcs = offer(problem, unhurried).arcs
    roster = Roster(problem, arcs)
    net = arcs.value - problem.worth[arcs.order]
    if prices is not None:
        net = net - prices[arcs.team, arcs.day]
    begins = np.searchsorted(arcs.order, np.arange(problem.orders + 1))
    for order in np.random.default_rng(seed).permutation(problem.orders).tolist():
        mine = np.arange(*begins[order : order + 2])
        ranked = mine[np.argsort(-net[mine], kind="stable")].tolist()
        any(roster.put(int(arcs.slot[arc]), [arc]) for arc in ranked)
    return len(roster.arc_of)
