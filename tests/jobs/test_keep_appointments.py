"""Nobody confirms, nobody comes: somebody else does, once, whoever presses a button in that moment."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx

from app import clock
from app.domain.lifecycle import Action, OfferStatus, OrderStatus
from app.house import House
from app.jobs import keep_appointments
from app.services.verify import verify
from tests.appointments import (
    HOUR,
    LAST_CALL,
    NO_SHOW,
    REASON,
    ask_standby,
    offers_of,
    planned,
    run,
    serve_with_the_others,
    stood_by,
)
from tests.factories import NOW, SATURDAY_9, District
from tests.jobs.conftest import Reach, events, notices
from tests.stages import Stage

DAY = timedelta(days=1)


async def absences(stage: Stage, who: str = "leader") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await stage.do(who, "GET", "/absences"))["items"]
    return found


async def test_a_team_that_does_not_come_is_followed_by_the_one_that_stands_by(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = await stood_by(Stage(client, district))
    await stage.do("leader", "POST", f"{stage.at}/confirm")
    for early in (NOW, LAST_CALL, NO_SHOW - timedelta(seconds=1)):
        await run(stage, early)
    assert (await stage.row()).team_id == district.team.id
    assert [await run(stage, NO_SHOW) for _ in range(2)] == [1, 0]
    order = await stage.row()
    assert (order.status, order.team_id) == (OrderStatus.ACCEPTED, district.other_team.id)
    assert (order.scheduled_start, order.window_end) == (NO_SHOW + HOUR, NO_SHOW + 3 * HOUR)
    assert order.confirmed_at == NO_SHOW, "who stood by has said it often enough"
    assert await offers_of(stage) == {
        district.team.id: (OfferStatus.RELEASED, False),
        district.other_team.id: (OfferStatus.ACCEPTED, False),
    }
    (absence,) = await absences(stage)
    assert (absence["by_clock"], absence["overturned"]) == (True, False)
    told = {notice.person_id for notice in await notices(stage, Action.PROMOTE)}
    assert told == {None, district["resident"].id, district["other_leader"].id}
    await serve_with_the_others(stage, NO_SHOW + HOUR)
    assert (await stage.row()).status is OrderStatus.DELIVERED


async def test_without_a_standby_it_is_dispatched_anew(client: httpx.AsyncClient, district: District) -> None:
    stage = await Stage(client, district).reach(OrderStatus.ACCEPTED)
    assert await run(stage, NO_SHOW) == 1
    order = await stage.row()
    assert (order.status, order.team_id, order.confirmed_at) == (OrderStatus.APPROVED, None, None)
    assert (order.window_start, order.window_end) == (NO_SHOW, NO_SHOW + 3 * HOUR), "there is time again"
    assert len(await events(stage, Action.MISS)) == 1
    with clock.at(NO_SHOW):
        body = {"mode": "team", "team_id": str(district.other_team.id), "override_reason": "就近"}
        await stage.do("dispatcher", "POST", f"{stage.at}/dispatch", body)
        offers = await stage.do("other_leader", "GET", "/offers?status=open")
        taken = await stage.do("other_leader", "POST", f"/offers/{offers['items'][0]['id']}/accept", {})
    assert taken["scheduled"]["start"] >= NO_SHOW.isoformat()[:16]
    assert await run(stage, NO_SHOW) == 0, "the new team is not late before it was asked"


async def test_an_order_that_nobody_confirms_is_given_to_the_standby(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = await stood_by(Stage(client, district))
    assert await run(stage, LAST_CALL - timedelta(seconds=1)) == 0
    assert await run(stage, LAST_CALL) == 1
    order = await stage.row()
    assert (order.team_id, order.scheduled_start) == (district.other_team.id, SATURDAY_9), "as agreed"
    assert await absences(stage) == [], "who forgets to confirm has missed nothing"
    assert (await offers_of(stage))[district.team.id] == (OfferStatus.RECALLED, False)
    relieved = [row.seq for row in await events(stage, Action.RELIEVE)]
    promoted = [row.seq for row in await events(stage, Action.PROMOTE)]
    assert promoted == [relieved[0] + 1], "the old team is told first"
    people = {notice.person_id for notice in await notices(stage, Action.RELIEVE)}
    assert people == {district["leader"].id, district["volunteer"].id}


async def test_unconfirmed_and_nobody_ready_the_desk_is_told_once(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = await Stage(client, district).reach(OrderStatus.ACCEPTED)
    assert [await run(stage, LAST_CALL + n * HOUR / 2) for n in range(3)] == [1, 0, 0]
    with clock.at(LAST_CALL):
        inbox = await stage.do("dispatcher", "GET", "/me/inbox?limit=1")
        assert inbox["items"][0]["text"].startswith("“家庭保洁”的服务队尚未确认前往")
        await stage.do("leader", "POST", f"{stage.at}/confirm")
    assert (await stage.row()).team_id == district.team.id


async def test_everybody_is_reminded_in_time_and_of_the_right_time(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = await Stage(client, district).reach(OrderStatus.ACCEPTED)
    day_before, last = SATURDAY_9 - DAY, LAST_CALL
    assert await planned(stage, "leader") == [("ask_confirm", day_before), ("tomorrow", day_before)]
    assert await planned(stage, "resident") == await planned(stage, "volunteer") == [("tomorrow", day_before)]
    for _ in range(2):
        await stage.do("leader", "POST", f"{stage.at}/confirm")
    assert await planned(stage, "leader") == [("tomorrow", day_before), ("last_call", last)]
    other = {"members": [str(stage.district["helper"].id)]}
    await stage.do("leader", "PUT", f"{stage.at}/crew", other)
    assert await planned(stage, "volunteer") == []
    assert await planned(stage, "helper") == [("tomorrow", day_before), ("last_call", last)]
    body = {"scheduled_start": (SATURDAY_9 + 2 * DAY).isoformat(), "cause": "weather", "reason": "大雪"}
    await stage.do("leader", "POST", f"{stage.at}/postpone", body)
    assert await planned(stage, "helper") == [("tomorrow", SATURDAY_9 + DAY)]
    await stage.do("leader", "POST", f"{stage.at}/release", {"reason": "大雪封路", "cause": "weather"})
    assert await planned(stage, "helper") == await planned(stage, "resident") == []


async def test_the_clock_and_the_resident_say_it_at_once_and_one_is_heard(
    fresh_house: House, twin: House, reach: Reach
) -> None:
    """Pressed twice, and by the clock in two processes: one absence, one promotion; not of the team just sent."""
    stage = await stood_by(await reach(OrderStatus.SUBMITTED))
    with clock.at(NO_SHOW):
        pressed = [stage.call("resident", "POST", f"{stage.at}/no-show", REASON) for _ in range(2)]
        clocks = [keep_appointments.run(house, NO_SHOW) for house in (fresh_house, twin)]
        (first, second), kept = await asyncio.gather(asyncio.gather(*pressed), asyncio.gather(*clocks))
    assert [first.is_success, second.is_success, sum(kept) > 0].count(True) == 1
    assert {first.status_code, second.status_code} <= {200, 409}
    assert [len(await events(stage, action)) for action in (Action.MISS, Action.PROMOTE)] == [1, 1]
    assert len(await absences(stage)) == 1
    order = await stage.row()
    assert (order.status, order.team_id) == (OrderStatus.ACCEPTED, stage.district.other_team.id)
    with clock.at(NO_SHOW):
        again = await stage.call("resident", "POST", f"{stage.at}/no-show", REASON)
    assert (again.status_code, again.json()["code"]) == (409, "no_show_too_early")
    assert await verify(fresh_house.database) == []


async def test_a_check_in_sent_late_overturns_the_absence(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = await Stage(client, district).reach(OrderStatus.ACCEPTED)
    pressed_at = SATURDAY_9 + timedelta(minutes=3)
    assert await run(stage, NO_SHOW) == 1
    with clock.at(NO_SHOW + 3 * HOUR):
        stranger = await stage.press("check-in", pressed_at, uuid4(), "helper")
        late = await stage.press("check-in", NO_SHOW + HOUR, uuid4())
        assert (stranger.status_code, late.status_code) == (404, 404), "not on the crew; not in time"
        stamp = uuid4()
        answers = [await stage.press("check-in", pressed_at, stamp) for _ in range(2)]
        (absence,) = await absences(stage)
        for answer in answers:
            assert answer.is_success, answer.text
            assert answer.json()["marks"] == ["late", "proof_only"]
            assert answer.json()["id"] == absence["id"]
        assert absence["overturned"] is True
        texts = [one["text"] for one in (await stage.do("dispatcher", "GET", "/me/inbox"))["items"]]
        assert sum("爽约记录已撤销" in text for text in texts) == 1
        assert (await offers_of(stage))[district.team.id] == (OfferStatus.RELEASED, True)
        assert await stage.do("dispatcher", "GET", f"{stage.at}/attendance") == [], "no service is invented"
        path, word = f"/absences/{absence['id']}", {"reason": "定位不实"}
        assert (await stage.call("leader", "POST", f"{path}/appeal", word)).status_code == 409
        decided = await stage.do("dispatcher", "POST", f"{path}/decide", {"overturned": False, **word})
        assert decided["overturned"] is False, "a person has the last word"
        assert (await offers_of(stage))[district.team.id] == (OfferStatus.RELEASED, False)
        once_more = await stage.call("dispatcher", "POST", f"{path}/decide", {"overturned": True, **word})
        assert once_more.json()["code"] == "absence_decided"
    assert (await stage.row()).status is OrderStatus.APPROVED


async def test_an_absence_is_appealed_once_and_decided_once(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = await Stage(client, district).reach(OrderStatus.ACCEPTED)
    early = await stage.call("resident", "POST", f"{stage.at}/no-show", REASON)
    assert (early.status_code, early.json()["code"]) == (409, "no_show_too_early")
    with clock.at(SATURDAY_9 + timedelta(minutes=15)):
        await stage.do("resident", "POST", f"{stage.at}/no-show", REASON)
        (absence,) = await absences(stage)
        assert (absence["by_clock"], absence["reason"]) == (False, REASON["reason"])
        assert await absences(stage, "other_leader") == []
        path, words = f"/absences/{absence['id']}", {"reason": "居民不在家，电话无人接听"}
        for who, status in (("other_leader", 404), ("dispatcher", 403), ("leader", 200), ("leader", 409)):
            assert (await stage.call(who, "POST", f"{path}/appeal", words)).status_code == status, who
        waiting = await stage.do("dispatcher", "GET", "/absences?appealed=true")
        assert [one["id"] for one in waiting["items"]] == [absence["id"]]
        verdict = {"overturned": True, "reason": "通话记录属实"}
        assert (await stage.call("leader", "POST", f"{path}/decide", verdict)).status_code == 403
        assert (await stage.do("dispatcher", "POST", f"{path}/decide", verdict))["overturned"] is True
        assert (await stage.do("dispatcher", "GET", "/absences?appealed=true"))["items"] == []
    assert (await offers_of(stage))[district.team.id] == (OfferStatus.RELEASED, True)


async def test_a_question_nobody_answers_lapses_and_service_ends_it(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = await Stage(client, district).reach(OrderStatus.ACCEPTED)
    await ask_standby(stage)
    assert await run(stage, NOW + DAY) == 1
    other = district.other_team.id
    assert (await offers_of(stage))[other] == (OfferStatus.LAPSED, False)
    with clock.at(NOW + DAY):
        await ask_standby(stage)
    await stage.serve()
    assert (await offers_of(stage))[other][0] is OfferStatus.RECALLED
