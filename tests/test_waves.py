"""自动派单, told: the clock asks, opens the pool, climbs, calls the department, and says when nobody could help."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from app import clock
from app.domain.lifecycle import Action, OrderStatus
from app.house import House
from app.jobs import chase_reports, dispatch_waves, lapse_offers, lapse_pool, mark_overdue
from app.models.organisation import Organisation, OrgLevel
from tests.conftest import client_of
from tests.factories import NOW, District, plant
from tests.jobs.conftest import events, notices
from tests.stages import REASON, Stage

PACE = timedelta(minutes=180)
CLOCKWORK = (lapse_offers, lapse_pool, dispatch_waves, mark_overdue, chase_reports)


class Desk:
    """An order of one center in the hands of the clock, and the people around it."""

    def __init__(self, house: House, client: httpx.AsyncClient, district: District) -> None:
        self.house, self.stage = house, Stage(client, district)

    async def hand_over(self, **changes: Any) -> None:
        await self.stage.place(**changes)
        await self.stage.do("dispatcher", "POST", f"{self.stage.at}/approve")
        await self.stage.do("dispatcher", "POST", f"{self.stage.at}/dispatch", {"mode": "auto"})

    async def tick(self, at: datetime) -> OrderStatus:
        """What the clock does at `at`, until it has nothing more to do; where the order stands then."""
        with clock.at(at):
            while sum([await job.run(self.house, at) for job in CLOCKWORK]):
                pass
        return (await self.stage.row()).status

    async def answer(self, who: str, verb: str, at: datetime) -> None:
        with clock.at(at):
            page = await self.stage.do(who, "GET", f"/offers?status=open&order_id={self.stage.order_id}")
            body = REASON if verb == "decline" else {}
            await self.stage.do(who, "POST", f"/offers/{page['items'][0]['id']}/{verb}", body)

    async def asked(self) -> dict[str, str]:
        """Every team that was asked, by name, and what became of it."""
        page = await self.stage.do("dispatcher", "GET", f"/offers?order_id={self.stage.order_id}")
        names = {str(team.id): team.name for team in (self.district.team, self.district.other_team)}
        return {names[offer["team_id"]]: offer["status"] for offer in page["items"]}

    @property
    def district(self) -> District:
        return self.stage.district


@pytest.fixture
async def desk(fresh_house: House) -> Any:
    """Both teams nearly always say yes, so that a wave asks one."""
    district = await plant(fresh_house)
    async with client_of(fresh_house) as client:
        made = Desk(fresh_house, client, district)
        await set_policy(made, {"dispatch": {"target_percent": 50}})
        yield made


async def set_policy(desk: Desk, changes: dict[str, Any]) -> None:
    await desk.stage.do("admin", "PUT", f"/policies/{desk.district.center.id}", changes)


async def test_a_decline_brings_the_next_team(desk: Desk) -> None:
    await desk.hand_over()
    first = await desk.asked()
    assert list(first.values()) == ["open"]
    who = "leader" if "巧手便民队" in first else "other_leader"
    await desk.answer(who, "decline", NOW + timedelta(minutes=5))
    assert (await desk.stage.row()).status is OrderStatus.APPROVED
    assert await desk.tick(NOW + timedelta(minutes=5)) is OrderStatus.OFFERED
    asked = await desk.asked()
    assert sorted(asked.values()) == ["declined", "open"], "who said no is never asked again"
    other = "other_leader" if who == "leader" else "leader"
    await desk.answer(other, "accept", NOW + timedelta(minutes=9))
    assert (await desk.stage.row()).status is OrderStatus.ACCEPTED


async def test_silence_brings_the_next_team_while_the_first_may_still_answer(desk: Desk) -> None:
    await desk.hand_over()
    first = set(await desk.asked())
    assert await desk.tick(NOW + PACE - timedelta(minutes=1)) is OrderStatus.OFFERED
    assert set(await desk.asked()) == first
    assert await desk.tick(NOW + PACE) is OrderStatus.OFFERED
    assert list((await desk.asked()).values()) == ["open", "open"]
    late = "leader" if "巧手便民队" in first else "other_leader"
    await desk.answer(late, "accept", NOW + PACE + timedelta(minutes=1))
    assert sorted((await desk.asked()).values()) == ["accepted", "recalled"]
    told = await notices(desk.stage, Action.ACCEPT)
    assert {one.data["audience"] for one in told} == {"resident", "asked"}


async def test_two_teams_that_accept_at_once(desk: Desk) -> None:
    """Each holds one offer; the moves take the order first, so neither can wait for the other."""
    await set_policy(desk, {"dispatch": {"target_percent": 90}})
    await desk.hand_over()
    offers = {
        who: (await desk.stage.do(who, "GET", "/offers?status=open"))["items"][0]["id"]
        for who in ("leader", "other_leader")
    }
    answers = await asyncio.gather(
        *(desk.stage.call(who, "POST", f"/offers/{offer}/accept", {}) for who, offer in offers.items())
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert sorted((await desk.asked()).values()) == ["accepted", "recalled"]


async def test_nobody_then_the_pool_then_the_street_then_the_center_then_unmet(desk: Desk) -> None:
    legal = await department(desk, ["care"])
    await desk.hand_over()
    at = NOW
    seen: list[tuple[str, str]] = []
    for _ in range(60):
        order = await desk.stage.row()
        handler = {desk.district.office.id: "office", desk.district.center.id: "center"}
        where = handler.get(order.handler_id, "station")
        step = (order.status.value, order.pool_path or where)
        if step not in seen[-1:]:
            seen.append(step)
        if order.status is OrderStatus.UNMET:
            break
        at = max(at + timedelta(minutes=1), order.step_at or at + timedelta(hours=1))
        await desk.tick(at)
    district = desk.district
    pools = [("pooled", path) for path in (district.station.path, district.office.path, district.center.path)]
    night = ("approved", "station")
    assert seen == [("offered", "station"), night, *pools, ("approved", "center"), ("unmet", "center")]
    assert at < (await desk.stage.row()).window_end
    climbed = await events(desk.stage, Action.ESCALATE)
    assert [event.data["to"] for event in climbed] == [district.office.id.hex, district.center.id.hex]
    assert climbed[1].data["department"] == legal.id.hex
    assert len(await events(desk.stage, Action.UNREPORTED)) == 1
    with clock.at(at):
        told = (await desk.stage.do("resident", "GET", "/me/inbox"))["items"][0]["text"]
    assert told == "很抱歉，您的点单“家庭保洁”暂时未能满足：已逐级询问的服务队都未能前往（共询问2支队伍）"
    gaps = await desk.stage.do("supervisor", "GET", f"/reports/gaps?organisation_id={district.office.id}")
    counted = {"specialty": "housekeeping", "reason": "refused", "orders": 1, "category": "care"}
    assert gaps["items"] == [counted | {"org_path": district.station.path}]


async def test_a_team_of_the_circle_claims_from_the_pool(desk: Desk) -> None:
    await desk.hand_over()
    await desk.answer("leader", "decline", NOW) if "巧手便民队" in await desk.asked() else None
    at = NOW
    while (await desk.stage.row()).status is not OrderStatus.POOLED:
        at += timedelta(hours=1)
        await desk.tick(at)
    with clock.at(at):
        pool = await desk.stage.do("other_leader", "GET", "/pool")
        assert [order["id"] for order in pool["items"]] == [desk.stage.order_id]
        await desk.stage.do("other_leader", "POST", f"{desk.stage.at}/claim", {})
    order = await desk.stage.row()
    assert (order.status, order.pool_path) == (OrderStatus.ACCEPTED, None)


async def test_a_department_reports_and_sends_a_team(desk: Desk) -> None:
    office = await department(desk, ["care"])
    await desk.stage.reach(OrderStatus.APPROVED)
    for _ in ("office", "center"):
        await desk.stage.do("dispatcher", "POST", f"{desk.stage.at}/escalate", REASON)
    grant = {"person_id": str(desk.district["neighbour"].id), "role": "dispatcher"}
    await desk.stage.do("admin", "POST", "/grants", grant | {"organisation_id": str(office.id)})
    mine = await desk.stage.do("neighbour", "GET", "/whistles?pending=true")
    assert [one["order_id"] for one in mine["items"]] == [desk.stage.order_id]
    inbox = await desk.stage.do("neighbour", "GET", "/me/inbox")
    assert "吹哨" in inbox["items"][0]["text"]
    answer = {"can_help": True, "note": "由本局联系的队伍上门", "team_id": str(desk.district.team.id)}
    done = await desk.stage.do("neighbour", "POST", f"{desk.stage.at}/report", answer)
    assert done["status"] == "offered"
    again = await desk.stage.call(
        "neighbour", "POST", f"{desk.stage.at}/report", {"can_help": False, "note": "没有力量"}
    )
    assert again.json()["code"] == "already_reported"
    assert (await desk.stage.call("leader", "POST", f"{desk.stage.at}/report", answer)).status_code == 403


async def test_a_department_that_cannot_help_ends_it_at_once(desk: Desk) -> None:
    office = await department(desk, ["care"])
    await desk.hand_over()
    at = NOW
    while (await desk.stage.row()).handler_id != desk.district.center.id:
        at += timedelta(hours=1)
        await desk.tick(at)
    grant = {"person_id": str(desk.district["neighbour"].id), "role": "dispatcher"}
    await desk.stage.do("admin", "POST", "/grants", grant | {"organisation_id": str(office.id)})
    with clock.at(at):
        body = {"can_help": False, "note": "本局没有这类队伍"}
        await desk.stage.do("neighbour", "POST", f"{desk.stage.at}/report", body)
    assert await desk.tick(at) is OrderStatus.UNMET


async def test_a_dispatcher_takes_over_at_any_point(desk: Desk) -> None:
    await desk.hand_over()
    await desk.stage.do("dispatcher", "POST", f"{desk.stage.at}/take-over", REASON)
    order = await desk.stage.row()
    assert (order.auto, order.step_at, order.status) == (False, None, OrderStatus.OFFERED)
    await desk.tick(NOW + PACE)
    assert len(await desk.asked()) == 1, "the clock asks nobody any more"
    assert await desk.tick(NOW + timedelta(hours=13)) is OrderStatus.APPROVED


async def test_the_night_is_waited_out(desk: Desk) -> None:
    evening = NOW + timedelta(hours=13)
    with clock.at(evening):
        await desk.hand_over()
    order = await desk.stage.row()
    morning = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
    assert (order.status, order.step_at) == (OrderStatus.APPROVED, morning)
    assert await desk.tick(morning) is OrderStatus.OFFERED


async def test_who_was_asked_enough_today_is_left_alone(desk: Desk) -> None:
    await set_policy(desk, {"dispatch": {"target_percent": 99, "asks_a_day": 1}})
    await desk.hand_over()
    assert len(await desk.asked()) == 2
    await desk.hand_over()
    assert (await desk.asked(), (await desk.stage.row()).status) == ({}, OrderStatus.POOLED)


async def test_in_suggest_mode_the_clock_recommends_and_a_person_decides(desk: Desk) -> None:
    await set_policy(desk, {"dispatch": {"mode": "suggest"}})
    await desk.stage.place()
    await desk.stage.do("dispatcher", "POST", f"{desk.stage.at}/approve")
    assert await desk.tick(NOW) is OrderStatus.APPROVED
    (said,) = await events(desk.stage, Action.SUGGEST)
    assert "建议派给“" in said.reason
    best = {"mode": "team", "team_id": str(UUID(said.data["team_ids"][0]))}
    await desk.stage.do("dispatcher", "POST", f"{desk.stage.at}/dispatch", best)


async def test_a_department_that_cannot_help_takes_no_suggestion_away(desk: Desk) -> None:
    await department(desk, ["care"])
    await set_policy(desk, {"dispatch": {"mode": "suggest"}})
    await desk.stage.place()
    await desk.stage.do("dispatcher", "POST", f"{desk.stage.at}/approve")
    for _ in ("office", "center"):
        await desk.stage.do("dispatcher", "POST", f"{desk.stage.at}/escalate", REASON)
    later = {"start": (NOW + timedelta(days=2)).isoformat(), "end": (NOW + timedelta(days=3)).isoformat()}
    await desk.stage.do("resident", "POST", f"{desk.stage.at}/reschedule", {"window": later, **REASON})
    body = {"can_help": False, "note": "本局没有这类队伍"}
    await desk.stage.do("dispatcher", "POST", f"{desk.stage.at}/report", body)
    await desk.tick(NOW)
    assert len(await events(desk.stage, Action.SUGGEST)) == 1


async def test_in_auto_mode_an_approved_order_needs_no_dispatcher(desk: Desk) -> None:
    await set_policy(desk, {"auto_approve": True, "dispatch": {"mode": "auto"}})
    await desk.stage.place()
    assert await desk.tick(NOW) is OrderStatus.OFFERED


async def test_an_order_nobody_looks_at_is_marked_and_said_once(desk: Desk) -> None:
    await desk.stage.place()
    due = NOW + timedelta(hours=24)
    risky = await desk.stage.do("dispatcher", "GET", "/orders?at_risk=true")
    assert risky["items"] == []
    with clock.at(NOW + timedelta(hours=18)):
        (one,) = (await desk.stage.do("dispatcher", "GET", "/orders?at_risk=true"))["items"]
        assert (one["at_risk"], one["overdue"]) == (True, False)
    for at in (due - timedelta(minutes=1), due, due + timedelta(hours=5)):
        await desk.tick(at)
    assert len(await notices(desk.stage, Action.OVERDUE)) == 1
    with clock.at(due + timedelta(seconds=1)):
        (one,) = (await desk.stage.do("dispatcher", "GET", "/orders?overdue=true"))["items"]
        assert (one["at_risk"], one["overdue"], one["status"]) == (False, True, "submitted")


async def test_two_who_whistle_climb_one_level(desk: Desk) -> None:
    await desk.stage.reach(OrderStatus.APPROVED)
    seen = (await desk.stage.row()).version
    body = REASON | {"version": seen}
    await desk.stage.do("dispatcher", "POST", f"{desk.stage.at}/escalate", body)
    second = await desk.stage.call("dispatcher", "POST", f"{desk.stage.at}/escalate", body)
    assert (second.status_code, second.json()["code"]) == (412, "stale")
    assert (await desk.stage.row()).handler_id == desk.district.office.id


async def test_who_whistles_by_hand_takes_the_order_from_the_clock(desk: Desk) -> None:
    with clock.at(NOW + timedelta(hours=13)):
        await desk.hand_over()
    assert (await desk.stage.row()).auto, "it is night, and the clock waits"
    await desk.stage.do("dispatcher", "POST", f"{desk.stage.at}/escalate", REASON)
    order = await desk.stage.row()
    assert (order.auto, order.step_at, order.handler_id) == (False, None, desk.district.office.id)


async def department(desk: Desk, duties: list[str]) -> Organisation:
    """A department of the center that reports for these categories."""
    center = desk.district.center
    made = Organisation(
        parent_id=center.id,
        code="bureau",
        name="测试责任局",
        level=OrgLevel.DEPARTMENT,
        path=f"{center.path}bureau/",
        lat=28.2,
        lon=112.98,
        duties=duties,
    )
    async with desk.house.database.transaction() as session:
        session.add(made)
    return made
