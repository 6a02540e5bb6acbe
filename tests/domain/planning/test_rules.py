"""Each rule of a plan by the smallest queue that shows it."""

from typing import Any

import numpy as np
import pytest

from app.domain.planning.plan import solve
from app.domain.planning.problem import NORMAL, Problem, worth
from app.domain.planning.result import REASONS_ZH, Reason
from tests.domain.planning.oracle import faults
from tests.domain.planning.queues import PLACES, problem, same

NEAR, NEAR_TOO, TOWN, FAR, ONLINE = PLACES


def reasons(queue: Problem) -> list[Reason]:
    plan = solve(queue)
    assert not faults(queue, plan)
    assert plan.proven
    return [Reason(reason) for reason in plan.reason.tolist()]


def test_one_order_and_one_team() -> None:
    plan = solve(problem())
    assert (plan.team.tolist(), plan.start.tolist(), plan.objective) == ([0], [18], NORMAL + 500)
    assert plan.proven
    assert plan.gap == 0
    assert not plan.partial


@pytest.mark.parametrize(
    "nothing",
    [
        {"offsets": [0, 0], "team": [], "score": []},
        {"offsets": [0, 0], "team": [], "score": [], "free": np.zeros((0, 48), np.int8)},
        {"offsets": [0, 0], "team": [], "score": [], "free": np.zeros((0, 0), np.int8)},
    ],
)
def test_without_any_team(nothing: dict[str, Any]) -> None:
    assert reasons(problem(**nothing)) == [Reason.NO_TEAM]


def test_without_any_order() -> None:
    plan = solve(same(0))
    assert (plan.served, plan.objective, plan.bound, plan.gap) == (0, 0, 0, 0.0)


@pytest.mark.parametrize(
    "never",
    [
        {"free": [[0] * 48]},
        {"daily_limit": [0]},
        {"duration": [3]},
        {"first": [20]},
        {"first": [-10], "last": [-5]},
        {"first": [60], "last": [70]},
        {"first": [46], "last": [49], "duration": [3]},
        {"free": [[1, 0] * 24]},
    ],
    ids=str,
)
def test_no_time_for_it(never: dict[str, Any]) -> None:
    assert reasons(problem(**never)) == [Reason.NO_TIME]


def test_an_order_waits_within_its_window_until_a_group_is_free_throughout() -> None:
    free = [[0] * 20 + [1, 0] + [1] * 26]
    assert solve(problem(first=[18], last=[30], free=free)).start.tolist() == [22]


def test_a_window_of_thirty_days_reaches_the_one_free_hour() -> None:
    free = np.zeros((1, 31 * 48), np.int8)
    free[0, 29 * 48 + 20 : 29 * 48 + 22] = 1
    plan = solve(problem(first=[0], last=[30 * 48], free=free))
    assert plan.start.tolist() == [29 * 48 + 20]


def test_a_team_is_not_in_two_places_at_once() -> None:
    assert reasons(same(2)) == [Reason.SERVED, Reason.LOST_TO_MORE_URGENT]
    assert reasons(same(2, free=[[2] * 48])) == [Reason.SERVED, Reason.SERVED]
    assert reasons(same(2, last=[21, 21])) == [Reason.SERVED, Reason.SERVED]


@pytest.mark.parametrize(("second", "served"), [(NEAR, 2), (NEAR_TOO, 2), (TOWN, 1), (FAR, 1), (ONLINE, 2)])
def test_there_is_time_for_the_way(second: tuple[float, float], served: int) -> None:
    queue = same(2, place=[NEAR, second], first=[18, 20], last=[19, 21])
    assert solve(queue).served == served
    assert solve(same(2, place=[NEAR, second], first=[18, 20], last=[19, 30])).served == 2


def test_serving_online_in_between_is_no_way_to_travel() -> None:
    queue = same(3, place=[NEAR, ONLINE, FAR], first=[18, 19, 20], last=[18, 19, 20], duration=[1, 1, 1])
    assert solve(queue).served == 2


def test_a_night_reaches_into_the_next_day() -> None:
    free = [[1] * 96]
    assert solve(same(2, first=[46, 48], last=[49, 50], duration=[4, 2], free=free)).served == 1
    later = solve(same(2, first=[46, 48], last=[49, 51], duration=[4, 2], free=free))
    assert later.start.tolist() == [46, 50]


def test_volunteers_tire() -> None:
    hours = [16, 20, 24, 28]
    queue = same(4, first=hours, last=[hour + 1 for hour in hours], daily_limit=[3])
    assert solve(queue).served == 3
    two_days = same(4, first=[16, 20, 64, 68], last=[17, 21, 65, 69], free=[[1] * 96], daily_limit=[2])
    assert solve(two_days).served == 4


def test_the_urgent_and_the_vulnerable_come_first() -> None:
    assert reasons(same(4, worth=worth([0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 80], 72))) == [
        Reason.LOST_TO_MORE_URGENT,
        Reason.LOST_TO_MORE_URGENT,
        Reason.SERVED,
        Reason.LOST_TO_MORE_URGENT,
    ]


def test_who_would_block_two_others_has_no_capacity() -> None:
    queue = same(
        3, worth=[1_500_000, NORMAL, NORMAL], first=[18, 18, 20], last=[21, 19, 21], duration=[4, 2, 2]
    )
    assert reasons(queue) == [Reason.NO_CAPACITY, Reason.SERVED, Reason.SERVED]


def test_serving_one_more_beats_any_score() -> None:
    queue = same(2, 2, offsets=[0, 2, 3], team=[0, 1, 0], score=[1000, 0, 0])
    assert solve(queue).team.tolist() == [1, 0]


def test_every_reason_has_its_words() -> None:
    assert set(REASONS_ZH) == set(Reason)
