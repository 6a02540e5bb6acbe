"""A ranking that knows what the plan would lose serves more: the only lawyer is not sent to carry shopping."""

import numpy as np
import pytest

from app.domain.matching.features import NO_END, Need
from app.domain.matching.index import TeamIndex
from tests.domain.matching.cases import HOME, KM, Team, case, need
from tests.domain.planning.one_by_one import day, planned, served
from tests.patience import cases

ANYBODY, LAWYER = 0, 2


def lawyer_queue(general: int, legal: int) -> tuple[TeamIndex, list[Need]]:
    """One lawyer team next door, best at everything, and three others far away; the simple orders come first."""
    gifted = Team(km=0.1, skills={ANYBODY: (3, NO_END), LAWYER: (3, NO_END)}, capacity=1, reliability=9_900)
    others = [Team(km=7, skills={ANYBODY: (1, NO_END)}, capacity=1, reliability=5_000) for _ in range(3)]
    window = day(first_slot=18, slots=2, duration_slots=2)
    orders = [need(required=(ANYBODY,), **window) for _ in range(general)]
    orders += [need(required=(LAWYER,), **window) for _ in range(legal)]
    return case([gifted, *others]).index, orders


def test_the_only_lawyer_is_kept_for_the_order_that_needs_one() -> None:
    index, orders = lawyer_queue(general=3, legal=1)
    plan, spans = planned(index, orders)
    assert plan.served == 4
    assert served(index, orders) == 3, "the first simple order takes the lawyer"
    assert served(index, orders, spans) == 4


def test_who_has_no_other_choice_may_still_take_the_scarce_team() -> None:
    index, orders = lawyer_queue(general=4, legal=0)
    _, spans = planned(index, orders)
    assert served(index, orders, spans) == 4


def random_queue(seed: int) -> tuple[TeamIndex, list[Need]]:
    """Twenty teams with few skills each, forty orders of one Saturday, as they happen to arrive."""
    dice = np.random.default_rng(seed)
    teams = [
        Team(
            km=float(dice.uniform(-6, 6)),
            radius_m=20_000,
            skills={
                s: (int(dice.integers(1, 4)), NO_END) for s in dice.permutation(4)[: int(dice.integers(1, 4))]
            },
            capacity=1,
            reliability=int(dice.integers(5_000, 9_500)),
        )
        for _ in range(20)
    ]
    orders = [
        need(
            required=(int(dice.choice(4, p=[0.4, 0.3, 0.2, 0.1])),),
            place=(HOME[0] + float(dice.uniform(-4, 4)) * KM, HOME[1]),
            **day(first_slot=int(dice.integers(16, 34)), slots=int(dice.integers(3, 7)), duration_slots=3),
        )
        for _ in range(70)
    ]
    return case(teams).index, orders


def test_over_many_queues_prices_serve_more() -> None:
    """Four queues in the suite, twenty-five in the long run."""
    total = np.zeros(3, np.int64)
    for seed in range(cases(4, 25)):
        index, orders = random_queue(seed)
        plan, spans = planned(index, orders)
        found = served(index, orders), served(index, orders, spans), plan.served
        assert found[1] <= found[2] + 1
        total += found
    without, priced, optimum = total.tolist()
    assert without < priced <= optimum
    assert (priced - without) / (optimum - without) > 0.4, f"{without} {priced} {optimum}"


@pytest.mark.parametrize("seed", range(5))
def test_an_early_plan_never_costs_the_first_order_its_team(seed: int) -> None:
    index, orders = random_queue(seed)
    plan, spans = planned(index, orders)
    if plan.team[0] >= 0:
        assert served(index, orders[:1], spans) == 1
