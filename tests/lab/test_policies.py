"""Each policy does what its name says, seen by what it asks of whom and when."""

from typing import Any

import numpy as np
import pytest

from app.domain.matching.features import Ring
from app.domain.matching.score import Weights
from app.lab.almanac import DAY, DAY_ZERO
from app.lab.books import Books
from app.lab.county import County
from app.lab.demand import EMERGENCY, NORMAL
from app.lab.desk import Desk, Policy
from app.lab.gate import Gate
from app.lab.lineup import POLICIES, chosen
from app.lab.office import CALL, working
from app.lab.ours_plan import HOURS, PATIENCE, PLAN, SHORT
from app.lab.ours_rank import EVERY, WAVES, awake
from app.lab.records import Records

MONDAY = 4 * DAY
"""2026-01-05."""
TEN = MONDAY + 10 * 60


@pytest.fixture
def desk(small: County) -> Desk:
    books = Books(np.zeros_like(small.engaged), small.capacity)
    return Desk(small, Gate(small, books), Records(small.teams), Weights())


def begun(name: str, desk: Desk, at: int = TEN) -> Policy:
    policy = POLICIES[name]()
    desk.now = at
    policy.begin(desk, np.random.default_rng(0))
    return policy


def wide(desk: Desk, least: int = 12, urgency: int = NORMAL) -> int:
    """An order that many could serve, a day or more away from Monday morning."""
    demand = desk.county.demand
    for order in np.flatnonzero((demand.urgency == urgency) & demand.on_site).tolist():
        if demand.first[order] * 30 > TEN + DAY:
            able = desk.able(order)
            if able is not None and len(able.rows) >= least:
                desk.waiting.add(order)
                return order
    raise LookupError("the small county has no such order")


def asked(desk: Desk) -> list[int]:
    teams = [request.team for request in desk.requests]
    desk.requests.clear()
    return teams


@pytest.mark.parametrize(
    ("at", "then"),
    [
        (TEN, TEN),
        (MONDAY, MONDAY + 510),
        (MONDAY + 13 * 60, MONDAY + 870),
        (MONDAY + 18 * 60, MONDAY + DAY + 510),
        (MONDAY + 4 * DAY + 17 * 60 + 30, MONDAY + 7 * DAY + 510),
    ],
)
def test_an_office_has_hours_and_weekends(at: int, then: int) -> None:
    assert working(at, DAY_ZERO) == then


def test_the_clerk_calls_one_team_at_a_time_and_one_that_is_near_to_mind(desk: Desk) -> None:
    policy = begun("first_come", desk)
    order = wide(desk)
    office = int(desk.county.demand.office[order])
    policy.placed(desk, order)
    assert not desk.requests, "the clerk is told, and takes it up"
    assert desk.wakes == [(TEN, office)]
    policy.woken(desk, office)
    (team,) = asked(desk)
    able = desk.able(order)
    assert able is not None
    assert team not in able.rows
    policy.placed(desk, order)
    assert desk.wakes[-1] == (TEN, office)
    tree, where = desk.county.index.tree, desk.county.index.organisation[team]
    rings, _ = tree.rings(desk.county.demand.needs[order].organisation, desk.county.offices[office])
    assert rings[where] < Ring.LENT, "lent teams are not on the clerk's list"


def test_the_clerk_needs_time_for_each_call(desk: Desk) -> None:
    policy = begun("first_come", desk)
    order = wide(desk)
    office = int(desk.county.demand.office[order])
    for _ in range(2):
        policy.placed(desk, order)
    policy.woken(desk, office)
    assert desk.wakes[-1] == (TEN + CALL, office)
    assert len(asked(desk)) == 1


def test_a_clerk_who_knows_the_whole_county_also_asks_lent_teams(desk: Desk) -> None:
    order = wide(desk)
    able = desk.able(order)
    assert able is not None
    lent = set(able.rows[able.ring == Ring.LENT].tolist())
    assert lent
    asked_by: dict[str, set[int]] = {}
    for name in ("first_come", "well_informed"):
        desk.asked.clear()
        policy = begun(name, desk)
        for _ in able.rows:
            policy.placed(desk, order)
            policy.woken(desk, int(desk.county.demand.office[order]))
        asked_by[name] = set(asked(desk))
    assert not asked_by["first_come"] & lent
    assert asked_by["well_informed"] == set(able.rows.tolist())


def test_nearest_asks_the_nearest_and_then_the_next(desk: Desk) -> None:
    policy = begun("nearest", desk)
    order = wide(desk)
    able = desk.able(order)
    assert able is not None
    by_distance = able.rows[np.argsort(able.metres, kind="stable")].tolist()
    policy.placed(desk, order)
    policy.returned(desk, order)
    assert asked(desk) == by_distance[:2]


def test_random_asks_anybody(desk: Desk) -> None:
    order = wide(desk)
    found = set()
    for seed in range(12):
        policy = POLICIES["random"]()
        policy.begin(desk, np.random.default_rng(seed))
        desk.asked.clear()
        policy.placed(desk, order)
        found |= set(asked(desk))
    assert len(found) > 4


def test_broadcast_asks_everybody_once_until_the_last_moment(desk: Desk) -> None:
    policy = begun("broadcast", desk)
    order = wide(desk)
    able = desk.able(order)
    assert able is not None
    policy.placed(desk, order)
    assert {request.until for request in desk.requests} == {int(desk.county.demand.latest[order])}
    assert sorted(asked(desk)) == sorted(able.rows.tolist())
    policy.returned(desk, order)
    assert not desk.requests, "others may still take it"


def test_rank_asks_in_waves_by_the_engines_order(desk: Desk) -> None:
    policy = begun("rank", desk)
    order = wide(desk)
    top = desk.ranked(order, 12)
    assert top is not None
    policy.placed(desk, order)
    assert desk.wakes == [(TEN + EVERY[NORMAL], order)]
    desk.now = TEN + EVERY[NORMAL]
    policy.woken(desk, order)
    assert asked(desk) == top.rows[: WAVES[0] + WAVES[1]].tolist()
    policy.woken(desk, order)
    assert not desk.requests, "an alarm that was set aside does nothing"


def test_a_no_brings_the_next_wave_at_once_unless_somebody_is_thinking(desk: Desk) -> None:
    policy = begun("rank", desk)
    order = wide(desk)
    policy.placed(desk, order)
    first, second = asked(desk)
    del desk.offers[order][first]
    policy.returned(desk, order)
    assert not desk.requests
    del desk.offers[order][second]
    policy.returned(desk, order)
    assert len(asked(desk)) == WAVES[1]


def test_nobody_is_asked_at_night_but_for_an_emergency(desk: Desk) -> None:
    night = MONDAY + 23 * 60
    policy = begun("rank", desk, night)
    order = wide(desk)
    policy.placed(desk, order)
    assert not desk.requests
    assert desk.wakes == [(awake(night), order)]
    assert awake(night) == MONDAY + DAY + 450
    policy = begun("rank", desk, night)
    changed: Any = desk.county.demand.urgency.copy()
    changed[order] = EMERGENCY
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(vars(desk.county.demand), "urgency", changed)
        policy.placed(desk, order)
    assert len(asked(desk)) == WAVES[0]


def test_plan_waits_for_its_hour_and_offers_what_it_planned(desk: Desk) -> None:
    policy = begun("plan", desk, MONDAY + HOURS[0])
    assert desk.wakes.pop() == (MONDAY + HOURS[0], PLAN)
    order = wide(desk)
    policy.placed(desk, order)
    assert not desk.requests
    policy.woken(desk, PLAN)
    (request,) = desk.requests
    assert request.order == order
    assert request.start >= desk.county.demand.first[order], "the plan says when"
    assert desk.wakes[-1] == (MONDAY + HOURS[1], PLAN)
    desk.requests.clear()
    desk.now += PATIENCE - 1
    policy.woken(desk, PLAN)
    assert not desk.requests
    desk.now += 1
    policy.woken(desk, PLAN)
    (again,) = asked(desk)
    assert again != request.team
    assert desk.pending(order)


def test_plan_leaves_to_the_ranking_what_cannot_wait(desk: Desk) -> None:
    order = wide(desk)
    short = int(desk.county.demand.latest[order]) - SHORT
    policy = begun("plan", desk, awake(short))
    policy.placed(desk, order)
    assert len(asked(desk)) == WAVES[0]


def test_a_team_is_asked_again_only_when_nobody_else_is_left(desk: Desk) -> None:
    desk.now = TEN
    order = wide(desk, least=2)
    able = desk.able(order)
    assert able is not None
    for row in able.rows.tolist():
        desk.ask(order, row)
    nobody = desk.able(order)
    assert nobody is not None
    assert not len(nobody.rows)
    silent = desk.requests[0]
    desk.lapse(silent)
    left = desk.able(order)
    assert left is not None
    assert left.rows.tolist() == [silent.team]
    desk.ask(order, silent.team)
    assert desk.requests[-1].attempt == 1


def test_policies_are_chosen_by_name() -> None:
    assert chosen("plan, first_come") == ("first_come", "plan")
    with pytest.raises(ValueError, match="best"):
        chosen("rank,best")
