from collections.abc import Iterator
from dataclasses import fields

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.planning.greedy import by_hand
from app.domain.planning.plan import solve, unhurried
from app.domain.planning.problem import Problem
from app.domain.planning.result import Plan, Remaining
from tests.domain.planning.oracle import faults, optimum
from tests.domain.planning.queues import small


def running_out(looks: int) -> Remaining:
    """Time that is up after so many looks at it."""
    left: Iterator[float] = iter([1.0] * looks)
    return lambda: next(left, 0.0)


def equal(one: Plan, other: Plan) -> bool:
    return all(np.array_equal(getattr(one, f.name), getattr(other, f.name)) for f in fields(Plan))


@settings(max_examples=300, deadline=None)
@given(small())
def test_a_plan_is_sound_and_bounded(queue: Problem) -> None:
    plan, by_greed = solve(queue), by_hand(queue, unhurried)
    best, _ = optimum(queue)
    assert not faults(queue, plan)
    assert not faults(queue, by_greed)
    assert by_greed.objective <= plan.objective <= best <= plan.bound <= by_greed.bound
    assert not plan.partial
    assert plan.proven == (plan.objective == plan.bound)
    if plan.proven:
        assert plan.objective == best


@settings(max_examples=100, deadline=None)
@given(small(), st.integers(0, 60))
def test_whenever_time_runs_out_the_plan_is_sound(queue: Problem, looks: int) -> None:
    plan = solve(queue, running_out(looks))
    assert not faults(queue, plan)
    assert plan.objective <= optimum(queue)[0] <= plan.bound
    if looks == 0 and len(queue.team):
        assert plan.partial
