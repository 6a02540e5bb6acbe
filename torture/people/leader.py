"""Team leaders: two phones for one offer, and twenty for one order in the pool."""

from datetime import datetime
from typing import Any
from uuid import UUID

from torture.phone import Phone
from torture.scene import Scene

REASON = {"reason": "该时段已有其他安排"}
DONE = {"summary": "已完成全部清洁", "people_served": 1}
CALLS = 0.3
"""How often a leader looks whom to call about an order that the team has."""
CURIOUS = 0.2
"""How often about one that is over, or all but over: that is refused when it is."""


async def live(phone: Phone, scene: Scene, number: int) -> None:
    """One look at the offers, at the pool, and at what the team has taken on."""
    team = scene.leads[phone.person_id]
    await _answer(phone)
    await _grab(phone)
    page = await phone.get("/orders", status=["accepted", "in_service"], limit=20)
    for order in (page or {"items": []})["items"]:
        if order["team_id"] == str(team):
            if phone.chance.random() < CALLS:
                await phone.look(order["id"])
            await _care(phone, scene.members[team], order)
    if phone.chance.random() < CURIOUS:
        page = await phone.get("/orders", status=["delivered", "closed"], limit=5)
        for order in (page or {"items": []})["items"][:2]:
            await phone.look(order["id"])


async def _answer(phone: Phone) -> None:
    page = await phone.get("/offers", status="open", limit=10)
    for offer in (page or {"items": []})["items"]:
        order, offer_id = offer["order"], UUID(offer["id"])
        told = {"order_id": UUID(order["id"]), "subject": offer_id}
        if phone.chance.random() < 0.7:
            body = {"scheduled_start": order["window"]["start"]}
            await phone.post("accept", f"/offers/{offer_id}/accept", body, **told)
        elif phone.chance.random() < 0.6:
            await phone.post("decline", f"/offers/{offer_id}/decline", REASON, **told)


async def _grab(phone: Phone) -> None:
    page = await phone.get("/pool", limit=5)
    for order in (page or {"items": []})["items"][-2:]:
        body = {"scheduled_start": order["window"]["start"]}
        await phone.post("claim", f"/orders/{order['id']}/claim", body, order_id=UUID(order["id"]))


async def _care(phone: Phone, members: list[UUID], order: Any) -> None:
    chance, order_id = phone.chance, UUID(order["id"])
    at = f"/orders/{order_id}"
    if order["status"] == "accepted":
        if chance.random() < 0.06:
            await phone.post("release", f"{at}/release", REASON, order_id=order_id)
        elif chance.random() < 0.5:
            crew = chance.sample(members, min(2, len(members)))
            await phone.put(f"{at}/crew", {"members": [str(one) for one in crew]})
    elif _long_enough(phone, order) and chance.random() < 0.6:
        await phone.post("deliver", f"{at}/deliver", DONE, order_id=order_id)


def _long_enough(phone: Phone, order: Any) -> bool:
    return datetime.fromisoformat(order["scheduled"]["start"]) < phone.network.offset.now()
