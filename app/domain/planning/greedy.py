"""First come, first served: what a plan without a solver would be, and what is left when time is short."""

import numpy as np

from app.domain.planning.answer import answer
from app.domain.planning.arcs import Arcs, Offer, offer
from app.domain.planning.mending import Mending
from app.domain.planning.prices import Prices
from app.domain.planning.problem import Problem
from app.domain.planning.result import Plan, Remaining
from app.domain.planning.roster import Roster


def greedy(problem: Problem, arcs: Arcs, remaining: Remaining) -> Roster:
    """By worth, each order to the team of its best score that still has a time for it; no second thoughts."""
    roster = Roster(problem, arcs)
    Mending(roster, _free_of_charge(problem), remaining).run()
    return roster


def by_hand(
    problem: Problem, remaining: Remaining, laid: Offer | None = None, *, partial: bool = False
) -> Plan:
    """The greedy plan, with the bound that costs no time: each order served at its best score.

    Needs no solver, so that it can stand in for one anywhere. `laid`, if it is known already.
    """
    laid = laid or offer(problem, remaining)
    roster = greedy(problem, laid.arcs, remaining)
    gain = np.zeros(problem.orders, np.int64)
    np.maximum.at(gain, laid.arcs.order, laid.arcs.value)
    order = problem.order_of_edge[laid.left_out]
    np.maximum.at(gain, order, problem.worth[order] + problem.score[laid.left_out])
    none = _free_of_charge(problem).price
    late = partial or not laid.through or remaining() <= 0
    return answer(problem, laid, roster, int(gain.sum()), none, partial=late)


def _free_of_charge(problem: Problem) -> Prices:
    """No prices, and no gain that would ask anybody to step aside."""
    return Prices(np.zeros(problem.teams * problem.days, np.int64), np.zeros(problem.orders, np.int64))
