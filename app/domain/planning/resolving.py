"""Neighbourhoods of a roster, each solved anew by the exact solver while all the rest stays."""

from typing import Final

import numpy as np

from app.domain.planning.arcs import Arcs
from app.domain.planning.exact import Best, best, size
from app.domain.planning.prices import Prices
from app.domain.planning.problem import Ints, Problem
from app.domain.planning.result import NOBODY, Remaining
from app.domain.planning.roster import Roster

MOST_PLACES: Final = 500
"""The largest neighbourhood, in (arc, group, half hour): smaller ones improved more in the same time."""
MOST_TRIES: Final = 40
EFFORT: Final = 0.05


def resolve(
    problem: Problem, arcs: Arcs, roster: Roster, chosen: Ints, effort: float, remaining: Remaining
) -> Best | None:
    """Solves for the arcs `chosen`, and puts what was found on the roster if it is worth more.

    All orders that the roster has on the teams of these arcs must be among their orders.
    """
    orders = set(arcs.order[chosen].tolist())
    held = [arc for order, arc in roster.arc_of.items() if order in orders]
    hint = {arc: roster.starts[int(arcs.order[arc])] for arc in held}
    found = best(problem, arcs, chosen, hint, effort, remaining())
    if found is not None and found.objective > int(arcs.value[held].sum()):
        for arc in held:
            roster.drop(arc)
        for arc, start in found.starts.items():
            roster.restore(arc, start)
    return found


def improve(problem: Problem, arcs: Arcs, dual: Prices, roster: Roster, remaining: Remaining) -> None:
    """For each order that the prices say could be served and is not: the teams around it, planned together.

    With them goes everybody they serve, and everybody else who is left over and could be theirs.
    """
    around = _Around(problem, arcs, dual, roster)
    left = np.flatnonzero((roster.taken() == NOBODY) & (dual.gain > 0))
    for order in left[np.lexsort((left, -problem.worth[left]))][:MOST_TRIES].tolist():
        if remaining() <= 0:
            return
        if order not in roster.arc_of:
            resolve(problem, arcs, roster, around.arcs_near(order), EFFORT, remaining)


class _Around:
    """Finds neighbourhoods of the size that the exact solver can do."""

    def __init__(self, problem: Problem, arcs: Arcs, dual: Prices, roster: Roster) -> None:
        self.arcs, self.roster, self.wanted = arcs, roster, dual.gain > 0
        self._slack = dual.gain[arcs.order] + dual.price[arcs.slot] - arcs.value
        self._places = size(problem, arcs)
        self._by_team = np.argsort(arcs.team, kind="stable")
        self._team_begins = np.searchsorted(arcs.team[self._by_team], np.arange(problem.teams + 1))
        self._order_begins = np.searchsorted(arcs.order, np.arange(problem.orders + 1))

    def arcs_near(self, order: int) -> Ints:
        """The arcs of the teams that could serve an order, of the teams that could relieve those, and so on,
        nearest to the prices first, of all orders that these teams serve or that are left over."""
        taken = self.roster.taken()
        open_order = (taken == NOBODY) & self.wanted
        teams: dict[int, None] = {}
        found, frontier = np.zeros(0, np.int64), [order]
        while frontier:
            arcs = np.concatenate([np.arange(*self._order_begins[o : o + 2]) for o in frontier])
            ranked = self.arcs.team[arcs[np.argsort(self._slack[arcs], kind="stable")]].tolist()
            frontier = []
            for team in dict.fromkeys(ranked):
                if team in teams:
                    continue
                teams[team] = None
                here = [arc for slot in self._days(team) for arc in self.roster.held.get(slot, ())]
                frontier += self.arcs.order[here].tolist()
                open_order[frontier] = True
                wider = np.concatenate(
                    [self._by_team[self._team_begins[t] : self._team_begins[t + 1]] for t in teams]
                )
                wider = np.sort(wider[open_order[self.arcs.order[wider]]])
                if self._places[wider].sum() > MOST_PLACES:
                    return found
                found = wider
        return found

    def _days(self, team: int) -> range:
        days = self.roster.problem.days
        return range(team * days, team * days + days)
