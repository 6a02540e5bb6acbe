"""Residents: 点单, 催单, 取消, 评单."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from torture.phone import Phone
from torture.scene import PLACE, Scene

BEGAN = timedelta(minutes=50)
"""A window may have opened up to an hour ago: so a service can be proven while the run lasts."""
OPEN_FOR = timedelta(hours=40)
MOST_LIVE = 3
BEFORE_SERVICE = {"submitted", "approved", "offered", "pooled", "accepted"}
REASON = {"reason": "情况有变"}


async def live(phone: Phone, scene: Scene, number: int) -> None:
    """One look at one's own orders, and what follows from it."""
    chance = phone.chance
    page = await phone.get("/orders", mine="true", limit=20)
    if page is None:
        return
    mine = page["items"]
    for order in mine:
        if order["status"] == "delivered" and chance.random() < 0.5:
            await _review(phone, order)
    waiting = [order for order in mine if order["status"] in BEFORE_SERVICE]
    if waiting and chance.random() < 0.15:
        order = chance.choice(waiting)
        verb = "urge" if chance.random() < 0.6 else "cancel"
        body = REASON if verb == "cancel" else None
        await phone.post(verb, f"/orders/{order['id']}/{verb}", body, order_id=UUID(order["id"]))
    if len(waiting) < MOST_LIVE:
        await phone.post("place", "/orders", _wish(phone, scene, number))


async def _review(phone: Phone, order: Any) -> None:
    stars = {name: phone.chance.randint(1, 5) for name in ("timeliness", "attitude", "quality", "resolution")}
    await phone.post("review", f"/orders/{order['id']}/review", stars, order_id=UUID(order["id"]))


def _wish(phone: Phone, scene: Scene, number: int) -> dict[str, Any]:
    chance, at = phone.chance, phone.network.offset.now()
    start = at - BEGAN + timedelta(minutes=chance.randint(0, 20))
    urgency = chance.choices(["normal", "urgent", "emergency"], [6, 2, 1])[0]
    return {
        "organisation_id": str(chance.choice(scene.stations)),
        "menu_item_id": str(scene.item),
        "title": f"保洁{number}-{chance.randrange(10**8):08d}",
        "urgency": urgency,
        "window": {"start": start.isoformat(), "end": (start + OPEN_FOR).isoformat()},
        "address": f"松岭社区{number}号",
        "location": dict(PLACE),
        "contact": {"name": "居民", "phone": "13800000001"},
    }
