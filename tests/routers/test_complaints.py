"""What people are not content with: heard in time, done again, and asked after."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from app import clock
from app.domain.lifecycle import OrderStatus
from tests.factories import NOW, District
from tests.stages import DONE, RATING, REASON, Stage

WORDS = {"reason": "厨房没有打扫"}
GRANDMOTHER = {"name": "秦奶奶", "relation": "neighbour", "consent": "verbal"}
DAY = timedelta(days=1)


@pytest.fixture
async def closed(client: httpx.AsyncClient, district: District) -> Stage:
    return await Stage(client, district).reach(OrderStatus.CLOSED)


async def listed(stage: Stage, path: str, at: datetime = NOW) -> list[dict[str, Any]]:
    with clock.at(at):
        found: list[dict[str, Any]] = (await stage.do("dispatcher", "GET", path))["items"]
    return found


async def test_a_complaint_is_answered_by_doing_it_again(closed: Stage) -> None:
    stage = closed
    complaint = await stage.do("resident", "POST", f"{stage.at}/complain", WORDS)
    assert datetime.fromisoformat(complaint["due_at"]) == NOW + 2 * DAY
    assert await listed(stage, "/complaints?overdue=true", NOW + DAY) == []
    (late,) = await listed(stage, "/complaints?overdue=true", NOW + 3 * DAY)
    assert (late["id"], late["overdue"]) == (complaint["id"], True)
    path, again = f"/complaints/{complaint['id']}/answer", {"answer": "明天上午补做", "reopen": True}
    for who in ("resident", "leader", "supervisor"):
        assert (await stage.call(who, "POST", path, again)).status_code in (403, 404)
    answers = await asyncio.gather(*(stage.call("dispatcher", "POST", path, again) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert (await stage.row()).status is OrderStatus.IN_SERVICE
    await stage.do("leader", "POST", f"{stage.at}/deliver", DONE)
    await stage.do("resident", "POST", f"{stage.at}/review", RATING)
    assert (await stage.row()).status is OrderStatus.CLOSED
    (mine,) = (await stage.do("resident", "GET", "/complaints?answered=true"))["items"]
    assert (mine["reopened"], mine["answer"], mine["overdue"]) == (True, "明天上午补做", False)


async def test_one_complaint_at_a_time_and_in_time(closed: Stage) -> None:
    stage = closed
    calls = [stage.call("resident", "POST", f"{stage.at}/complain", WORDS) for _ in range(3)]
    answers = await asyncio.gather(*calls)
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"complaint_open"}
    (complaint,) = await listed(stage, f"/complaints?order_id={stage.order_id}")
    by_words = {"answer": "已电话致歉", "reopen": False}
    await stage.do("dispatcher", "POST", f"/complaints/{complaint['id']}/answer", by_words)
    newest = (await stage.do("resident", "GET", "/me/inbox?limit=1"))["items"][0]["text"]
    assert newest == "您反映的“家庭保洁”已有答复：已电话致歉"
    assert (await stage.row()).status is OrderStatus.CLOSED
    with clock.at(NOW + 30 * DAY):
        late = await stage.call("resident", "POST", f"{stage.at}/complain", WORDS)
    assert (late.status_code, late.json()["code"]) == (409, "complaint_too_late")


async def test_who_was_ordered_for_is_asked_and_who_is_not_content_has_complained(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = Stage(client, district)
    await stage.place(beneficiary=GRANDMOTHER)
    order_id = stage.order_id
    await stage.do("dispatcher", "POST", f"{stage.at}/approve")
    await stage.offer()
    await stage.do("leader", "POST", f"/offers/{stage.offer_id}/accept", {})
    await stage.name_crew()
    await stage.serve()
    await stage.do("leader", "POST", f"{stage.at}/deliver", DONE)
    await stage.close()
    (owed,) = await listed(stage, "/follow-ups?done=false")
    assert (owed["order_id"], owed["cause"], owed["overdue"]) == (order_id, "on_behalf", False)
    assert [one["id"] for one in await listed(stage, "/follow-ups?overdue=true", NOW + 4 * DAY)] == [
        owed["id"]
    ]
    path = f"/follow-ups/{owed['id']}/record"
    said = {"way": "phone", "satisfied": False, "note": "窗户没有擦完"}
    assert (await stage.call("leader", "POST", path, said)).status_code == 404
    answers = await asyncio.gather(*(stage.call("dispatcher", "POST", path, said) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    (complaint,) = await listed(stage, "/complaints?answered=false")
    assert complaint["words"] == "窗户没有擦完"
    assert await listed(stage, "/follow-ups?done=false") == []


async def test_two_stars_are_asked_after_and_five_are_not(closed: Stage) -> None:
    assert await listed(closed, "/follow-ups") == []
    stage = await Stage(closed.client, closed.district).reach(OrderStatus.DELIVERED)
    await stage.do("resident", "POST", f"{stage.at}/review", {**RATING, "attitude": 2})
    (owed,) = await listed(stage, "/follow-ups")
    assert owed["cause"] == "low_rating"
    content = {"way": "visit", "satisfied": True, "note": ""}
    await stage.do("dispatcher", "POST", f"/follow-ups/{owed['id']}/record", content)
    assert await listed(stage, "/complaints") == []
    await stage.do("dispatcher", "POST", f"{stage.at}/reopen", REASON)
    await stage.do("leader", "POST", f"{stage.at}/deliver", DONE)
    await stage.do("resident", "POST", f"{stage.at}/review", {**RATING, "quality": 1})
    (again,) = await listed(stage, "/follow-ups?done=false")
    assert again["id"] == owed["id"], "asked once more, after it was done once more"
