"""What a plan loses when the half hours of one of its orders are given to somebody else.

The daily shadow price (prices.py) knows that a team tires, not that it is wanted between nine and eleven. This says
it order by order: the order's value, less the best it could still have with the other teams and times as the plan
leaves them. An order that three others could serve as well loses next to nothing; the only lawyer's loses all.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.domain.hours import DAY_SLOTS
from app.domain.planning.problem import NORMAL, Ints, Problem
from app.domain.planning.result import Plan

HIGHEST: Final = 10_000


def losses(problem: Problem, plan: Plan) -> Ints:
    """int64[N] in permille of the worth of serving one normal order, at most 10,000; 0 where unserved.

    The way between two places is not looked at, so the alternatives are judged kindly and the losses low.
    """
    lost = np.zeros(problem.orders, np.int64)
    if not plan.served:
        return lost
    run = _runs(_left(problem, plan))
    for order in np.flatnonzero(plan.team >= 0).tolist():
        edges = slice(int(problem.offsets[order]), int(problem.offsets[order + 1]))
        team, duration = problem.team[edges], int(problem.duration[order])
        value = problem.worth[order] + problem.score[edges]
        first = max(0, int(problem.first[order]))
        last = min(int(problem.last[order]) + 1, problem.half_hours) - duration + 1
        able = (
            (run[team, first:last] >= duration).any(axis=1) if last > first else np.zeros(len(team), np.bool_)
        )
        has = int(value[team == plan.team[order]][0])
        lost[order] = max(0, has - int(value[able].max(initial=0)))
    return np.asarray(np.minimum(np.rint(1000 * lost / NORMAL), HIGHEST), np.int64)


def _left(problem: Problem, plan: Plan) -> NDArray[np.bool_]:
    """Where a team could take one more order: bool[M, H]."""
    used = np.zeros(problem.free.shape, np.int16)
    started = np.zeros((problem.teams, problem.days), np.int64)
    for order in np.flatnonzero(plan.team >= 0).tolist():
        team, start = int(plan.team[order]), int(plan.start[order])
        used[team, start : start + int(problem.duration[order])] += 1
        started[team, start // DAY_SLOTS] += 1
    tired = np.repeat(started >= problem.daily_limit[:, np.newaxis], DAY_SLOTS, axis=1)
    return np.asarray((problem.free > used) & ~tired[:, : problem.half_hours])


def _runs(left: NDArray[np.bool_]) -> NDArray[np.int16]:
    """How many half hours are left in a row from each on."""
    run = np.zeros((left.shape[0], left.shape[1] + 1), np.int16)
    for half_hour in range(left.shape[1] - 1, -1, -1):
        run[:, half_hour] = np.where(left[:, half_hour], run[:, half_hour + 1] + 1, 0)
    return run[:, :-1]
