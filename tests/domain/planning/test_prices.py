import numpy as np
import pytest
from hypothesis import given, settings

from app.domain.planning.arcs import offer
from app.domain.planning.flow import capacities, relax
from app.domain.planning.plan import solve, unhurried
from app.domain.planning.prices import permille, prices
from app.domain.planning.problem import NORMAL, Problem
from tests.domain.planning.in_turn import served_in_turn
from tests.domain.planning.queues import same, skilled, small
from tests.patience import cases


def lawyers_and_three_others() -> Problem:
    """Team 0 is the only one with a lawyer, and also the best at what teams 1-3 can do as well.

    Three ordinary orders come for every legal one; every team takes two orders a day.
    """
    ordinary = 6
    return same(
        ordinary + 2,
        4,
        first=[16] * (ordinary + 2),
        last=[43] * (ordinary + 2),
        offsets=[*range(0, 4 * ordinary + 1, 4), 4 * ordinary + 1, 4 * ordinary + 2],
        team=[0, 1, 2, 3] * ordinary + [0, 0],
        score=[1000, 600, 500, 400] * ordinary + [300, 300],
        daily_limit=[2, 3, 3, 3],
        place=np.full((ordinary + 2, 2), np.nan),
    )


@pytest.mark.parametrize("seed", range(10))
def test_prices_keep_the_only_lawyer_for_those_who_need_one(seed: int) -> None:
    queue = lawyers_and_three_others()
    plan = solve(queue)
    assert plan.served == queue.orders
    assert plan.prices[:, 0].tolist() == [1000, 0, 0, 0]
    assert served_in_turn(queue, plan.prices, seed) == queue.orders
    arrives_last = np.random.default_rng(seed).permutation(queue.orders)[-1] >= 6
    if arrives_last:
        assert served_in_turn(queue, None, seed) < queue.orders


@pytest.mark.parametrize("load", [0.6, 0.8, 1.0, 1.3])
def test_prices_serve_more_of_a_generated_queue(load: float) -> None:
    plain = priced = 0
    for seed in range(cases(2, 5)):
        queue = skilled(100, 20, load, seed)
        prices = solve(queue).prices
        plain += served_in_turn(queue, None, seed)
        priced += served_in_turn(queue, prices, seed)
    assert priced > 1.01 * plain


@settings(max_examples=cases(40, 100), deadline=None)
@given(small())
def test_prices_prove_the_flow_and_say_what_a_lost_place_costs(queue: Problem) -> None:
    laid = offer(queue, unhurried)
    capacity = capacities(queue, laid)
    allowed = np.ones(len(laid.arcs), np.bool_)
    flow = relax(queue.orders, laid.arcs, capacity, allowed)
    dual = prices(laid.arcs, flow.arc, capacity, unhurried)
    assert dual.bound(capacity) == flow.value
    assert (dual.price >= 0).all()
    for slot in np.unique(laid.arcs.slot).tolist():
        less = capacity.copy()
        less[slot] -= 1
        assert dual.price[slot] == flow.value - relax(queue.orders, laid.arcs, less, allowed).value


def test_prices_that_were_not_finished_bound_as_well() -> None:
    queue = skilled(60, 10, 1.3, 1)
    laid = offer(queue, unhurried)
    capacity = capacities(queue, laid)
    flow = relax(queue.orders, laid.arcs, capacity, np.ones(len(laid.arcs), np.bool_))
    assert prices(laid.arcs, flow.arc, capacity, lambda: 0.0).bound(capacity) >= flow.value


def test_a_price_is_told_in_permille_of_one_normal_order() -> None:
    assert permille(np.array([0, NORMAL, 3 * NORMAL // 2])).tolist() == [0, 1000, 1500]
