from typing import Any

import numpy as np
import pytest

from app.domain.planning.fitness import UnfitProblem
from app.domain.planning.problem import MOST_ORDERS, NORMAL, TOP_SCORE, worth
from tests.domain.planning.queues import problem, same


def test_the_ladder_of_worth() -> None:
    ranks, vulnerable, waited = [0, 0, 0, 0, 1, 1, 2], [0, 0, 1, 0, 0, 1, 0], [0, 71, 71, 73, 0, 0, 0]
    ladder = worth(ranks, vulnerable, waited, 72)
    assert (np.diff(ladder) > 0).all()
    assert ladder[0] == NORMAL


def test_one_more_served_is_worth_a_thousand_whole_scores() -> None:
    assert worth(0, False, 0, 72) >= 1000 * TOP_SCORE


def test_whoever_waited_past_the_guard_outranks_all_that_are_merely_normal() -> None:
    assert worth(0, False, 72.1, 72) > worth(0, True, 72, 72)
    assert worth(0, True, 10_000, 72) < worth(2, False, 0, 72)


@pytest.mark.parametrize(
    "arguments", [(3, 0, 0, 72), (-1, 0, 0, 72), (0, 0, -1, 72), (0, 0, 0, 0), (0, 0, float("nan"), 72)]
)
def test_worth_of_nonsense(arguments: tuple[float, float, float, float]) -> None:
    with pytest.raises(UnfitProblem):
        worth(*arguments)


@pytest.mark.parametrize(
    "changes",
    [
        {"worth": [0]},
        {"worth": 5},
        {"team": 0},
        {"worth": [10**12]},
        {"worth": [1.5]},
        {"worth": ["many"]},
        {"first": [float("nan")]},
        {"first": [1, 2]},
        {"last": [10**15]},
        {"duration": [0]},
        {"duration": [10**6]},
        {"place": [(111.1, 29.4)]},
        {"place": [(29.4, float("inf"))]},
        {"offsets": [0, 2]},
        {"offsets": [1, 1]},
        {"team": [1]},
        {"team": [-1]},
        {"score": [1001]},
        {"free": [[-1] * 48]},
        {"free": [[300] * 48]},
        {"free": [1] * 48},
        {"free": np.ones((1, 48 * 32))},
        {"daily_limit": [-1]},
        {"speed_kmh": [0.0]},
        {"speed_kmh": [float("nan")]},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_is_no_problem_is_refused_by_name(changes: dict[str, Any]) -> None:
    with pytest.raises(UnfitProblem) as refused:
        problem(**changes)
    assert refused.value.code == "plan_malformed"
    assert isinstance(refused.value, ValueError)
    assert next(iter(changes)) in str(refused.value) or "tude" in str(refused.value)


def test_too_many_orders_are_refused_at_once() -> None:
    with pytest.raises(UnfitProblem, match="100000 orders") as refused:
        same(100_000)
    assert refused.value.code == "plan_too_large"
    assert same(MOST_ORDERS, 1).orders == MOST_ORDERS


def test_too_many_edges_are_refused_at_once() -> None:
    with pytest.raises(UnfitProblem, match="edges"):
        problem(team=np.zeros(5_000_001, np.int64))
    with pytest.raises(UnfitProblem, match="cells"):
        problem(free=np.zeros((200_000, 1000), np.int8))
