"""Brings an order into any state the way people would, so that a test can begin where its story does."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx

from app import clock
from app.domain.lifecycle import OrderStatus
from app.models.order import Order
from app.services import closing
from app.services.access import SYSTEM
from app.services.scope import visible
from tests.factories import PLACE, SATURDAY_9, District

RATING = {"timeliness": 5, "attitude": 5, "quality": 5, "resolution": 5}
REASON = {"reason": "情况有变"}
WHY = {"reason": "出发前联系，按地址上门"}
DONE = {"summary": "已完成全部清洁", "people_served": 1}


class Stage:
    """One order of `district` and the people who move it. Every step asserts that it went well."""

    def __init__(self, client: httpx.AsyncClient, district: District) -> None:
        self.client = client
        self.district = district
        self.order_id = ""
        self.offer_id = str(uuid4())

    @property
    def at(self) -> str:
        return f"/orders/{self.order_id}"

    async def call(self, who: str, method: str, path: str, body: Any = None) -> httpx.Response:
        return await self.client.request(method, path, json=body, headers=self.district.as_(who))

    async def do(self, who: str, method: str, path: str, body: Any = None) -> Any:
        answer = await self.call(who, method, path, body)
        assert answer.is_success, answer.text
        return answer.json()

    async def place(self, **changes: Any) -> str:
        placed = await self.do("resident", "POST", "/orders", self.district.order_body(**changes))
        self.order_id = placed["id"]
        return self.order_id

    async def offer(self) -> None:
        """To the leader's team, whether or not it is the first recommendation."""
        body = {"mode": "team", "team_id": str(self.district.team.id), "override_reason": "居民熟悉这支队伍"}
        await self.do("dispatcher", "POST", f"{self.at}/dispatch", body)
        offers = await self.do("leader", "GET", f"/offers?status=open&order_id={self.order_id}")
        self.offer_id = offers["items"][0]["id"]

    async def reveal(self, who: str) -> Any:
        """Who and where, whole, as those ask for it who go there or call."""
        return await self.do(who, "POST", f"{self.at}/reveal", WHY)

    async def name_crew(self) -> None:
        members = {"members": [str(self.district["volunteer"].id)]}
        await self.do("leader", "PUT", f"{self.at}/crew", members)

    async def stamp(self, kind: str, at: datetime, client_id: UUID, who: str = "volunteer") -> httpx.Response:
        """One press, sent at once; for several at the same time hold the clock around them and `press`."""
        with clock.at(at):
            return await self.press(kind, at, client_id, who)

    async def press(self, kind: str, at: datetime, client_id: UUID, who: str = "volunteer") -> httpx.Response:
        body = {"client_id": str(client_id), "at": at.isoformat(), "location": PLACE, "accuracy_m": 10}
        return await self.call(who, "POST", f"{self.at}/{kind}", body)

    async def serve(self) -> None:
        stay = uuid4()
        assert (await self.stamp("check-in", SATURDAY_9, stay)).is_success
        assert (await self.stamp("check-out", SATURDAY_9 + timedelta(hours=2), stay)).is_success

    async def reach(self, status: OrderStatus) -> "Stage":
        """A fresh order in `status`."""
        await self.place()
        if status is OrderStatus.SUBMITTED:
            return self
        if status is OrderStatus.REJECTED:
            await self.do("dispatcher", "POST", f"{self.at}/reject", REASON)
            return self
        if status is OrderStatus.CANCELLED:
            await self.do("resident", "POST", f"{self.at}/cancel", REASON)
            return self
        if status is OrderStatus.MERGED:
            other = await self.do("resident", "POST", "/orders", self.district.order_body())
            await self.do("dispatcher", "POST", f"{self.at}/merge", {"into_id": other["id"], **REASON})
            return self
        await self.do("dispatcher", "POST", f"{self.at}/approve")
        if status is OrderStatus.APPROVED:
            return self
        if status is OrderStatus.UNMET:
            for _ in ("office", "center"):
                await self.do("dispatcher", "POST", f"{self.at}/escalate", REASON)
            await self.do("dispatcher", "POST", f"{self.at}/give-up", REASON)
            return self
        if status is OrderStatus.POOLED:
            await self.do("dispatcher", "POST", f"{self.at}/dispatch", {"mode": "pool"})
            return self
        await self.offer()
        if status is OrderStatus.OFFERED:
            return self
        await self.do("leader", "POST", f"/offers/{self.offer_id}/accept", {})
        await self.name_crew()
        if status is OrderStatus.ACCEPTED:
            return self
        await self.serve()
        if status is OrderStatus.IN_SERVICE:
            return self
        await self.do("leader", "POST", f"{self.at}/deliver", DONE)
        if status is OrderStatus.DELIVERED:
            return self
        await self.do("resident", "POST", f"{self.at}/review", RATING)
        assert status is OrderStatus.CLOSED
        return self

    async def row(self) -> Order:
        """The order as it stands in the database."""
        async with self.district.house.database.transaction() as session:
            found = visible(Order, SYSTEM).where(Order.id == UUID(self.order_id))
            return (await session.exec(found)).one()

    async def close(self) -> None:
        """What the clock does when no review came."""
        async with self.district.house.database.transaction() as session:
            found = visible(Order, SYSTEM).where(Order.id == UUID(self.order_id))
            await closing.close(session, SYSTEM, (await session.exec(found)).one())


class Standing:
    """An order in every state, for whoever is refused: made when first asked for, and changed by nobody."""

    def __init__(self, client: httpx.AsyncClient, district: District) -> None:
        self.client = client
        self.district = district
        self._made: dict[OrderStatus, Stage] = {}

    async def order(self, status: OrderStatus) -> Stage:
        if status not in self._made:
            self._made[status] = await Stage(self.client, self.district).reach(status)
        return self._made[status]
