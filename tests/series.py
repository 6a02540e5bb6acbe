"""Recurring orders told through HTTP, and the clock that places their orders."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx
from sqlmodel import col

from app import clock
from app.house import House
from app.jobs import make_recurring
from app.models.order import Order
from app.services.access import SYSTEM
from app.services.scope import visible
from tests.factories import NOW, District
from tests.stages import Stage

THURSDAY = datetime.fromisoformat("2026-11-26T14:00:00+08:00")
WEEK = timedelta(weeks=1)
EIGHT_THURSDAYS: dict[str, Any] = {
    "rule": "FREQ=WEEKLY;BYDAY=TH;COUNT=8",
    "first_start": "2026-11-26T14:00:00",
    "window_minutes": 180,
}


class Series(Stage):
    """One recurring order; `order_id` is that of the order looked at last."""

    def __init__(self, client: httpx.AsyncClient, district: District) -> None:
        super().__init__(client, district)
        self.series_id = ""

    @property
    def on(self) -> str:
        return f"/recurring-orders/{self.series_id}"

    def body(self, **changes: Any) -> dict[str, Any]:
        return self.district.order_body(**{"window": ..., **EIGHT_THURSDAYS, **changes})

    async def ask(self, who: str = "resident", **changes: Any) -> dict[str, Any]:
        told: dict[str, Any] = await self.do(who, "POST", "/recurring-orders", self.body(**changes))
        self.series_id = told["id"]
        return told

    async def begin(self, **changes: Any) -> "Series":
        """Asked for and approved."""
        await self.ask(**changes)
        await self.do("dispatcher", "POST", f"{self.on}/approve")
        return self

    async def put(
        self, occurs_at: datetime, moved_to: datetime | None, who: str = "resident"
    ) -> httpx.Response:
        body = {"moved_to": moved_to and moved_to.isoformat(), "reason": "要去医院复查"}
        return await self.call(who, "PUT", f"{self.on}/exceptions/{quote(occurs_at.isoformat())}", body)

    async def show(self, who: str = "resident") -> dict[str, Any]:
        told: dict[str, Any] = await self.do(who, "GET", self.on)
        return told

    async def orders(self) -> list[Order]:
        """As they stand in the database, by the times they stand for."""
        async with self.district.house.database.transaction() as session:
            found = visible(Order, SYSTEM).where(col(Order.recurring_id) == UUID(self.series_id))
            return list(await session.exec(found.order_by(col(Order.occurs_at))))


async def tick(house: House, at: datetime = NOW) -> int:
    """One look of the clock."""
    with clock.at(at):
        return await make_recurring.run(house, at)
