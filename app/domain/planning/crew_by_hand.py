"""Crews without a solver: what a team leader would do, order by order."""

from collections import defaultdict

import numpy as np

from app.domain.hours import DAY_SLOTS
from app.domain.planning.crew_problem import Bools, CrewPlan, CrewProblem, value
from app.domain.planning.problem import Ints
from app.domain.planning.result import Remaining


def crew_by_hand(problem: CrewProblem, remaining: Remaining) -> CrewPlan:
    """Orders by worth; for each, first whoever brings the most missing specialties, then the best scores.

    The bound is the worth of every order for which enough people are free at all.
    """
    able = problem.able()
    clashing: dict[int, list[int]] = defaultdict(list)
    for one, other in problem.clashes():
        clashing[one].append(other)
        clashing[other].append(one)
    crew = np.zeros((len(problem.worth), len(problem.free)), np.bool_)
    days = problem.start // DAY_SLOTS
    late = False
    for order in np.argsort(-problem.worth, kind="stable").tolist():
        late = late or remaining() <= 0
        if late:
            break
        today = crew[days == days[order]].sum(axis=0)
        open_to = able[:, order] & ~crew[clashing[order]].any(axis=0) & (today < problem.daily_limit)
        chosen = _chosen(problem, order, np.flatnonzero(open_to))
        crew[order, chosen] = True
    enough = (able.sum(axis=0) >= problem.people) & ~(problem.needs & ~_brought(problem, able)).any(axis=1)
    objective, bound = value(problem, crew), int((problem.worth - problem.people)[enough].clip(0).sum())
    return CrewPlan(crew, objective, bound, objective == bound, late)


def _chosen(problem: CrewProblem, order: int, members: Ints) -> list[int]:
    """A crew out of these members, or nobody if they are too few or lack a specialty."""
    ranked = members[np.lexsort((members, -problem.score[members, order]))].tolist()
    missing, crew = problem.needs[order].copy(), []
    while missing.any():
        brings = [int((problem.skills[member] & missing).sum()) for member in ranked]
        if not any(brings):
            return []
        crew.append(ranked.pop(int(np.argmax(brings))))
        missing &= ~problem.skills[crew[-1]]
    crew += ranked[: max(0, int(problem.people[order]) - len(crew))]
    return crew if len(crew) >= problem.people[order] else []


def _brought(problem: CrewProblem, able: Bools) -> Bools:
    """bool[N, S]: which specialties somebody brings who is free for the order."""
    return np.asarray(able.T.astype(np.int64) @ problem.skills.astype(np.int64) > 0)
