from collections.abc import Iterator
from dataclasses import fields, replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.planning.arcs import offer
from app.domain.planning.bounding import bound
from app.domain.planning.flow import capacities, relax
from app.domain.planning.greedy import by_hand
from app.domain.planning.plan import solve, unhurried
from app.domain.planning.prices import prices
from app.domain.planning.problem import Problem
from app.domain.planning.result import Plan, Reason, Remaining
from tests.domain.planning.oracle import faults, optimum
from tests.domain.planning.queues import generated, problem, same, small
from tests.patience import cases


def running_out(looks: int) -> Remaining:
    """Time that is up after so many looks at it."""
    left: Iterator[float] = iter([1.0] * looks)
    return lambda: next(left, 0.0)


def equal(one: Plan, other: Plan) -> bool:
    return all(np.array_equal(getattr(one, f.name), getattr(other, f.name)) for f in fields(Plan))


@settings(max_examples=cases(100, 300), deadline=None)
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


@settings(max_examples=cases(40, 100), deadline=None)
@given(small(), st.integers(0, 60))
def test_whenever_time_runs_out_the_plan_is_sound(queue: Problem, looks: int) -> None:
    plan = solve(queue, running_out(looks))
    assert not faults(queue, plan)
    assert plan.objective <= optimum(queue)[0] <= plan.bound
    if looks == 0 and len(queue.team):
        assert plan.partial


@settings(max_examples=cases(40, 100), deadline=None)
@given(small(), st.integers(1, 8))
def test_what_is_not_laid_out_is_bounded_too(queue: Problem, most: int) -> None:
    laid = offer(queue, unhurried, most)
    capacity = capacities(queue, laid)
    flow = relax(queue.orders, laid.arcs, capacity, np.ones(len(laid.arcs), np.bool_))
    dual = prices(laid.arcs, flow.arc, capacity, unhurried)
    for remaining in (unhurried, lambda: 0.0):
        assert optimum(queue)[0] <= bound(queue, laid, capacity, dual, remaining)


@pytest.mark.parametrize(
    "kind", [{"slack": 6, "longest": 8}, {"slack": 3, "groups": 3}, {"days": 3, "slack": 60}]
)
@pytest.mark.parametrize("seed", range(2))
def test_generated_queues(kind: dict[str, int], seed: int) -> None:
    queue = generated(36, 9, edges=4, seed=seed, **kind)
    plan, best = solve(queue), optimum(queue)[0]
    assert not faults(queue, plan)
    assert plan.objective <= best <= plan.bound
    assert plan.objective >= 0.995 * best
    assert plan.objective >= by_hand(queue, unhurried).objective
    assert equal(plan, solve(queue))


@pytest.mark.parametrize("queue", [generated(600, 200), generated(800, 150, slack=6, longest=8, days=2)])
def test_larger_queues_are_sound_and_near_their_bound(queue: Problem) -> None:
    plan = solve(queue)
    assert not faults(queue, plan)
    assert plan.gap < 0.01
    assert plan.objective > by_hand(queue, unhurried).objective
    assert equal(plan, solve(queue))


def test_parts_without_a_team_in_common_are_proven_apart() -> None:
    """Ten orders of which one team can serve a single one, ten times over: a flow believes in five each."""
    queue = same(
        100, 10, offsets=range(101), team=np.repeat(range(10), 10), score=range(100), last=[21] * 100
    )
    plan = solve(queue)
    assert plan.proven
    assert plan.served == 20


def test_more_than_may_be_laid_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows of a month at every team: the plan is of the best edges, the bound of all."""
    orders, most = cases((100, 200_000), (300, 2_000_000))
    queue = generated(orders, orders * 8 // 10, edges=orders * 3 // 4, days=31)
    month = replace(queue, first=np.zeros(orders, np.int64), last=np.full(orders, 31 * 48))
    laid = offer(month, unhurried, most)
    assert laid.left_out.any()
    assert len(laid.arcs) <= most
    monkeypatch.setattr("app.domain.planning.plan.offer", partial(offer, most=most))
    plan = solve(month)
    assert plan.served == orders
    assert plan.gap < 0.001


def test_time_that_is_up_at_once_leaves_everybody_unreached() -> None:
    plan = solve(problem(), lambda: 0.0)
    assert plan.partial
    assert [Reason(reason) for reason in plan.reason.tolist()] == [Reason.NOT_REACHED]
    assert plan.bound >= 1_000_500
