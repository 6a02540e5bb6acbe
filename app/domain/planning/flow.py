"""The relaxation: every order takes one place of one (team, day), as a min-cost flow.

Why its optimum bounds every plan. Take any plan. Each served order starts on one day at one team, on an arc,
since it fits there even beside others. A team starts at most `daily_limit` orders a day; and because each
occupies a group for at least as long as the shortest order that may come here, never more than its free half
hours hold. So the plan is a flow within these capacities, of the same value, and no flow is worth more than
the optimum. The flow forgets only when within the day an order is served; what it may claim and no plan can
do is exactly what `cutting` then forbids.
"""

from dataclasses import dataclass

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from app.domain.hours import DAY_SLOTS
from app.domain.planning.arcs import Arcs, Mask, Offer
from app.domain.planning.problem import MOST_DAYS, Ints, Problem
from app.domain.planning.result import NOBODY


@dataclass(frozen=True, eq=False, slots=True)
class Relaxed:
    """`arc` int64[N]: the arc each order takes, or -1; `value` is the sum over the arcs taken."""

    arc: Ints
    value: int


def capacities(problem: Problem, laid: Offer) -> Ints:
    """int64[M × days]: how many orders can start at each (team, day) at the very most."""
    days, arcs = problem.days, laid.arcs
    shortest = np.full((problem.teams, days), MOST_DAYS * DAY_SLOTS)
    longest = np.ones((problem.teams, days), np.int64)
    out = np.flatnonzero(laid.left_out)
    length, length_out = (
        problem.duration[arcs.order],
        problem.duration[problem.order_of_edge[out], np.newaxis],
    )
    np.minimum.at(shortest, (arcs.team, arcs.day), length)
    np.maximum.at(longest, (arcs.team, arcs.day), length)
    np.minimum.at(shortest, problem.team[out], length_out)
    np.maximum.at(longest, problem.team[out], length_out)
    supply = np.zeros((problem.teams, problem.half_hours + 1), np.int64)
    np.cumsum(problem.free, axis=1, out=supply[:, 1:])
    opens = np.arange(days) * DAY_SLOTS
    closes = np.minimum(opens + DAY_SLOTS + longest - 1, problem.half_hours)
    room = np.take_along_axis(supply, closes, axis=1) - supply[:, opens]
    most: Ints = np.minimum(problem.daily_limit[:, np.newaxis], room // shortest)
    return most.ravel()


def relax(orders: int, arcs: Arcs, capacity: Ints, allowed: Mask) -> Relaxed:
    """The most valuable flow over the allowed arcs. Ties fall the same way for the same input."""
    taken = np.full(orders, NOBODY, np.int64)
    used = np.flatnonzero(allowed)
    if not len(used):
        return Relaxed(taken, 0)
    who, order = np.unique(arcs.order[used], return_inverse=True)
    where, slot = np.unique(arcs.slot[used], return_inverse=True)
    n, m = len(who), len(where)
    sink = n + m
    solver = SimpleMinCostFlow()
    chosen = solver.add_arcs_with_capacity_and_unit_cost(
        order.astype(np.int32), (n + slot).astype(np.int32), np.ones(len(used), np.int64), -arcs.value[used]
    )
    for tails, room in ((np.arange(n), np.ones(n, np.int64)), (np.arange(n, sink), capacity[where])):
        solver.add_arcs_with_capacity_and_unit_cost(
            tails.astype(np.int32), np.full(len(tails), sink, np.int32), room, np.zeros(len(tails), np.int64)
        )
    supply = np.append(np.ones(n, np.int64), -n)
    solver.set_nodes_supplies(np.append(np.arange(n), sink).astype(np.int32), supply)
    status = solver.solve()
    if status != SimpleMinCostFlow.Status.OPTIMAL:
        raise RuntimeError(f"the flow has no optimum: {status}")
    served = used[solver.flows(chosen) > 0]
    taken[arcs.order[served]] = served
    return Relaxed(taken, int(arcs.value[served].sum()))
