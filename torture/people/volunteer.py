"""Volunteers: 签到 and 签退, often sent late, and more than once under keys of their own."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from torture.phone import Phone, Stay
from torture.scene import PLACE, Scene

MINUTE = timedelta(minutes=1)
STAY = timedelta(minutes=31)
UPLOADED_LATE = 0.4
CALLS = 0.3
"""How often somebody looks where to go before going there."""
PRESSED_TWICE = 0.3
"""Whoever was without signal presses twice in any case."""


async def live(phone: Phone, scene: Scene, number: int) -> None:
    """One look at one's tasks; whoever has checked in has the check-out ready for later."""
    page = await phone.get("/tasks", limit=10)
    for order in (page or {"items": []})["items"]:
        if order["id"] not in phone.stays:
            if phone.chance.random() < CALLS:
                await phone.look(order["id"])
            await _arrive(phone, order)
    for order_id, stay in list(phone.stays.items()):
        if not stay.over:
            await _leave(phone, UUID(order_id), stay)


async def _arrive(phone: Phone, order: Any) -> None:
    order_id, client_id = UUID(order["id"]), uuid4()
    start = datetime.fromisoformat(order["scheduled"]["start"])
    at = min(start + MINUTE, phone.network.offset.now())
    told = {"order_id": order_id, "subject": client_id}
    if await phone.post("check-in", f"/orders/{order_id}/check-in", _stamp(client_id, at), **told):
        late = phone.chance.random() < UPLOADED_LATE
        phone.stays[order["id"]] = Stay(client_id, at + STAY, late)


async def _leave(phone: Phone, order_id: UUID, stay: Stay) -> None:
    if stay.late:
        order = await phone.get(f"/orders/{order_id}")
        if order is None or order["status"] != "closed":
            return
    stay.over = True
    told = {"order_id": order_id, "subject": stay.client_id}
    for _ in range(2 if stay.late or phone.chance.random() < PRESSED_TWICE else 1):
        stamp = _stamp(stay.client_id, stay.leaves_at)
        await phone.post("check-out", f"/orders/{order_id}/check-out", stamp, **told)


def _stamp(client_id: UUID, at: datetime) -> dict[str, Any]:
    return {"client_id": str(client_id), "at": at.isoformat(), "location": dict(PLACE), "accuracy_m": 10}
