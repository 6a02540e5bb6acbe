"""改期: another day for the weather, and a service that takes two visits."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from app import clock
from app.domain.lifecycle import OfferStatus, OrderStatus
from app.services.verify import verify
from tests.appointments import NO_SHOW, offers_of, run, stood_by
from tests.factories import SATURDAY_9, District
from tests.jobs.conftest import Reach
from tests.stages import DONE, RATING, Stage

HOUR, MONDAY_9 = timedelta(hours=1), SATURDAY_9 + timedelta(days=2)


def to(start: datetime, cause: str) -> dict[str, Any]:
    return {"scheduled_start": start.isoformat(), "cause": cause, "reason": "橙色预警"}


async def test_bad_weather_moves_the_day_and_keeps_both_teams(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = await stood_by(Stage(client, district))
    await stage.do("leader", "POST", f"{stage.at}/confirm")
    moved = await stage.do("leader", "POST", f"{stage.at}/postpone", to(MONDAY_9, "weather"))
    assert moved["scheduled"]["start"] == "2026-11-30T01:00:00Z"
    assert moved["window"] == {"start": "2026-11-28T01:00:00Z", "end": "2026-11-30T03:00:00Z"}
    order = await stage.row()
    assert (order.status, order.confirmed_at) == (OrderStatus.ACCEPTED, None)
    assert (await offers_of(stage))[district.other_team.id] == (OfferStatus.STANDBY, False)
    said = "改到新的时间：11月30日 09:00，天气原因：橙色预警"
    for who in ("resident", "volunteer", "other_leader"):
        newest = (await stage.do(who, "GET", "/me/inbox?limit=1"))["items"][0]["text"]
        assert newest.endswith(said), who
    assert await run(stage, NO_SHOW) == 0, "nobody is missed at the old time"
    assert (await stage.row()).team_id == district.team.id
    await run(stage, MONDAY_9 - 2 * HOUR)
    assert (await stage.row()).team_id == district.other_team.id, "unconfirmed, as for any time"


async def test_another_time_is_a_time_to_come(client: httpx.AsyncClient, district: District) -> None:
    stage = await Stage(client, district).reach(OrderStatus.ACCEPTED)
    for start, cause, code in (
        (SATURDAY_9 - timedelta(days=30), "weather", "window_in_past"),
        (SATURDAY_9 + timedelta(days=400), "weather", "window_too_far"),
        (MONDAY_9, "half_done", "service_not_begun"),
        (SATURDAY_9, "agreed", "illegal_move"),
    ):
        refused = await stage.call("leader", "POST", f"{stage.at}/postpone", to(start, cause))
        assert refused.json()["code"] == code


async def _leave_the_rest_to_others(stage: Stage) -> None:
    """Who served half gives the other half back, and what they served stays."""
    with clock.at(SATURDAY_9 + 3 * HOUR):
        await stage.do("leader", "POST", f"{stage.at}/postpone", to(MONDAY_9, "half_done"))
        await stage.do("leader", "POST", f"{stage.at}/release", {"reason": "队员生病"})
        body = {"mode": "team", "team_id": str(stage.district.other_team.id), "override_reason": "就近"}
        await stage.do("dispatcher", "POST", f"{stage.at}/dispatch", body)
        (offer,) = (await stage.do("other_leader", "GET", "/offers?status=open"))["items"]
        await stage.do("other_leader", "POST", f"/offers/{offer['id']}/accept", {})
        crew = {"members": [str(stage.district["outsider"].id)]}
        await stage.do("other_leader", "PUT", f"{stage.at}/crew", crew)
    assert len(await stage.do("dispatcher", "GET", f"{stage.at}/attendance")) == 1


async def test_half_done_comes_back_and_both_visits_count(reach: Reach) -> None:
    """One checks out an hour late, without signal, when the order has its new day already: his minutes stand."""
    stage = await reach(OrderStatus.ACCEPTED)
    first, second = uuid4(), uuid4()
    assert (await stage.stamp("check-in", SATURDAY_9, first)).is_success
    with clock.at(SATURDAY_9 + HOUR):
        await stage.do("leader", "POST", f"{stage.at}/postpone", to(MONDAY_9, "half_done"))
    assert (await stage.row()).status is OrderStatus.ACCEPTED
    with clock.at(SATURDAY_9 + 2 * HOUR):
        out = await stage.press("check-out", SATURDAY_9 + HOUR, first)
    assert out.json()["verified_minutes"] == 60
    assert (await stage.stamp("check-in", MONDAY_9, second)).is_success
    out = await stage.stamp("check-out", MONDAY_9 + HOUR, second)
    assert out.json()["verified_minutes"] == 60
    with clock.at(MONDAY_9 + HOUR):
        await stage.do("leader", "POST", f"{stage.at}/deliver", DONE)
        await stage.do("resident", "POST", f"{stage.at}/review", RATING)
        assert (await stage.do("volunteer", "GET", "/me/points"))["verified_minutes"] == 120
    await _leave_the_rest_to_others(await reach(OrderStatus.IN_SERVICE))
    assert await verify(stage.district.house.database) == []
