"""The same need told twice becomes one order, and neither caller is lost; and another window for one."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlmodel import col

from app.domain.lifecycle import OrderStatus
from app.house import House
from app.models.notification import Notification
from app.models.order import Order
from app.services.access import SYSTEM
from app.services.scope import visible
from tests.contract import told
from tests.factories import PLACE, SATURDAY_9, District, plant
from tests.stages import REASON, Stage

GRANDMOTHER = {"name": "秦奶奶", "phone": "13700000007", "relation": "neighbour", "consent": "verbal"}
HOUR = timedelta(hours=1)


def window(hours: float, length: float = 3) -> dict[str, Any]:
    start = SATURDAY_9 + hours * HOUR
    return {"window": {"start": start.isoformat(), "end": (start + length * HOUR).isoformat()}}


@pytest.fixture
def desk(client: httpx.AsyncClient, district: District) -> Stage:
    return Stage(client, district)


async def order(desk: Stage, who: str = "resident", **changes: Any) -> str:
    placed = await desk.do(who, "POST", "/orders", desk.district.order_body(**changes))
    return str(placed["id"])


async def merge(desk: Stage, one: str, into: str, who: str = "dispatcher") -> httpx.Response:
    return await desk.call(who, "POST", f"/orders/{one}/merge", {"into_id": into, "reason": "同一位老人"})


async def rows(desk: Stage) -> dict[str, Order]:
    async with desk.district.house.database.transaction() as session:
        found = visible(Order, SYSTEM).where(col(Order.org_path) == desk.district.station.path)
        return {str(row.id): row for row in await session.exec(found)}


async def notices(desk: Stage, who: str) -> list[tuple[str, str]]:
    """The kind, and the order shown, of every notice for one person."""
    async with desk.district.house.database.transaction() as session:
        mine = visible(Notification, SYSTEM).where(
            col(Notification.person_id) == desk.district[who].id, col(Notification.voided_at).is_(None)
        )
        found = await session.exec(mine.order_by(col(Notification.id)))
        return [(notice.kind, str(notice.order_id)) for notice in found]


async def test_a_neighbour_and_a_grid_worker_order_for_the_same_grandmother(desk: Stage) -> None:
    """Shown before approval with reasons; merged; both hear of the visit, neither sees the other's number."""
    first = await order(desk, "neighbour", beneficiary=GRANDMOTHER, detail="独居，擦窗拖地")
    contact = {"name": "网格员老周", "phone": "13600000006"}
    second = await order(
        desk,
        "resident",
        beneficiary=GRANDMOTHER | {"name": "秦阿婆"},
        contact=contact,
        detail="独居老人擦窗、拖地",
        **window(2),
    )
    elsewhere = {"location": {"lat": PLACE["lat"] + 0.05, "lon": PLACE["lon"]}}
    await order(desk, "stranger", contact={"name": "李", "phone": "13500000005"}, **elsewhere)
    found = (await desk.do("dispatcher", "GET", f"/orders/{second}/duplicates"))["items"]
    assert [one["order"]["id"] for one in found] == [first]
    assert found[0]["reasons"][:3] == ["同一服务对象", "期望时间重叠", "服务类别相同"]
    assert 0.8 < found[0]["score"] <= 1
    assert (await desk.do("dispatcher", "GET", f"/orders/{second}"))["possible_duplicates"] == 1
    assert (await desk.do("resident", "GET", f"/orders/{second}"))["possible_duplicates"] is None
    assert told(await desk.call("resident", "GET", f"/orders/{second}/duplicates")) == "403 forbidden"
    assert told(await desk.call("stranger", "GET", f"/orders/{second}/duplicates")) == "404 not_found"

    assert (await merge(desk, second, first)).is_success
    desk.order_id = first
    await desk.do("dispatcher", "POST", f"{desk.at}/approve")
    await desk.offer()
    await desk.do("leader", "POST", f"/offers/{desk.offer_id}/accept", {})
    kinds = [kind for kind, _ in await notices(desk, "resident")]
    assert kinds[:3] == ["merge", "approve", "accept"]
    assert {shown for _, shown in await notices(desk, "resident")} == {second}
    assert [kind for kind, _ in await notices(desk, "neighbour")][:2] == ["approve", "accept"]
    assert {shown for _, shown in await notices(desk, "neighbour")} == {first}
    mine = await desk.do("resident", "GET", f"/orders/{second}")
    assert mine["status_text"] == "已并入"
    assert mine["merged_into"]["status_text"] == "已接单"
    assert mine["merged_into"]["scheduled"] is not None
    assert mine["merged_into"]["order_id"] is None
    assert mine["contact"] == contact
    assert (await desk.do("dispatcher", "GET", f"/orders/{second}"))["merged_into"]["order_id"] == first
    assert told(await desk.call("resident", "GET", f"/orders/{first}")) == "404 not_found"
    await desk.do("leader", "POST", f"{desk.at}/release", {"reason": "队员生病", "cause": "team"})
    assert [kind for kind, _ in await notices(desk, "resident")][-1] == "release"
    await desk.do("neighbour", "POST", f"{desk.at}/cancel", REASON)
    assert (await notices(desk, "resident"))[-1] == ("cancel", second)
    assert (await notices(desk, "neighbour"))[-1][0] == "release", "who cancels knows"


async def test_what_may_not_be_merged(desk: Stage, house: House) -> None:
    one, other = await order(desk), await order(desk)
    assert told(await merge(desk, one, one)) == "422 merge_into_itself"
    assert told(await merge(desk, one, str(UUID(int=7)))) == "404 not_found"
    away = Stage(desk.client, await plant(house))
    theirs = await order(away)
    assert told(await merge(desk, one, theirs)) == "404 not_found"
    await desk.do("resident", "POST", f"/orders/{other}/cancel", REASON)
    assert told(await merge(desk, one, other)) == "409 merge_target_ended"
    assert told(await merge(desk, other, one)) == "409 illegal_move"
    third = await order(desk)
    assert (await merge(desk, one, third)).is_success
    assert told(await merge(desk, await order(desk), one)) == "409 merge_target_ended"
    fourth = await order(desk)
    assert (await merge(desk, third, fourth)).is_success
    assert {str((await rows(desk))[name].merged_into_id) for name in (one, third)} == {fourth}


async def test_two_who_merge_crosswise_make_no_circle_and_no_chain(desk: Stage) -> None:
    for _ in range(4):
        a, b, c = [await order(desk) for _ in range(3)]
        answers = await asyncio.gather(merge(desk, a, b), merge(desk, b, a), merge(desk, b, c))
        assert {answer.status_code for answer in answers} <= {200, 409}, [one.text for one in answers]
        now_are = await rows(desk)
        merged = [now_are[name] for name in (a, b, c) if now_are[name].status is OrderStatus.MERGED]
        assert merged
        for one in merged:
            assert now_are[str(one.merged_into_id)].status is OrderStatus.SUBMITTED


async def test_another_window_before_a_team_is_asked(desk: Stage) -> None:
    """The center's limit runs on, the notices are told, and the checks are those of placing."""
    await desk.reach(OrderStatus.APPROVED)
    before = await desk.row()
    later = {**window(24), **REASON}
    moved = await desk.do("resident", "POST", f"{desk.at}/reschedule", later)
    after = await desk.row()
    assert moved["window"]["start"] == (SATURDAY_9 + 24 * HOUR).isoformat().replace("+00:00", "Z")
    assert (after.due_at, after.status, after.version) == (before.due_at, before.status, before.version + 1)
    for bad, code in (
        (window(-200), "422 window_in_past"),
        (window(24 * 400), "422 window_too_far"),
        (window(0, 1), "422 window_too_short"),
        (window(0, -1), "422 window_reversed"),
    ):
        assert told(await desk.call("resident", "POST", f"{desk.at}/reschedule", {**bad, **REASON})) == code
    await desk.offer()
    assert told(await desk.call("resident", "POST", f"{desk.at}/reschedule", later)) == "409 illegal_move"
