"""The story that the house exists for: one order travels from 点单 to 积分."""

from datetime import timedelta
from typing import Any

import httpx

from app import clock
from tests.factories import NOW, PLACE, SATURDAY_9, District

STAY = {"client_id": "0192f3c0-0000-7000-8000-00000000000a", "location": PLACE, "accuracy_m": 20}


async def ok(response: httpx.Response, status: int = 200) -> Any:
    """The JSON of an answer that went well; the whole answer is shown when it did not."""
    assert response.status_code == status, response.text
    return response.json()


async def test_an_order_travels_from_a_resident_to_points(
    client: httpx.AsyncClient, district: District
) -> None:
    as_ = district.as_
    placed = await ok(await client.post("/orders", json=district.order_body(), headers=as_("resident")), 201)
    assert placed["status"] == "submitted"
    at = f"/orders/{placed['id']}"
    assert await ok(await client.get(at, headers=as_("resident"))) == placed

    approved = await ok(await client.post(f"{at}/approve", headers=as_("dispatcher")))
    assert approved["status_text"] == "待派单"
    matches = await ok(await client.get(f"{at}/matches", headers=as_("dispatcher")))
    assert [item["team"]["name"] for item in matches["items"]] == ["巧手便民队", "邻里帮扶队"]
    assert matches["considered"] == 2
    assert all(factor["reason"] for factor in matches["items"][0]["factors"])
    await ok(await client.post(f"{at}/dispatch", json={"mode": "auto"}, headers=as_("dispatcher")))

    offer = (await ok(await client.get("/offers?status=open", headers=as_("leader"))))["items"][0]
    assert offer["order"]["title"] == "家庭保洁"
    before = await ok(await client.get(at, headers=as_("leader")))
    assert before["contact"] is before["address"] is before["location"] is None
    accepted = await ok(await client.post(f"/offers/{offer['id']}/accept", json={}, headers=as_("leader")))
    assert (accepted["contact"]["phone"], accepted["address"]) == ("138****0001", "松岭社区")

    crew = {"members": [str(district["volunteer"].id), str(district["helper"].id)]}
    await ok(await client.put(f"{at}/crew", json=crew, headers=as_("leader")))
    tasks = await ok(await client.get("/tasks", headers=as_("volunteer")))
    assert [task["id"] for task in tasks["items"]] == [placed["id"]]
    why = {"reason": "出发前联系，按地址上门"}
    told = await ok(await client.post(f"{at}/reveal", json=why, headers=as_("volunteer")))
    assert (told["contact"]["phone"], told["address"]) == ("13800000001", "松岭社区3栋201")

    with clock.at(SATURDAY_9):
        stamp = {**STAY, "at": SATURDAY_9.isoformat()}
        await ok(await client.post(f"{at}/check-in", json=stamp, headers=as_("volunteer")))
        assert (await ok(await client.get(at, headers=as_("resident"))))["status"] == "in_service"
    end = SATURDAY_9 + timedelta(hours=2)
    with clock.at(end):
        stamp = {**STAY, "at": end.isoformat()}
        stay = await ok(await client.post(f"{at}/check-out", json=stamp, headers=as_("volunteer")))
        assert (stay["verified_minutes"], stay["declared_minutes"], stay["marks"]) == (120, 0, [])
        declared = {"person_id": str(district["helper"].id), "minutes": 60, "reason": "手机没电，忘记签到"}
        await ok(await client.post(f"{at}/attendance", json=declared, headers=as_("leader")), 201)
        done = {"summary": "窗户、地面已清洁", "people_served": 1}
        await ok(await client.post(f"{at}/deliver", json=done, headers=as_("leader")))
        rating = {"timeliness": 5, "attitude": 5, "quality": 4, "resolution": 5, "comment": "很干净"}
        closed = await ok(await client.post(f"{at}/review", json=rating, headers=as_("resident")))
    assert closed["status"] == "closed"
    volunteer = await ok(await client.get("/me/points", headers=as_("volunteer")))
    helper = await ok(await client.get("/me/points", headers=as_("helper")))
    assert [held["balance"] for held in volunteer["balances"]] == [25]
    assert [held["balance"] for held in helper["balances"]] == [10]

    events = await ok(await client.get(f"{at}/events", headers=as_("dispatcher")))
    assert [event["action"] for event in events] == [
        *("submit", "approve", "automate", "dispatch", "accept", "name_crew", "start", "deliver", "review"),
    ]
    assert [event["seq"] for event in events] == list(range(1, 10))
    with clock.at(end):
        inbox = await ok(await client.get("/me/inbox", headers=as_("resident")))
    texts = [notice["text"] for notice in inbox["items"]]
    assert "“家庭保洁”约在11月28日 09:00，请留人在家" in texts, "said the day before"
    assert "“家庭保洁”已服务完毕，请您评价" in texts
    assert NOW < SATURDAY_9
