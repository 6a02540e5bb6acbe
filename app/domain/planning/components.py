"""Parts of a queue that have no team in common, each proven or improved by itself."""

from typing import Final

import numpy as np

from app.domain.planning.arcs import Arcs
from app.domain.planning.exact import size
from app.domain.planning.problem import Ints, Problem
from app.domain.planning.resolving import resolve
from app.domain.planning.result import NOBODY, Remaining
from app.domain.planning.roster import Roster

MOST_PLACES: Final = 4_000
"""The largest part that is given to the exact solver whole, in (arc, group, half hour)."""
EFFORT: Final = 1.0


def prove(problem: Problem, arcs: Arcs, relaxed: Ints, roster: Roster, remaining: Remaining) -> int:
    """Betters the roster where a small part falls short of its flow; returns what the bound may be lowered by.

    A part whose roster is worth what its flow is worth is optimal, since no plan is worth more than the flow.
    A small one that is not goes to the exact solver, whose own bound then replaces that of the flow.
    """
    part = parts(arcs, problem.orders, problem.teams)
    count = int(part.max(initial=-1)) + 1
    sizes = np.bincount(part[arcs.order], weights=size(problem, arcs), minlength=count)
    promised, planned = _worth(arcs, part, relaxed, count), _worth(arcs, part, roster.taken(), count)
    lowered = 0
    for number in np.flatnonzero((planned < promised) & (sizes <= MOST_PLACES)).tolist():
        if remaining() <= 0:
            break
        chosen = np.flatnonzero(part[arcs.order] == number)
        found = resolve(problem, arcs, roster, chosen, EFFORT, remaining)
        if found is not None:
            lowered += max(0, int(promised[number]) - found.bound)
    return lowered


def parts(arcs: Arcs, orders: int, teams: int) -> Ints:
    """The number of the part that each order belongs to, int64[N], parts counted by their first order.

    Every node takes the lowest label among its neighbours and then that label's own, until nothing changes.
    """
    label = np.arange(orders + teams)
    team = orders + arcs.team
    while True:
        lowest = label.copy()
        for here, there in ((arcs.order, team), (team, arcs.order)):
            np.minimum.at(lowest, here, label[there])
        lowest = lowest[lowest]
        if np.array_equal(lowest, label):
            return np.asarray(np.unique(label[:orders], return_inverse=True)[1], np.int64)
        label = lowest


def _worth(arcs: Arcs, part: Ints, taken: Ints, count: int) -> Ints:
    served = taken[taken != NOBODY]
    worth = np.zeros(count, np.int64)
    np.add.at(worth, part[arcs.order[served]], arcs.value[served])
    return worth
