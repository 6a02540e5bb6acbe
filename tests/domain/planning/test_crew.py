from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.planning.crew import crew
from app.domain.planning.crew_by_hand import crew_by_hand
from app.domain.planning.crew_problem import CrewProblem, value
from app.domain.planning.fitness import UnfitProblem
from app.domain.planning.plan import unhurried
from app.domain.planning.problem import NORMAL
from tests.patience import cases


def team(**changes: Any) -> CrewProblem:
    """One order of an hour for two people, three members who are free all day; or as changed."""
    orders, members = len(changes.get("worth", [0])), len(changes.get("free", [0] * 3))
    given: dict[str, Any] = {
        "worth": [NORMAL] * orders,
        "start": [18] * orders,
        "duration": [2] * orders,
        "place": np.full((orders, 2), np.nan),
        "people": [2] * orders,
        "needs": np.zeros((orders, 2), np.bool_),
        "free": np.ones((members, 48), np.bool_),
        "skills": np.zeros((members, 2), np.bool_),
        "daily_limit": [3] * members,
        "score": np.full((members, orders), 500),
        "speed_kmh": 30.0,
    }
    return CrewProblem(**given | changes)


def sent(problem: CrewProblem) -> list[list[int]]:
    plan = crew(problem, unhurried)
    assert plan.proven
    return [np.flatnonzero(row).tolist() for row in plan.crew]


def test_the_members_of_the_best_scores_go_and_nobody_in_vain() -> None:
    assert sent(team(score=[[300], [900], [600]])) == [[1, 2]]


def test_everybody_counts_who_brings_a_specialty_that_is_needed() -> None:
    skills = [[1, 0], [0, 1], [0, 0]]
    assert sent(team(score=[[0], [0], [1000]], skills=np.array(skills, np.bool_), needs=[[True, True]])) == [
        [0, 1]
    ]
    assert sent(team(needs=[[True, False]])) == [[]]


def test_too_few_people_are_no_crew() -> None:
    assert sent(team(people=[4])) == [[]]
    busy = np.ones((3, 48), np.bool_)
    busy[:2, 19] = False
    assert sent(team(free=busy)) == [[]]


def test_nobody_is_at_two_orders_at_once_nor_without_the_way() -> None:
    two = {"worth": [NORMAL, 2 * NORMAL], "people": [2, 2]}
    assert sent(team(**two)) == [[], [0, 1]]
    assert sent(team(**two, start=[18, 20])) == [[0, 1], [0, 1]]
    assert sent(team(**two, start=[18, 20], place=[(29.4, 111.1), (29.6, 111.3)])) == [[], [0, 1]]


def test_members_tire() -> None:
    assert sent(team(worth=[NORMAL, 2 * NORMAL], start=[18, 30], daily_limit=[1, 1, 1])) == [[], [0, 1]]


def test_outside_the_horizon_nobody_is_free() -> None:
    assert sent(team(start=[47])) == sent(team(start=[-1])) == [[]]


@st.composite
def teams(draw: st.DrawFn) -> CrewProblem:
    orders, members = draw(st.integers(0, 3)), draw(st.integers(0, 3))

    def ints(low: int, high: int, *shape: int) -> Any:
        count = int(np.prod(shape))
        values = draw(st.lists(st.integers(low, high), min_size=count, max_size=count))
        return np.array(values, np.int64).reshape(shape)

    return CrewProblem(
        worth=ints(1, 3, orders) * NORMAL,
        start=ints(0, 6, orders),
        duration=ints(1, 3, orders),
        place=np.array([(29.4, 111.1), (29.5, 111.1), (np.nan, np.nan)])[ints(0, 2, orders)],
        people=ints(1, 2, orders),
        needs=ints(0, 1, orders, 2).astype(np.bool_),
        free=ints(0, 4, members, 8) > 0,
        skills=ints(0, 1, members, 2).astype(np.bool_),
        daily_limit=ints(0, 2, members),
        score=ints(0, 1000, members, orders),
        speed_kmh=30.0,
    )


def faultless(problem: CrewProblem, chosen: np.ndarray) -> bool:
    used = chosen.any(axis=1)
    enough = chosen.sum(axis=1) >= problem.people
    skilled = (chosen.astype(int) @ problem.skills.astype(int) > 0) | ~problem.needs
    apart = all(not (chosen[one] & chosen[other]).any() for one, other in problem.clashes())
    rested = (chosen.sum(axis=0) <= problem.daily_limit).all()
    free = not (chosen & ~problem.able().T).any()
    return bool((enough & skilled.all(axis=1))[used].all() and apart and rested and free)


@settings(max_examples=cases(60, 150), deadline=None)
@given(teams())
def test_crews_are_the_best_of_all_that_could_be(problem: CrewProblem) -> None:
    shape = (len(problem.worth), len(problem.free))
    every = (
        np.array(yes, np.bool_).reshape(shape) for yes in product((False, True), repeat=shape[0] * shape[1])
    )
    best = max(value(problem, chosen) for chosen in every if faultless(problem, chosen))
    plan, by_hand = crew(problem, unhurried), crew_by_hand(problem, unhurried)
    assert faultless(problem, plan.crew)
    assert faultless(problem, by_hand.crew)
    assert by_hand.objective <= plan.objective == plan.bound == best <= by_hand.bound
    assert plan.proven
    assert not plan.partial


def test_without_time_there_is_a_sound_plan_that_says_so() -> None:
    plan = crew(team(), lambda: 0.0)
    assert plan.partial
    assert not plan.crew.any()
    assert plan.bound >= NORMAL - 2


@pytest.mark.parametrize(
    "changes",
    [{"people": [0]}, {"people": [1, 1]}, {"score": [[1001]] * 3}, {"speed_kmh": 0.0}, {"needs": [[True]]}],
    ids=str,
)
def test_what_is_no_problem_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(UnfitProblem):
        team(**changes)


def test_an_army_is_no_team() -> None:
    with pytest.raises(UnfitProblem) as refused:
        team(free=np.ones((50_001, 48), np.bool_))
    assert refused.value.code == "plan_too_large"
