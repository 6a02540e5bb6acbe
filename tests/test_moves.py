"""Every move of the lifecycle: the right person, every wrong person, every wrong state, and a lost race.

The cases are made from MOVES, so a move that is added is tested or this file fails.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from app import clock
from app.domain.lifecycle import MOVES, Action, OrderStatus
from app.errors import IllegalMove
from app.models.order import Order
from app.services.access import SYSTEM
from app.services.moves import move
from app.services.scope import visible
from tests.factories import NOW, SATURDAY_9, District
from tests.stages import DONE, RATING, REASON, Stage, Standing

Call = Callable[[Stage, str], Awaitable[httpx.Response]]


def _post(path: str, body: object = None) -> Call:
    return lambda stage, who: stage.call(who, "POST", stage.at + path, body)


def _answer(verb: str, body: object) -> Call:
    return lambda stage, who: stage.call(who, "POST", f"/offers/{stage.offer_id}/{verb}", body)


async def _reassign(stage: Stage, who: str) -> httpx.Response:
    body = {"team_id": str(stage.district.other_team.id), "reason": "原队伍人手不足"}
    return await stage.call(who, "POST", f"{stage.at}/reassign", body)


async def _dispatch(stage: Stage, who: str) -> httpx.Response:
    body = {"mode": "team", "team_id": str(stage.district.team.id), "override_reason": "居民点名"}
    return await stage.call(who, "POST", f"{stage.at}/dispatch", body)


async def _take_over(stage: Stage, who: str) -> httpx.Response:
    return await stage.call(who, "POST", f"{stage.at}/take-over", REASON)


async def _crew(stage: Stage, who: str) -> httpx.Response:
    members = {"members": [str(stage.district["volunteer"].id)]}
    return await stage.call(who, "PUT", f"{stage.at}/crew", members)


async def _check_in(stage: Stage, who: str) -> httpx.Response:
    return await stage.stamp("check-in", SATURDAY_9, uuid4(), who)


async def _ask_standby(stage: Stage, who: str) -> httpx.Response:
    body = {"team_id": str(stage.district.other_team.id)}
    return await stage.call(who, "POST", f"{stage.at}/standby", body)


async def _no_show(stage: Stage, who: str) -> httpx.Response:
    with clock.at(SATURDAY_9 + timedelta(minutes=15)):
        return await stage.call(who, "POST", f"{stage.at}/no-show", REASON)


MONDAY = {
    "scheduled_start": (SATURDAY_9 + timedelta(days=2)).isoformat(),
    "cause": "weather",
    "reason": "暴雨橙色预警",
}
SUNDAY = {
    "start": (SATURDAY_9 + timedelta(days=1)).isoformat(),
    "end": (SATURDAY_9 + timedelta(days=1, hours=3)).isoformat(),
}


async def _other(stage: Stage) -> str:
    """Another order of the resident."""
    placed = await stage.do("resident", "POST", "/orders", stage.district.order_body())
    return str(placed["id"])


async def _merge(stage: Stage, who: str) -> httpx.Response:
    return await stage.call(who, "POST", f"{stage.at}/merge", {"into_id": await _other(stage), **REASON})


async def _join(stage: Stage, who: str) -> httpx.Response:
    body = {"into_id": stage.order_id, **REASON}
    return await stage.call(who, "POST", f"/orders/{await _other(stage)}/merge", body)


async def _correct(stage: Stage, who: str) -> httpx.Response:
    right = {"contact": {"name": "张阿公", "phone": "13800000903"}}
    return await stage.call(who, "PATCH", f"{stage.at}/contact", right)


CALLS: dict[Action, tuple[str, Call]] = {
    Action.RESCHEDULE: ("dispatcher", _post("/reschedule", {"window": SUNDAY, **REASON})),
    Action.MERGE: ("dispatcher", _merge),
    Action.JOIN: ("dispatcher", _join),
    Action.APPROVE: ("dispatcher", _post("/approve")),
    Action.REJECT: ("dispatcher", _post("/reject", REASON)),
    Action.DISPATCH: ("dispatcher", _dispatch),
    Action.OPEN_POOL: ("dispatcher", _post("/dispatch", {"mode": "pool"})),
    Action.TAKE_OVER: ("dispatcher", _take_over),
    Action.ESCALATE: ("dispatcher", _post("/escalate", REASON)),
    Action.GIVE_UP: ("dispatcher", _post("/give-up", REASON)),
    Action.ACCEPT: ("leader", _answer("accept", {})),
    Action.DECLINE: ("leader", _answer("decline", REASON)),
    Action.RECALL: ("dispatcher", _post("/recall", REASON)),
    Action.CLAIM: ("other_leader", _post("/claim", {})),
    Action.ASK_STANDBY: ("dispatcher", _ask_standby),
    Action.CONFIRM: ("leader", _post("/confirm")),
    Action.NAME_CREW: ("leader", _crew),
    Action.START: ("volunteer", _check_in),
    Action.POSTPONE: ("leader", _post("/postpone", MONDAY)),
    Action.RELEASE: ("leader", _post("/release", REASON)),
    Action.MISS: ("resident", _no_show),
    Action.REASSIGN: ("dispatcher", _reassign),
    Action.DELIVER: ("leader", _post("/deliver", DONE)),
    Action.REVIEW: ("resident", _post("/review", RATING)),
    Action.COMPLAIN: ("resident", _post("/complain", REASON)),
    Action.REOPEN: ("dispatcher", _post("/reopen", REASON)),
    Action.CANCEL: ("resident", _post("/cancel", REASON)),
    Action.URGE: ("resident", _post("/urge")),
    Action.CORRECT: ("resident", _correct),
}
BY_THE_CLOCK = {
    Action.LAPSE,
    Action.CLOSE,
    Action.OVERDUE,
    Action.SUGGEST,
    Action.UNREPORTED,
    Action.WIDEN,
    Action.WIDEN_POOL,
    Action.RELIEVE,
    Action.PROMOTE,
}
ELSEWHERE = {Action.AUTOMATE, Action.REPORT, Action.STAND_BY, Action.STAND_DOWN}
"""Told in tests/test_waves.py and tests/test_standby.py: a clock that is handed an order makes its first step at
once, only a department that was called reports, and only a team that was asked stands by."""
ALSO_MAY = {
    Action.CANCEL: {"dispatcher"},
    Action.CLAIM: {"leader"},
    Action.POSTPONE: {"dispatcher"},
    Action.MISS: {"dispatcher"},
    Action.COMPLAIN: {"dispatcher"},
    Action.RESCHEDULE: {"resident"},
}
EVERYBODY = (
    *("resident", "neighbour", "leader", "other_leader", "volunteer", "outsider"),
    *("dispatcher", "admin", "supervisor", "auditor", "grid_worker"),
)
CONFLICTS = {
    *("illegal_move", "offer_answered", "no_higher_level", "levels_untried", "team_not_eligible"),
    "merge_target_ended",
}
STATES_OF_START = (OrderStatus.IN_SERVICE, OrderStatus.DELIVERED, OrderStatus.CLOSED)
"""A second check-in is not a wrong state: whoever comes later just arrives."""


def test_every_move_is_tried_here() -> None:
    assert set(CALLS) | BY_THE_CLOCK | ELSEWHERE == set(MOVES)


def source(action: Action) -> OrderStatus:
    return min(MOVES[action].sources, key=list(OrderStatus).index)


async def ready(client: httpx.AsyncClient, district: District, action: Action) -> Stage:
    stage = await Stage(client, district).reach(source(action))
    if action is Action.GIVE_UP:
        for _ in ("office", "center"):
            await stage.do("dispatcher", "POST", f"{stage.at}/escalate", REASON)
    return stage


@pytest.mark.parametrize("action", CALLS)
async def test_the_right_person_and_nobody_else(
    client: httpx.AsyncClient, district: District, action: Action
) -> None:
    who, call = CALLS[action]
    stage = await ready(client, district, action)
    before = await stage.row()
    for wrong in EVERYBODY:
        if wrong == who or wrong in ALSO_MAY.get(action, ()):
            continue
        refused = await call(stage, wrong)
        assert refused.status_code in (403, 404), (wrong, refused.text)
        assert (await stage.row()).version == before.version, wrong
    done = await call(stage, who)
    assert done.is_success, done.text
    after = await stage.row()
    assert after.status == (MOVES[action].target or before.status)
    assert after.version == before.version + 1


@pytest.mark.parametrize("status", OrderStatus)
async def test_every_wrong_state_refuses(standing: Standing, status: OrderStatus) -> None:
    stage = await standing.order(status)
    before = await stage.row()
    for action, (who, call) in CALLS.items():
        if status in MOVES[action].sources:
            continue
        if action is Action.START and status in STATES_OF_START:
            continue
        refused = await call(stage, who)
        assert refused.status_code in (403, 404, 409), (action, refused.text)
        if refused.status_code == 409:
            assert refused.json()["code"] in CONFLICTS, action
        assert await stage.row() == before, action


ONCE = [action for action in CALLS if MOVES[action].target and action is not Action.START]
"""Marks may be repeated, and a second check-in just arrives."""


@pytest.mark.parametrize("action", ONCE)
async def test_of_two_at_once_one_wins(client: httpx.AsyncClient, district: District, action: Action) -> None:
    who, call = CALLS[action]
    stage = await ready(client, district, action)
    version = (await stage.row()).version
    answers = await asyncio.gather(call(stage, who), call(stage, who))
    assert sorted(answer.status_code for answer in answers)[0] == 200, [a.text for a in answers]
    assert sum(answer.is_success for answer in answers) == 1
    assert {a.status_code for a in answers if not a.is_success} <= {404, 409}
    assert (await stage.row()).version == version + 1


@pytest.mark.parametrize("action", sorted(BY_THE_CLOCK))
async def test_the_clock_moves_only_from_its_states(standing: Standing, action: Action) -> None:
    for status in OrderStatus:
        if status in MOVES[action].sources:
            continue
        stage = await standing.order(status)
        async with standing.district.house.database.transaction() as session:
            found = visible(Order, SYSTEM).where(Order.id == (await stage.row()).id)
            order = (await session.exec(found)).one()
            with pytest.raises(IllegalMove):
                await move(session, SYSTEM, order, action)


async def test_urging_waits_for_the_interval(client: httpx.AsyncClient, district: District) -> None:
    stage = await Stage(client, district).reach(OrderStatus.SUBMITTED)
    await stage.do("resident", "POST", f"{stage.at}/urge")
    again = await stage.call("resident", "POST", f"{stage.at}/urge")
    assert (again.status_code, again.json()["code"]) == (429, "urged_recently")
    assert 0 < int(again.headers["Retry-After"]) <= 6 * 3600
    with clock.at(NOW + timedelta(hours=6)):
        assert (await stage.do("resident", "POST", f"{stage.at}/urge"))["urged_times"] == 2


async def test_reopening_has_its_days(client: httpx.AsyncClient, district: District) -> None:
    stage = await Stage(client, district).reach(OrderStatus.CLOSED)
    with clock.at(SATURDAY_9 + timedelta(days=40)):
        late = await stage.call("dispatcher", "POST", f"{stage.at}/reopen", REASON)
    assert (late.status_code, late.json()["code"]) == (409, "reopen_too_late")


async def test_giving_up_needs_every_level(client: httpx.AsyncClient, district: District) -> None:
    stage = await Stage(client, district).reach(OrderStatus.APPROVED)
    early = await stage.call("dispatcher", "POST", f"{stage.at}/give-up", REASON)
    assert (early.status_code, early.json()["code"]) == (409, "levels_untried")
    for _ in ("office", "center"):
        await stage.do("dispatcher", "POST", f"{stage.at}/escalate", REASON)
    top = await stage.call("dispatcher", "POST", f"{stage.at}/escalate", REASON)
    assert (top.status_code, top.json()["code"]) == (409, "no_higher_level")
    told = await stage.do("resident", "GET", f"{stage.at}")
    assert told["escalated"] is True
