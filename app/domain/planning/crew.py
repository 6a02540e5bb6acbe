"""The best crews for the orders of one team, by constraint programming."""

from collections import defaultdict
from typing import Final

import numpy as np
from ortools.sat.python import cp_model

from app.domain.planning.crew_by_hand import crew_by_hand
from app.domain.planning.crew_problem import DEAREST, Bools, CrewPlan, CrewProblem, value
from app.domain.planning.result import Remaining

EFFORT: Final = 20.0


def crew(problem: CrewProblem, remaining: Remaining) -> CrewPlan:
    """Crews for as much worth as possible, sending whom the scores prefer and nobody in vain.

    Begins with the crews found by hand and never comes back with less; `partial` if time was up before the
    search was through.
    """
    first = crew_by_hand(problem, remaining)
    seconds = remaining()
    if seconds <= 0:
        return first
    model = cp_model.CpModel()
    sent = _model(model, problem, first.crew)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    solver.parameters.max_deterministic_time = EFFORT
    solver.parameters.max_time_in_seconds = seconds
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return first
    found = np.zeros_like(first.crew)
    for (order, member), yes in sent.items():
        found[order, member] = solver.value(yes)
    objective = value(problem, found)
    bound = min(first.bound, int(np.floor(solver.best_objective_bound + 1e-6)))
    if objective < first.objective:
        found, objective = first.crew, first.objective
    late = status != cp_model.OPTIMAL and remaining() <= 0
    return CrewPlan(found, objective, max(objective, bound), objective >= bound, late)


def _model(
    model: cp_model.CpModel, problem: CrewProblem, hint: Bools
) -> dict[tuple[int, int], cp_model.IntVar]:
    """The yes or no of each (order, member) that is possible."""
    served = [model.new_bool_var("") for _ in problem.worth]
    sent: dict[tuple[int, int], cp_model.IntVar] = {}
    by_day: dict[tuple[int, int], list[cp_model.IntVar]] = defaultdict(list)
    able = problem.able()
    for order, yes in enumerate(served):
        model.add_hint(yes, bool(hint[order].any()))
        for member in np.flatnonzero(able[:, order]).tolist():
            goes = sent[order, member] = model.new_bool_var("")
            model.add_hint(goes, bool(hint[order, member]))
            model.add_implication(goes, yes)
            by_day[member, int(problem.start[order]) // 48].append(goes)
        crew = {member: goes for (of, member), goes in sent.items() if of == order}
        model.add(cp_model.LinearExpr.sum(list(crew.values())) >= int(problem.people[order]) * yes)
        for need in np.flatnonzero(problem.needs[order]).tolist():
            able_to = [goes for member, goes in crew.items() if problem.skills[member, need]]
            model.add_bool_or([*able_to, ~yes])
    for one, other in problem.clashes():
        for member in np.flatnonzero(able[:, one] & able[:, other]).tolist():
            model.add_at_most_one(sent[one, member], sent[other, member])
    for (member, _), orders in by_day.items():
        model.add(cp_model.LinearExpr.sum(orders) <= int(problem.daily_limit[member]))
    costs = [DEAREST - int(problem.score[member, order]) for order, member in sent]
    gained = cp_model.LinearExpr.weighted_sum(served, problem.worth.tolist())
    model.maximize(gained - cp_model.LinearExpr.weighted_sum(list(sent.values()), costs))
    return sent
