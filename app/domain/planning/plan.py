"""The plan of a queue: relax, cut, mend, and say how near to the best it is."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.domain.planning.arcs import Offer, offer
from app.domain.planning.bounding import bound
from app.domain.planning.components import prove
from app.domain.planning.cutting import cut
from app.domain.planning.flow import capacities, relax
from app.domain.planning.mending import Mending, free_of_charge, greedy
from app.domain.planning.prices import FAR, best_of, permille, prices
from app.domain.planning.problem import Ints, Problem
from app.domain.planning.result import NOBODY, Plan, Reason, Remaining
from app.domain.planning.roster import Roster

FLOW_SECONDS_AN_ARC: Final = 4e-6
"""A flow cannot be stopped, so it is begun only if this much time is left; twice what was measured."""


def unhurried() -> float:
    return float("inf")


def solve(problem: Problem, remaining: Remaining = unhurried) -> Plan:
    """The best plan that can be found, and a bound on every plan. The same problem gives the same plan.

    `remaining` says how many seconds are left; when there are none the plan so far comes back, sound and
    marked as partial. One flow is the only step that cannot be interrupted (see FLOW_SECONDS_AN_ARC).
    """
    laid = offer(problem, remaining)
    arcs = laid.arcs
    capacity = capacities(problem, laid)
    if not laid.through or remaining() <= FLOW_SECONDS_AN_ARC * len(arcs):
        return by_hand(problem, laid, remaining, partial=True)
    relaxed = relax(problem.orders, arcs, capacity, np.ones(len(arcs), np.bool_))
    dual = prices(arcs, relaxed.arc, capacity, remaining)
    roster = cut(problem, arcs, capacity, relaxed.arc, dual, remaining)
    Mending(roster, dual, remaining).run()
    most = bound(problem, laid, capacity, dual, remaining)
    most -= prove(problem, arcs, relaxed.arc, roster, remaining)
    return _plan(problem, laid, roster, most, dual.price, partial=remaining() <= 0)


def by_hand(problem: Problem, laid: Offer, remaining: Remaining, *, partial: bool) -> Plan:
    """The greedy plan, with the bound that costs no time: each order served at its best score."""
    roster = greedy(problem, laid.arcs, remaining)
    best = np.where(laid.through & ~laid.left_out, 0, problem.worth[problem.order_of_edge] + problem.score)
    gain = np.zeros(problem.orders, np.int64)
    np.maximum.at(gain, problem.order_of_edge, best)
    np.maximum.at(gain, laid.arcs.order, laid.arcs.value)
    none = free_of_charge(problem).price
    return _plan(problem, laid, roster, int(gain.sum()), none, partial=partial or remaining() <= 0)


def _plan(problem: Problem, laid: Offer, roster: Roster, most: int, price: Ints, *, partial: bool) -> Plan:
    team, start = np.full(problem.orders, NOBODY), np.full(problem.orders, NOBODY)
    served = list(roster.arc_of)
    team[served] = laid.arcs.team[list(roster.arc_of.values())]
    start[served] = [roster.starts[order] for order in served]
    objective = roster.value
    return Plan(
        team=team,
        start=start,
        reason=_reasons(problem, laid, roster, partial),
        objective=objective,
        bound=most,
        proven=objective == most,
        partial=partial,
        prices=permille(price).reshape(problem.teams, problem.days).astype(np.int32),
    )


def _reasons(problem: Problem, laid: Offer, roster: Roster, partial: bool) -> NDArray[np.int8]:
    """Why each order is not served. One lost to the more urgent if nobody who has a place that it could take
    is worth less; otherwise it is time or number of orders that the teams lack."""
    arcs = laid.arcs
    reason = np.full(problem.orders, Reason.NO_TEAM, np.int8)
    reason[np.diff(problem.offsets) > 0] = Reason.NO_TIME if laid.through else Reason.NOT_REACHED
    reason[arcs.order] = Reason.NOT_REACHED if partial else Reason.NO_CAPACITY
    if not partial:
        least = np.full(problem.teams * problem.days, FAR)
        held = list(roster.arc_of.values())
        np.minimum.at(least, arcs.slot[held], problem.worth[arcs.order[held]])
        least[least == FAR] = 0
        weakest = -best_of(arcs, -least[arcs.slot], problem.orders)
        reason[(reason == Reason.NO_CAPACITY) & (weakest >= problem.worth)] = Reason.LOST_TO_MORE_URGENT
    reason[list(roster.arc_of)] = Reason.SERVED
    return reason
