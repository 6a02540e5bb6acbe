"""The best timetable of a few orders and teams that get in each other's way, by constraint programming."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from ortools.sat.python import cp_model

from app.domain.planning.arcs import Arcs
from app.domain.planning.problem import Ints, Problem
from app.domain.planning.roster import Starts
from app.domain.planning.travel import Gap, gap


@dataclass(frozen=True, slots=True)
class Best:
    """`starts` by arc for what is served; nothing in these arcs can be worth more than `bound`."""

    starts: Starts
    objective: int
    bound: int


class _Place(NamedTuple):
    """An order in one lane from one half hour on: a yes or no of the model."""

    start: int
    end: int
    order: int
    arc: int
    yes: cp_model.IntVar


def size(problem: Problem, arcs: Arcs) -> Ints:
    """How many places each arc has at most, int64[A]: what makes a model large."""
    groups = problem.free.max(axis=1, initial=0).astype(np.int64)
    return np.asarray((arcs.latest - arcs.earliest + 1) * groups[arcs.team])


def best(
    problem: Problem, arcs: Arcs, chosen: Ints, hint: Starts, effort: float, seconds: float
) -> Best | None:
    """The most valuable way to serve by the arcs `chosen`; None if not even a first one was found in time.

    `chosen` must hold every arc of its teams that is to be served at all, since nothing else is seen there.
    `hint` is where to begin, a start by arc; `effort` is the limit in CP-SAT's own machine-independent
    seconds, so that the search ends alike everywhere unless `seconds` end it first.
    """
    model = cp_model.CpModel()
    by_order: dict[int, list[cp_model.IntVar]] = defaultdict(list)
    by_slot: dict[int, list[cp_model.IntVar]] = defaultdict(list)
    by_lane: dict[tuple[int, int], list[_Place]] = defaultdict(list)
    for arc in chosen.tolist():
        for lane, place in _places(model, problem, arcs, arc):
            by_order[place.order].append(place.yes)
            by_slot[int(arcs.slot[arc])].append(place.yes)
            by_lane[int(arcs.team[arc]), lane].append(place)
            model.add_hint(place.yes, lane == 0 and hint.get(arc) == place.start)
    for takers in by_order.values():
        model.add_at_most_one(takers)
    for slot, takers in by_slot.items():
        model.add(cp_model.LinearExpr.sum(takers) <= int(problem.daily_limit[slot // problem.days]))
    for (team, _), places in by_lane.items():
        for takers in _one_of(places, gap(problem.place, float(problem.speed_kmh[team]))):
            model.add_at_most_one(takers)
    every = [place for places in by_lane.values() for place in places]
    values = arcs.value[[place.arc for place in every]].tolist()
    model.maximize(cp_model.LinearExpr.weighted_sum([place.yes for place in every], values))
    return _solved(model, arcs, every, effort, seconds)


def _solved(
    model: cp_model.CpModel, arcs: Arcs, every: Sequence[_Place], effort: float, seconds: float
) -> Best | None:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    solver.parameters.max_deterministic_time = effort
    solver.parameters.max_time_in_seconds = max(seconds, 0.0)
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    starts = {place.arc: place.start for place in every if solver.value(place.yes)}
    objective = int(arcs.value[list(starts)].sum()) if starts else 0
    return Best(starts, objective, max(objective, int(np.floor(solver.best_objective_bound + 1e-6))))


def _places(model: cp_model.CpModel, problem: Problem, arcs: Arcs, arc: int) -> Iterator[tuple[int, _Place]]:
    order, team, earliest = int(arcs.order[arc]), int(arcs.team[arc]), int(arcs.earliest[arc])
    duration = int(problem.duration[order])
    row = problem.free[team, earliest : int(arcs.latest[arc]) + duration]
    for step, groups in enumerate(sliding_window_view(row, duration).min(axis=1).tolist()):
        start = earliest + step
        for lane in range(groups):
            yield lane, _Place(start, start + duration, order, arc, model.new_bool_var(""))


def _one_of(places: Sequence[_Place], way: Gap) -> Iterator[list[cp_model.IntVar]]:
    """Sets of places in one lane of which one at most can be: all that are at work in the same half hour, and
    each place with those of another order that leave no time for the way."""
    at_work: dict[int, list[cp_model.IntVar]] = defaultdict(list)
    of_order: dict[int, list[_Place]] = defaultdict(list)
    for place in places:
        of_order[place.order].append(place)
        for half_hour in range(place.start, place.end):
            at_work[half_hour].append(place.yes)
    yield from at_work.values()
    for one, other in combinations(of_order, 2):
        if between := way(one, other):
            for here, there in ((one, other), (other, one)):
                for place in of_order[here]:
                    near = [
                        p.yes
                        for p in of_order[there]
                        if p.start < place.end + between and place.start < p.end + between
                    ]
                    if near:
                        yield [place.yes, *near]
