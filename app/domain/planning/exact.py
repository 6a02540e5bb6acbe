"""The best timetable of a few orders and teams that get in each other's way, by constraint programming."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from ortools.sat.python import cp_model

from app.domain.planning.arcs import Arcs
from app.domain.planning.problem import Ints, Problem
from app.domain.planning.roster import Starts
from app.domain.planning.travel import gap

EFFORT: Final = 2.0
"""CP-SAT's own, machine-independent seconds for one model: the same search everywhere."""


@dataclass(frozen=True, slots=True)
class Best:
    """`starts` by arc for what is served; nothing in these arcs can be worth more than `bound`."""

    starts: Starts
    objective: int
    bound: int


@dataclass(frozen=True, slots=True)
class _Served:
    """An arc in the model: taken or not, when, and on which lane."""

    order: int
    duration: int
    earliest: int
    latest: int
    taken: cp_model.IntVar
    start: cp_model.IntVar
    lanes: tuple[cp_model.IntVar, ...]


def best(problem: Problem, arcs: Arcs, chosen: Ints, hint: Starts, seconds: float) -> Best | None:
    """The most valuable way to serve by the arcs `chosen`; None if not even a first one was found in time.

    `chosen` must hold every arc of its teams that is to be served at all, since nothing else is seen there.
    `hint` is a timetable to begin with, by order, used where it concerns arcs of one day per team.
    """
    model = cp_model.CpModel()
    by_team: dict[int, list[_Served]] = defaultdict(list)
    by_order: dict[int, list[cp_model.IntVar]] = defaultdict(list)
    by_slot: dict[int, list[cp_model.IntVar]] = defaultdict(list)
    made: dict[int, _Served] = {}
    for arc in chosen.tolist():
        served = made[arc] = _served(model, problem, arcs, arc)
        by_team[int(arcs.team[arc])].append(served)
        by_order[served.order].append(served.taken)
        by_slot[int(arcs.slot[arc])].append(served.taken)
    for takers in by_order.values():
        model.add_at_most_one(takers)
    for slot, takers in by_slot.items():
        model.add(cp_model.LinearExpr.sum(takers) <= int(problem.daily_limit[slot // problem.days]))
    for team, group in by_team.items():
        way = gap(problem.place, float(problem.speed_kmh[team]))
        for one, other in combinations(group, 2):
            if one.order != other.order:
                _apart(model, one, other, way(one.order, other.order))
    values = arcs.value[chosen].tolist()
    model.maximize(cp_model.LinearExpr.weighted_sum([made[arc].taken for arc in chosen.tolist()], values))
    for served in made.values():
        if served.earliest <= hint.get(served.order, -1) <= served.latest:
            model.add_hint(served.start, hint[served.order])
    return _solved(model, arcs, made, seconds)


def _solved(model: cp_model.CpModel, arcs: Arcs, made: dict[int, _Served], seconds: float) -> Best | None:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    solver.parameters.max_deterministic_time = EFFORT
    solver.parameters.max_time_in_seconds = max(seconds, 0.0)
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    starts = {arc: solver.value(served.start) for arc, served in made.items() if solver.value(served.taken)}
    objective = int(arcs.value[list(starts)].sum()) if starts else 0
    return Best(starts, objective, max(objective, int(np.floor(solver.best_objective_bound + 1e-6))))


def _served(model: cp_model.CpModel, problem: Problem, arcs: Arcs, arc: int) -> _Served:
    order, team = int(arcs.order[arc]), int(arcs.team[arc])
    duration = int(problem.duration[order])
    earliest, latest = int(arcs.earliest[arc]), int(arcs.latest[arc])
    free = sliding_window_view(problem.free[team, earliest : latest + duration], duration).min(axis=1)
    open_in = [
        cp_model.Domain.from_values((np.flatnonzero(free > k) + earliest).tolist()) for k in range(free.max())
    ]
    start = model.new_int_var_from_domain(open_in[0], "")
    taken = model.new_bool_var("")
    lanes = tuple(model.new_bool_var("") for _ in open_in)
    model.add(cp_model.LinearExpr.sum(lanes) == taken)
    for lane, half_hours in zip(lanes, open_in, strict=True):
        model.add_linear_expression_in_domain(start, half_hours).only_enforce_if(lane)
    return _Served(order, duration, earliest, latest, taken, start, lanes)


def _apart(model: cp_model.CpModel, one: _Served, other: _Served, between: int) -> None:
    """On one lane, never two orders without the way between them."""
    after_one, after_other = one.duration + between, other.duration + between
    one_can_lead = one.earliest + after_one <= other.latest
    other_can_lead = other.earliest + after_other <= one.latest
    if one.latest + after_one <= other.earliest or other.latest + after_other <= one.earliest:
        return
    if not one_can_lead and not other_can_lead:
        for lane, same in zip(one.lanes, other.lanes, strict=False):
            model.add_at_most_one(lane, same)
        return
    leads = model.new_bool_var("")
    for lane, same in zip(one.lanes, other.lanes, strict=False):
        model.add(one.start + after_one <= other.start).only_enforce_if(lane, same, leads)
        model.add(other.start + after_other <= one.start).only_enforce_if(lane, same, ~leads)
