"""The plan of a queue: relax, cut, mend, prove, and say how near to the best it is."""

from typing import Final

import numpy as np

from app.domain.planning.answer import answer
from app.domain.planning.arcs import offer
from app.domain.planning.bounding import bound
from app.domain.planning.components import prove
from app.domain.planning.cutting import cut
from app.domain.planning.flow import capacities, relax
from app.domain.planning.greedy import by_hand, greedy
from app.domain.planning.mending import Mending
from app.domain.planning.prices import prices
from app.domain.planning.problem import Problem
from app.domain.planning.resolving import improve
from app.domain.planning.result import Plan, Remaining

FLOW_SECONDS_AN_ARC: Final = 4e-6
"""A flow cannot be stopped, so it is begun only if this much time is left: twice what was measured."""

WELL: Final = 0.999
"""A plan this near to its bound is not worth comparing with the greedy one."""


def unhurried() -> float:
    return float("inf")


def solve(problem: Problem, remaining: Remaining = unhurried) -> Plan:
    """The best plan that can be found, and a bound on every plan. The same problem gives the same plan.

    `remaining` says how many seconds are left; when there are none the plan so far comes back, sound and
    marked as partial. One flow is the only step that cannot be interrupted (see FLOW_SECONDS_AN_ARC).
    """
    laid = offer(problem, remaining)
    arcs = laid.arcs
    if not laid.through or remaining() <= FLOW_SECONDS_AN_ARC * len(arcs):
        return by_hand(problem, remaining, laid, partial=True)
    capacity = capacities(problem, laid)
    relaxed = relax(problem.orders, arcs, capacity, np.ones(len(arcs), np.bool_))
    dual = prices(arcs, relaxed.arc, capacity, remaining)
    roster = cut(problem, arcs, capacity, relaxed.arc, dual, remaining)
    Mending(roster, dual, remaining).run()
    if roster.value < WELL * dual.bound(capacity):
        roster = max(roster, greedy(problem, arcs, remaining), key=lambda one: one.value)
    improve(problem, arcs, dual, roster, remaining)
    lowered = prove(problem, arcs, relaxed.arc, roster, remaining)
    most = bound(problem, laid, capacity, dual, remaining)
    if not laid.left_out.any():
        most -= lowered
    return answer(problem, laid, roster, most, dual.price, partial=remaining() <= 0)
