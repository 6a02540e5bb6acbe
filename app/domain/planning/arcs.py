"""What could be: each order with each (team, day) on which it fits while nothing else is there."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.domain.hours import DAY_SLOTS
from app.domain.planning.problem import Ints, Problem
from app.domain.planning.result import Remaining

Mask = NDArray[np.bool_]

MOST_ARCS: Final = 2_000_000
"""Beyond this many (order, team, day) the best teams of each order are laid out, the others only bounded."""


@dataclass(frozen=True, eq=False, slots=True)
class Arcs:
    """A arcs, sorted by order, then as the edges were given, then by day.

    `order`, `team`, `day` say what; `slot` is team × days + day. It may start in any half hour of `earliest`
    to `latest` that the team's free time allows, and `earliest` is one that it does. `value`: worth + score.
    """

    order: Ints
    team: Ints
    day: Ints
    slot: Ints
    earliest: Ints
    latest: Ints
    value: Ints

    def __len__(self) -> int:
        return len(self.order)

    def where(self, chosen: Mask) -> "Arcs":
        return Arcs(*(getattr(self, name)[chosen] for name in self.__slots__))


@dataclass(frozen=True, eq=False, slots=True)
class Offer:
    """The arcs of a problem, and the edges `left_out` (bool[E]) of them because there were too many."""

    arcs: Arcs
    left_out: Mask
    through: bool
    """Whether time sufficed to look at every edge."""


def offer(problem: Problem, remaining: Remaining, most: int = MOST_ARCS) -> Offer:
    """Every arc of every edge, or of the best edges of each order if that would be more than `most`."""
    edge_days = days_of_edges(problem)
    kept = _best_edges(problem, edge_days, most)
    laid = spread(problem, np.flatnonzero(kept), edge_days)
    fits, reached = _fitting(problem, laid, remaining)
    return Offer(fits, ~(kept & reached[problem.order_of_edge]), bool(reached.all()))


def days_of_edges(problem: Problem) -> Ints:
    """On how many days of the horizon the order of each edge could start, judged by its window alone."""
    low, high = starts(problem)
    days = np.where(high >= low, high // DAY_SLOTS - low // DAY_SLOTS + 1, 0)
    return np.repeat(days, np.diff(problem.offsets))


def starts(problem: Problem) -> tuple[Ints, Ints]:
    """First and last half hour in which each order could start, within window and horizon; maybe none."""
    last = np.minimum(problem.last, problem.half_hours - 1)
    return np.maximum(problem.first, 0), last - problem.duration + 1


def spread(problem: Problem, edges: Ints, edge_days: Ints) -> Arcs:
    """The arcs of some edges, one a day of the window, whether or not the team is free then."""
    times = edge_days[edges]
    edge = np.repeat(edges, times)
    order, team = problem.order_of_edge[edge], problem.team[edge]
    low, high = starts(problem)
    nth = np.arange(len(edge)) - np.repeat(np.cumsum(times) - times, times)
    day = low[order] // DAY_SLOTS + nth
    return Arcs(
        order=order,
        team=team,
        day=day,
        slot=team * problem.days + day,
        earliest=np.maximum(low[order], day * DAY_SLOTS),
        latest=np.minimum(high[order], day * DAY_SLOTS + DAY_SLOTS - 1),
        value=problem.worth[order] + problem.score[edge],
    )


def _best_edges(problem: Problem, edge_days: Ints, most: int) -> Mask:
    """The edges to lay out: all, or so many of the highest score of each order that their arcs are `most`."""
    if int(edge_days.sum()) <= most:
        return np.ones(len(edge_days), np.bool_)
    order = problem.order_of_edge
    ranked = np.lexsort((-problem.score, order))
    nth = np.empty(len(order), np.int64)
    nth[ranked] = np.arange(len(order)) - problem.offsets[order]
    arcs_by_rank = np.cumsum(np.bincount(nth, weights=edge_days))
    return nth < max(1, int(np.searchsorted(arcs_by_rank, most, side="right")))


def _fitting(problem: Problem, laid: Arcs, remaining: Remaining) -> tuple[Arcs, Mask]:
    """Those of `laid` for which the team has a group free throughout, each from its earliest such start.

    Order by order of the same duration; bool[N] says which orders there was time for.
    """
    earliest, fits = laid.earliest.copy(), np.zeros(len(laid), np.bool_)
    reached = np.zeros(problem.orders, np.bool_)
    duration = problem.duration[laid.order]
    for length in np.unique(problem.duration).tolist():
        if remaining() <= 0:
            break
        reached[problem.duration == length] = True
        group = np.flatnonzero(duration == length)
        teams, row = np.unique(laid.team[group], return_inverse=True)
        following = _next_start(problem.free[teams], length)
        earliest[group] = following[row, earliest[group]]
        fits[group] = (earliest[group] <= laid.latest[group]) & (problem.daily_limit[laid.team[group]] > 0)
    return replace(laid, earliest=earliest).where(fits), reached


def _next_start(free: NDArray[np.int8], length: int) -> Ints:
    """For each team and half hour, the next half hour from which it is free for `length` on end; else H."""
    width = free.shape[1]
    busy = np.zeros((len(free), width + 1), np.int32)
    np.cumsum(free == 0, axis=1, out=busy[:, 1:])
    following = np.full((len(free), width + 1), width, np.int64)
    if length <= width:
        room = busy[:, length:] == busy[:, : width - length + 1]
        following[:, : width - length + 1] = np.where(room, np.arange(width - length + 1), width)
    flipped = following[:, ::-1]
    np.minimum.accumulate(flipped, axis=1, out=flipped)
    return following
