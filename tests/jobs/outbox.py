"""A house with a WeChat of its own behind a socket, and people of whom some have agreed to be written to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
from pydantic import SecretStr
from sqlmodel import col, select

from app.clock import now
from app.domain.lifecycle import OrderStatus
from app.domain.policy import Urgency
from app.domain.templates import Template
from app.house import House
from app.jobs import deliver_notices
from app.models.base import new_id
from app.models.notification import Notification, Sending, Subscription
from app.models.order import Order
from app.models.person import Person
from app.services.access import SYSTEM
from app.services.scope import visible
from app.settings import Settings
from app.wechat.client import HttpWeChat
from tests.accounts import order_of, save
from tests.factories import District, plant
from tests.serving import serving
from tests.wechat.imitation import APPID, SECRET, Imitation


@dataclass
class Outbox:
    """Notices of one `order`, and what became of them."""

    house: House
    district: District
    wechat: Imitation
    order: Order
    url: str

    def elsewhere(self, house: House, url: str, http: httpx.AsyncClient) -> "Outbox":
        """The same, as the process that holds `house` sees it, which looks for WeChat at `url`."""
        wechat = HttpWeChat(APPID, SECRET, url, http)
        return replace(self, house=replace(house, wechat=wechat, settings=self.house.settings))

    async def person(self, openid: str | None = None, consents: int = 0, **known: Any) -> UUID:
        """Somebody new, with so many consents to hear of an order's progress."""
        person = Person(name="测试居民", wechat_openid=openid, **known)
        consented = Subscription(person_id=person.id, template=Template.PROGRESS, remaining=consents)
        await save(self.house, person)
        await save(self.house, consented)
        return person.id

    async def notice(self, person_id: UUID, kind: str = "approve", **columns: Any) -> UUID:
        at = columns.pop("due_at", now())
        row = Notification(
            person_id=person_id,
            order_id=columns.pop("order_id", self.order.id),
            kind=kind,
            data={"title": "家庭保洁", "reason": "", "audience": columns.pop("audience", "resident")},
            dedupe_key=new_id().hex,
            due_at=at,
            send_at=at,
            **columns,
        )
        await save(self.house, row)
        return row.id

    async def emergency(self) -> UUID:
        order = order_of(self.district, "resident", OrderStatus.APPROVED)
        order.urgency = Urgency.EMERGENCY
        await save(self.house, order)
        return order.id

    async def deliver(self, at: datetime | None = None, limit: int = 100) -> int:
        return await deliver_notices.run(self.house, at or now(), limit)

    async def row(self, notice_id: UUID) -> Notification:
        async with self.house.database.transaction() as session:
            found = visible(Notification, SYSTEM).where(Notification.id == notice_id)
            return (await session.exec(found)).one()

    async def attempts(self, notice_id: UUID) -> list[tuple[str, str, int]]:
        """Channel, outcome and number of each."""
        async with self.house.database.transaction() as session:
            found = visible(Sending, SYSTEM).where(Sending.notification_id == notice_id)
            rows = await session.exec(found.order_by(col(Sending.attempt)))
            return [(str(row.channel), str(row.outcome), row.attempt) for row in rows]

    async def remaining(self, person_id: UUID) -> int:
        async with self.house.database.transaction() as session:
            found = select(Subscription.remaining).where(Subscription.person_id == person_id)
            return (await session.exec(found)).one()


def told_to_use(settings: Settings, **changes: Any) -> Settings:
    templates = {"progress": "t-progress", "visit": "t-visit", "offer": "t-offer", "desk": "t-desk"}
    ours = {"wechat": "http", "wechat_appid": APPID, "wechat_secret": SecretStr(SECRET)}
    known = settings.model_dump() | ours | {"wechat_templates": templates} | changes
    return Settings(
        DATABASE_URL=settings.database_url, **{k: v for k, v in known.items() if k != "database_url"}
    )


@asynccontextmanager
async def outbox(house: House, **changes: Any) -> AsyncIterator[Outbox]:
    """Everything planted and WeChat listening; `changes` are settings."""
    wechat = Imitation()
    district = await plant(house)
    order = order_of(district, "resident", OrderStatus.APPROVED)
    await save(house, order)
    async with serving(wechat.app) as url, httpx.AsyncClient(trust_env=False) as http:
        settings = told_to_use(house.settings, wechat_page="pages/order?id={order_id}", **changes)
        there = Outbox(replace(house, settings=settings), district, wechat, order, url)
        yield there.elsewhere(house, url, http)
