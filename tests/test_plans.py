"""The queue planned at once: previewed, applied, and honest about what moved meanwhile."""

import asyncio
import sys
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlmodel import col, select

from app.domain.lifecycle import OfferStatus, OrderStatus
from app.domain.matching.receipt import check
from app.models.menu import MenuItem
from app.models.offer import Offer
from app.models.order import Order
from app.models.plan import DispatchPlanItem
from app.models.reservation import Reservation
from app.models.team import Team, TeamSpecialty
from app.services.access import SYSTEM
from app.services.organisations import bump
from app.services.planning_process import solved
from app.services.scope import visible
from tests.factories import SATURDAY_9, District
from tests.stages import REASON, Stage


async def plan(stage: Stage, who: str = "dispatcher") -> dict[str, Any]:
    made = await stage.do(who, "POST", "/dispatch-plans", {"organisation_id": str(stage.district.center.id)})
    return dict(made)


async def items(stage: Stage, plan_id: str, asked: str = "") -> list[dict[str, Any]]:
    return list(
        (await stage.do("dispatcher", "GET", f"/dispatch-plans/{plan_id}/items?limit=100{asked}"))["items"]
    )


async def approved(client: httpx.AsyncClient, district: District, many: int, **changes: Any) -> list[Stage]:
    stages = [Stage(client, district) for _ in range(many)]
    for stage in stages:
        await stage.place(**changes)
        await stage.do("dispatcher", "POST", f"{stage.at}/approve")
    return stages


async def one_group_each(district: District) -> None:
    """The two teams of the district, each with time for one order at once."""
    async with district.house.database.transaction() as session:
        await bump(session, district.center.path)
        for team in (district.team, district.other_team):
            (await session.get_one(Team, team.id)).capacity = 1


async def retire(district: District, *teams: Team) -> None:
    async with district.house.database.transaction() as session:
        await bump(session, district.center.path)
        for team in teams:
            (await session.get_one(Team, team.id)).active = False


def window(hours: float, start: datetime = SATURDAY_9) -> dict[str, str]:
    return {"start": start.isoformat(), "end": (start + timedelta(hours=hours)).isoformat()}


async def test_a_plan_is_looked_at_and_then_offered(client: httpx.AsyncClient, district: District) -> None:
    await one_group_each(district)
    stages = await approved(client, district, 2, window=window(2))
    made = await plan(stages[0])
    assert (made["orders"], made["served"], made["proven"], made["partial"]) == (2, 2, True, False)
    assert made["gap"] == 0
    assert made["objective"] == made["bound"]
    planned = await items(stages[0], made["id"])
    assert {one["team"]["id"] for one in planned} == {str(district.team.id), str(district.other_team.id)}
    assert [one["starts_at"] is not None and one["score"] > 0 for one in planned] == [True, True]
    assert [one["changed"] for one in planned].count(True) == made["changed"] == 1
    assert {(await stage.row()).status for stage in stages} == {OrderStatus.APPROVED}, (
        "nothing is offered yet"
    )
    done = await stages[0].do("dispatcher", "POST", f"/dispatch-plans/{made['id']}/apply")
    assert done["outcomes"] == [{"outcome": "offered", "text": "已派单", "orders": 2}]
    assert done["applied_at"] is not None
    assert {(await stage.row()).status for stage in stages} == {OrderStatus.OFFERED}
    async with district.house.database.transaction() as session:
        ids = [UUID(stage.order_id) for stage in stages]
        offers = list(await session.exec(visible(Offer, SYSTEM).where(col(Offer.order_id).in_(ids))))
    assert len(offers) == 2
    for offer in offers:
        check(offer.receipt)
        assert offer.receipt["plan_id"] == made["id"]
        assert offer.receipt["chosen"] == str(offer.team_id)


async def test_who_accepts_a_planned_offer_comes_at_the_planned_time(
    client: httpx.AsyncClient, district: District
) -> None:
    await one_group_each(district)
    await retire(district, district.other_team)
    stages = await approved(client, district, 2, window=window(4), duration_minutes=120)
    made = await plan(stages[0])
    assert made["served"] == 2, "one after the other"
    await stages[0].do("dispatcher", "POST", f"/dispatch-plans/{made['id']}/apply")
    for stage in stages:
        offers = await stage.do("leader", "GET", f"/offers?status=open&order_id={stage.order_id}")
        await stage.do("leader", "POST", f"/offers/{offers['items'][0]['id']}/accept", {})
    starts = sorted([(await stage.row()).schedule for stage in stages])
    assert starts[0][1] <= starts[1][0], "the team is not in two places at once"


async def test_the_only_able_team_is_kept_for_who_needs_it(
    client: httpx.AsyncClient, district: District
) -> None:
    """And from then on a single ranking knows what its time is worth."""
    await one_group_each(district)
    async with district.house.database.transaction() as session:
        await bump(session, district.center.path)
        item = await session.get_one(MenuItem, district.rescue.id)
        item.required_specialties, item.risk = ["electrician"], type(item.risk).NONE
        item.duration_minutes = 120
        until = SATURDAY_9.date() + timedelta(days=400)
        held = TeamSpecialty(team_id=district.team.id, specialty="electrician", level=3)
        held.proof_no, held.proof_until = "D-1", until
        session.add(held)
    anyone = (await approved(client, district, 1, window=window(2)))[0]
    only = (await approved(client, district, 1, window=window(2), menu_item_id=str(district.rescue.id)))[0]
    made = await plan(anyone)
    assert made["served"] == 2
    chosen = {one["order_id"]: one["team"]["id"] for one in await items(anyone, made["id"])}
    assert chosen == {
        anyone.order_id: str(district.other_team.id),
        only.order_id: str(district.team.id),
    }
    async with district.house.database.transaction() as session:
        meant = select(Reservation).where(Reservation.order_id == UUID(only.order_id))
        assert (await session.exec(meant)).one().permille >= 1000, "who needs it has nobody else"
        meant = select(Reservation).where(Reservation.order_id == UUID(anyone.order_id))
        assert (await session.exec(meant)).one().permille >= 1000, "and then nobody is left for the other"
    ranked = await anyone.do("dispatcher", "GET", f"{anyone.at}/matches")
    assert ranked["items"][0]["team"]["id"] == str(district.other_team.id)
    scarce = next(one for item in ranked["items"][1:] for one in item["factors"] if one["name"] == "scarcity")
    assert scarce["contribution"] < 0
    assert "紧缺" in scarce["reason"]


async def test_what_moved_meanwhile_is_skipped_and_said(
    client: httpx.AsyncClient, district: District
) -> None:
    stages = await approved(client, district, 4, window=window(8))
    made = await plan(stages[0])
    assert made["served"] == 4
    await stages[0].do("resident", "POST", f"{stages[0].at}/cancel", REASON)
    await stages[1].do("dispatcher", "POST", f"{stages[1].at}/dispatch", {"mode": "auto"})
    await stages[2].do("resident", "POST", f"{stages[2].at}/urge")
    planned = {one["order_id"]: one["team"]["id"] for one in await items(stages[0], made["id"])}
    async with district.house.database.transaction() as session:
        await bump(session, district.center.path)
        (await session.get_one(Team, UUID(planned[stages[3].order_id]))).active = False
    done = await stages[0].do("dispatcher", "POST", f"/dispatch-plans/{made['id']}/apply")
    assert {one["outcome"]: one["orders"] for one in done["outcomes"]} == {"moved": 3, "ineligible": 1}
    assert (await stages[3].row()).status is OrderStatus.APPROVED
    assert len(await items(stages[0], made["id"], "&outcome=moved")) == 3


async def test_two_who_apply_at_once_offer_each_order_once(
    client: httpx.AsyncClient, district: District
) -> None:
    stages = await approved(client, district, 3, window=window(8))
    made = await plan(stages[0])
    presses = [stages[0].do("dispatcher", "POST", f"/dispatch-plans/{made['id']}/apply") for _ in range(3)]
    await asyncio.gather(*presses)
    again = await stages[0].do("dispatcher", "POST", f"/dispatch-plans/{made['id']}/apply")
    assert again["outcomes"] == [{"outcome": "offered", "text": "已派单", "orders": 3}]
    async with district.house.database.transaction() as session:
        ids = [UUID(stage.order_id) for stage in stages]
        asked = visible(Offer, SYSTEM).where(col(Offer.order_id).in_(ids))
        assert [one.status for one in await session.exec(asked)] == [OfferStatus.OPEN] * 3


async def test_who_cannot_be_served_is_told_with_the_reason(
    client: httpx.AsyncClient, district: District
) -> None:
    await retire(district, district.team, district.other_team)
    stage = (await approved(client, district, 1))[0]
    retired = (await approved(client, district, 1))[0]
    async with district.house.database.transaction() as session:
        row = await session.get_one(Order, UUID(retired.order_id))
        row.required_specialties = ["alchemy"]
    made = await plan(stage)
    assert made["served"] == 0
    assert {one["reason"] for one in made["unserved"]} == {"no_team", "specialty_retired"}
    assert all(one["text"] for one in made["unserved"])
    assert len(await items(stage, made["id"], "&served=false")) == 2


async def test_an_empty_queue_is_an_empty_plan(client: httpx.AsyncClient, district: District) -> None:
    stage = Stage(client, district)
    made = await plan(stage)
    assert (made["orders"], made["served"], made["gap"], made["proven"]) == (0, 0, 0, True)
    done = await stage.do("dispatcher", "POST", f"/dispatch-plans/{made['id']}/apply")
    assert done["outcomes"] == []


async def test_a_plan_belongs_to_those_who_dispatch_there(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = (await approved(client, district, 1))[0]
    body = {"organisation_id": str(district.center.id)}
    for who, code in (("resident", 403), ("leader", 403)):
        assert (await stage.call(who, "POST", "/dispatch-plans", body)).status_code == code
    unknown = await stage.call("dispatcher", "POST", "/dispatch-plans", {"organisation_id": str(uuid4())})
    assert unknown.status_code == 404
    made = await plan(stage)
    for path in ("", "/items"):
        assert (await stage.call("resident", "GET", f"/dispatch-plans/{made['id']}{path}")).status_code == 404
    assert (await stage.call("leader", "POST", f"/dispatch-plans/{made['id']}/apply")).status_code == 404
    listed = await stage.do("dispatcher", "GET", "/dispatch-plans")
    assert made["id"] in {one["id"] for one in listed["items"]}
    assert (await stage.do("resident", "GET", "/dispatch-plans"))["items"] == []


async def test_the_same_press_again_is_the_same_plan(client: httpx.AsyncClient, district: District) -> None:
    stage = (await approved(client, district, 1))[0]
    key = {"Idempotency-Key": f"plan-{uuid4()}"}
    body = {"organisation_id": str(district.center.id)}
    headers = district.as_("dispatcher") | key
    answers = await asyncio.gather(
        *(client.post("/dispatch-plans", json=body, headers=headers) for _ in range(2))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    plan_id = answers[0].json()["id"]
    async with district.house.database.transaction() as session:
        mine = select(DispatchPlanItem).where(DispatchPlanItem.order_id == UUID(stage.order_id))
        assert {one.plan_id for one in await session.exec(mine)} == {UUID(plan_id)}
    other = {"organisation_id": str(district.office.id)}
    assert (await client.post("/dispatch-plans", json=other, headers=headers)).status_code == 422


async def test_what_is_promised_already_is_not_planned_over(
    client: httpx.AsyncClient, district: District
) -> None:
    await one_group_each(district)
    await retire(district, district.other_team)
    busy = await Stage(client, district).reach(OrderStatus.ACCEPTED)
    begin, end = (await busy.row()).schedule
    stage = (
        await approved(client, district, 1, window={"start": begin.isoformat(), "end": end.isoformat()})
    )[0]
    made = await plan(stage)
    assert made["served"] == 0
    assert [one["reason"] for one in made["unserved"]] == ["no_time"]


async def test_more_orders_than_a_plan_can_hold_are_refused_and_nothing_is_written(
    client: httpx.AsyncClient, district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    stages = await approved(client, district, 3)
    monkeypatch.setattr("app.services.queue.MOST_ORDERS", 2)
    body = {"organisation_id": str(district.center.id)}
    answer = await stages[0].call("dispatcher", "POST", "/dispatch-plans", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "plan_too_large")
    async with district.house.database.transaction() as session:
        mine = select(DispatchPlanItem).where(DispatchPlanItem.order_id == UUID(stages[0].order_id))
        assert (await session.exec(mine)).all() == []


@pytest.mark.parametrize(
    "planner",
    [
        ("/bin/sh", "-c", "exit 3"),
        ("/nonexistent/planner",),
        (sys.executable, "-c", "import time; time.sleep(600)"),
    ],
    ids=["fails", "is missing", "hangs"],
)
async def test_a_planner_that_gives_nothing_leaves_a_partial_plan_that_says_so(
    client: httpx.AsyncClient, district: District, monkeypatch: pytest.MonkeyPatch, planner: tuple[str, ...]
) -> None:
    monkeypatch.setattr("app.services.planning_process.START_SECONDS", 0.3)
    monkeypatch.setattr("app.services.dispatch_plans.solved", partial(solved, planner=planner))
    async with district.house.database.transaction() as session:
        await bump(session, district.center.path)
        center = await session.get_one(type(district.center), district.center.id)
        center.policy = {"planning": {"seconds": 0.1}}
    stage = (await approved(client, district, 1))[0]
    made = await plan(stage)
    assert (made["served"], made["partial"]) == (1, True)
    assert made["objective"] <= made["bound"]
