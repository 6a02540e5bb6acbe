"""From a roster to the plan that is handed back."""

import numpy as np
from numpy.typing import NDArray

from app.domain.planning.arcs import Offer
from app.domain.planning.prices import FAR, best_of, permille
from app.domain.planning.problem import Ints, Problem
from app.domain.planning.result import NOBODY, Plan, Reason
from app.domain.planning.roster import Roster


def answer(problem: Problem, laid: Offer, roster: Roster, most: int, price: Ints, *, partial: bool) -> Plan:
    """The plan of a roster; `most` bounds every plan, `price` is that of each slot."""
    team, start = np.full(problem.orders, NOBODY), np.full(problem.orders, NOBODY)
    served = list(roster.arc_of)
    team[served] = laid.arcs.team[list(roster.arc_of.values())]
    start[served] = [roster.starts[order] for order in served]
    return Plan(
        team=team,
        start=start,
        reason=_reasons(problem, laid, roster, partial),
        objective=roster.value,
        bound=most,
        proven=roster.value == most,
        partial=partial,
        prices=permille(price).reshape(problem.teams, problem.days).astype(np.int32),
    )


def _reasons(problem: Problem, laid: Offer, roster: Roster, partial: bool) -> NDArray[np.int8]:
    """Why each order is not served. One lost to the more urgent if nobody who has a place that it could take
    is worth less; otherwise it is time or number of orders that the teams lack."""
    arcs = laid.arcs
    reason = np.full(problem.orders, Reason.NO_TEAM, np.int8)
    reason[np.diff(problem.offsets) > 0] = Reason.NO_TIME
    reason[problem.order_of_edge[laid.left_out]] = Reason.NOT_REACHED
    reason[arcs.order] = Reason.NOT_REACHED if partial else Reason.NO_CAPACITY
    if not partial:
        held = list(roster.arc_of.values())
        least = np.full(problem.teams * problem.days, FAR)
        np.minimum.at(least, arcs.slot[held], problem.worth[arcs.order[held]])
        least[least == FAR] = 0
        weakest = -best_of(arcs, -least[arcs.slot], problem.orders)
        reason[(reason == Reason.NO_CAPACITY) & (weakest >= problem.worth)] = Reason.LOST_TO_MORE_URGENT
    reason[list(roster.arc_of)] = Reason.SERVED
    return reason
