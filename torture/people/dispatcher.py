"""Dispatchers: several of them work on one queue, and so against each other."""

from typing import Any
from uuid import UUID

from torture.phone import Phone
from torture.scene import Scene

REASON = {"reason": "调度需要"}
AT_ONCE = 4
CALLS = 0.1
"""How often somebody is called about an order first."""


async def live(phone: Phone, scene: Scene, number: int) -> None:
    """One look at the queue, in an order of one's own."""
    statuses = ["submitted", "approved"]
    if phone.chance.random() < 0.15:
        statuses = ["offered", "pooled", "accepted", "closed"]
    page = await phone.get("/orders", status=statuses, limit=60)
    if page is None:
        return
    queue = page["items"]
    phone.chance.shuffle(queue)
    for order in queue[:AT_ONCE]:
        if phone.chance.random() < CALLS:
            await phone.look(order["id"])
        await _handle(phone, scene, order)


async def _handle(phone: Phone, scene: Scene, order: Any) -> None:
    chance = phone.chance
    match order["status"]:
        case "submitted":
            await _do(phone, order, *(("reject", REASON) if chance.random() < 0.05 else ("approve", None)))
        case "approved":
            await _dispatch(phone, scene, order)
        case "offered" | "pooled" if chance.random() < 0.4:
            await _do(phone, order, "recall", REASON)
        case "accepted" if chance.random() < 0.3:
            await _do(
                phone, order, "reassign", {"team_id": str(chance.choice(list(scene.members))), **REASON}
            )
        case "closed" if chance.random() < 0.1:
            await _do(phone, order, "reopen", REASON)


async def _dispatch(phone: Phone, scene: Scene, order: Any) -> None:
    chance = phone.chance
    way = chance.random()
    if way < 0.4:
        team = str(chance.choice(list(scene.members)))
        await _do(phone, order, "dispatch", {"mode": "team", "team_id": team, "override_reason": "居民点名"})
    elif way < 0.6:
        await _do(phone, order, "dispatch", {"mode": "auto"})
    elif way < 0.93:
        await _do(phone, order, "dispatch", {"mode": "pool"})
    elif order["escalated"] and way > 0.97:
        await _do(phone, order, "give-up", REASON)
    else:
        await _do(phone, order, "escalate", REASON)


async def _do(phone: Phone, order: Any, verb: str, body: Any) -> None:
    await phone.post(verb, f"/orders/{order['id']}/{verb}", body, order_id=UUID(order["id"]))
