"""The ranking equals its definition, whatever the center and the order.

The suite draws 2,000 orders; `make test-long` draws all 10,000 of them, and five times the large centers.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.matching.features import Exclusion
from app.domain.matching.rank import rank
from app.domain.matching.score import Weights
from tests.domain.matching.cases import NAMES, random_case
from tests.domain.matching.oracle import brute_force
from tests.patience import cases

PARTS, ORDERS = cases(4, 20), 500
LARGE = cases(18, 90)


def compare(seed: int, most: int, limit: int, weights: Weights) -> int:
    case, need = random_case(seed, most)
    wanted, excluded = brute_force(case, need, weights, limit)
    asked: list[int] = []
    found = rank(case.index, need, case.standing(asked), weights, limit, NAMES)
    number = case.number
    seen = [
        (number[one.row], one.score, one.earliest_start, [factor.value for factor in one.factors])
        for one in found.items
    ]
    assert seen == wanted, f"seed {seed}"
    assert len(asked) == len(set(asked)), "nobody's work is read twice"
    full = excluded.pop(Exclusion.NO_CAPACITY, 0)
    counted = dict(found.excluded)
    assert full - found.unread <= counted.pop(Exclusion.NO_CAPACITY, 0) <= full
    assert counted == excluded, f"seed {seed}"
    assert found.considered == len(case.teams)
    return found.unread


@pytest.mark.parametrize("part", range(PARTS))
def test_random_orders_are_ranked_as_defined(part: int) -> None:
    for seed in range(part * ORDERS, (part + 1) * ORDERS):
        compare(seed, 40, 10, Weights())


@given(
    seed=st.integers(10_000, 2**32),
    limit=st.integers(0, 12),
    weights=st.lists(st.sampled_from([0.0, 0.1, 0.25, 1.0, 7.0]), min_size=9, max_size=9).map(
        lambda drawn: Weights(0.3, *drawn)
    ),
)
@settings(max_examples=cases(100, 1000), deadline=None)
def test_under_any_weights_and_limit(seed: int, limit: int, weights: Weights) -> None:
    compare(seed, 30, limit, weights)


def test_large_centers_are_exact_though_most_work_is_never_read() -> None:
    unread = [compare(seed, 900, 10, Weights()) for seed in range(LARGE)]
    assert np.count_nonzero(unread) > 5, "the bound spares readings"
