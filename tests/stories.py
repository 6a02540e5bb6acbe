"""A center at work, told through HTTP: an order in every state, for tests that look at the whole database."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx

from app import clock
from app.house import House
from app.services import feed
from tests.center import spam_policy
from tests.factories import PLACE, SATURDAY_9, District, plant

RATING = {"timeliness": 5, "attitude": 5, "quality": 4, "resolution": 5, "comment": "很干净"}
REASON = {"reason": "家里临时有事"}


@dataclass
class Story:
    """A center at work: an order in every state, by the name of the state, and some that came back."""

    district: District
    client: httpx.AsyncClient
    orders: dict[str, str]

    async def call(self, name: str, method: str, path: str, body: Any = None) -> Any:
        headers = self.district.as_(name, key=uuid4().hex)
        answer = await self.client.request(method, path, json=body, headers=headers)
        assert answer.is_success, f"{method} {path}: {answer.text}"
        return answer.json()

    async def placed(self, name: str, by: str = "resident", **changes: Any) -> str:
        order = await self.call(by, "POST", "/orders", self.district.order_body(**changes))
        self.orders[name] = UUID(order["id"]).hex
        return f"/orders/{order['id']}"

    async def approved(self, name: str, **changes: Any) -> str:
        at = await self.placed(name, **changes)
        await self.call("dispatcher", "POST", f"{at}/approve")
        return at

    async def offered(self, name: str, **changes: Any) -> str:
        at = await self.approved(name, **changes)
        dispatch = {"mode": "team", "team_id": str(self.district.team.id), "override_reason": "居民点名"}
        await self.call("dispatcher", "POST", f"{at}/dispatch", dispatch)
        return at

    async def answer(self, name: str, verb: str, body: Any) -> None:
        order_id = UUID(self.orders[name])
        page = await self.call("leader", "GET", f"/offers?status=open&order_id={order_id}")
        await self.call("leader", "POST", f"/offers/{page['items'][0]['id']}/{verb}", body)

    async def accepted(self, name: str, **changes: Any) -> str:
        at = await self.offered(name, **changes)
        await self.answer(name, "accept", {})
        crew = [str(self.district[member].id) for member in ("volunteer", "helper")]
        await self.call("leader", "PUT", f"{at}/crew", {"members": crew})
        return at

    async def served(self, name: str, **changes: Any) -> str:
        """One of the crew proves 120 minutes, the other is declared 60."""
        at = await self.accepted(name, **changes)
        stamp = {"client_id": str(uuid4()), "location": PLACE, "accuracy_m": 20}
        for verb, hours in (("check-in", 0), ("check-out", 2)):
            moment = SATURDAY_9 + timedelta(hours=hours)
            with clock.at(moment):
                await self.call("volunteer", "POST", f"{at}/{verb}", {**stamp, "at": moment.isoformat()})
        word = {"person_id": str(self.district["helper"].id), "minutes": 60, "reason": "手机没电"}
        await self.call("leader", "POST", f"{at}/attendance", word)
        return at

    async def delivered(self, name: str, **changes: Any) -> str:
        at = await self.served(name, **changes)
        await self.call("leader", "POST", f"{at}/deliver", {"summary": "已打扫干净", "people_served": 1})
        return at

    async def closed(self, name: str, **changes: Any) -> str:
        at = await self.delivered(name, **changes)
        await self.call("resident", "POST", f"{at}/review", RATING)
        return at


async def tell(house: House, client: httpx.AsyncClient) -> Story:
    """An order in every state, all events placed; one reopened, one declined and then offered to the pool; a second
    center; and a team that shall not come again.
    """
    told = Story(await plant(house), client, {})
    await spam_policy(client, told.district, orders_a_day=1000)
    department = {
        "parent_id": str(told.district.center.id),
        "code": "health",
        "name": "卫健局",
        "level": "department",
    }
    await told.call("admin", "POST", "/orgs", {**department, "duties": ["care"], "location": PLACE})
    await told.placed("submitted")
    beneficiary = {"name": "秦奶奶", "kind": "独居老人", "relation": "family", "consent": "verbal"}
    kept = await told.approved("approved", beneficiary=beneficiary)
    at = await told.placed("merged")
    await told.call("dispatcher", "POST", f"{at}/merge", {**REASON, "into_id": kept.removeprefix("/orders/")})
    await told.offered("offered")
    at = await told.offered("pooled")
    await told.answer("pooled", "decline", REASON)
    await told.call("dispatcher", "POST", f"{at}/dispatch", {"mode": "pool"})
    await told.accepted("accepted")
    await told.served("in_service")
    await told.delivered("delivered")
    await told.closed("closed")
    await told.closed("other_closed", beneficiary=beneficiary)
    at = await told.closed("reopened")
    await told.call("dispatcher", "POST", f"{at}/reopen", REASON)
    at = await told.accepted("cancelled")
    await told.call("resident", "POST", f"{at}/cancel", REASON)
    at = await told.placed("rejected")
    await told.call("dispatcher", "POST", f"{at}/reject", REASON)
    at = await told.approved("unmet")
    for _ in range(2):
        await told.call("dispatcher", "POST", f"{at}/escalate", REASON)
    await told.call("dispatcher", "POST", f"{at}/report", {"can_help": False, "note": "本部门没有护工"})
    await told.call("dispatcher", "POST", f"{at}/give-up", REASON)
    block = {"team_id": str(told.district.other_team.id), "reason": "居民不愿再见"}
    await told.call("dispatcher", "POST", f"{at}/blocks", block)
    other = await plant(house)
    told.orders["other_center"] = other.center.id.hex
    await feed.place_all(house.database)
    return told
