"""Other systems hear everything in order, at least once, whatever they answer; and nobody hears for them."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col
from starlette.responses import RedirectResponse, Response

from app import clock
from app.domain.delivery import HOOK_BACKOFF
from app.domain.lifecycle import OrderStatus
from app.house import House
from app.jobs import call_webhooks
from app.models.notification import Notification
from app.models.webhook import Webhook
from app.services import feed, webhook_sending
from app.services.access import SYSTEM
from app.services.scope import visible
from app.webhooks import client
from app.webhooks.client import Hooks
from tests.accounts import save
from tests.conftest import client_of
from tests.factories import NOW, District, plant
from tests.serving import serving
from tests.stages import Stage
from tests.webhooks.receiver import Receiver, verified

SECRET = "whsec_demo"
PATH = ["submit", "approve"]


@dataclass
class Post:
    """A house that may call this machine, an order with its story, and a system that listens."""

    house: House
    district: District
    stage: Stage
    receiver: Receiver
    url: str

    async def webhook(self, **changes: Any) -> Webhook:
        station = self.district.station
        columns: dict[str, Any] = {
            "organisation_id": station.id,
            "org_path": station.path,
            "url": f"{self.url}/hook",
            "secret": SECRET,
            "made_by_id": self.district["admin"].id,
            "next_at": NOW,
        }
        row = Webhook(**columns | changes)
        await save(self.house, row)
        return row

    async def call(self, after: float = 0) -> int:
        """One round, so many seconds later."""
        at = NOW + timedelta(seconds=after)
        with clock.at(at):
            return await call_webhooks.run(self.house, at)

    async def row(self, hook: Webhook) -> Webhook:
        async with self.house.database.transaction() as session:
            return (await session.exec(visible(Webhook, SYSTEM).where(Webhook.id == hook.id))).one()

    @property
    def told(self) -> list[str]:
        return [body["action"] for body in self.receiver.heard]


@pytest.fixture
async def post(fresh_house: House) -> AsyncIterator[Post]:
    house = replace(fresh_house, hooks=Hooks(inside=True))
    district, receiver = await plant(house), Receiver()
    async with client_of(house) as http, serving(receiver.app) as url:
        stage = await Stage(http, district).reach(OrderStatus.APPROVED)
        await feed.place_all(house.database)
        yield Post(house, district, stage, receiver, url)


async def test_every_event_is_told_in_order_and_signed(post: Post) -> None:
    hook = await post.webhook()
    some = await post.webhook(actions=["approve"], url=f"{post.url}/hook?some")
    elsewhere = await post.webhook(org_path=f"{post.district.station.path}point/")
    assert await post.call() == 3
    assert sorted(post.told) == sorted([*PATH, "approve"])
    whole = [body for headers, body in post.receiver.calls]
    assert all(
        verified(headers["sidan-signature"], body, SECRET, NOW.timestamp())
        for headers, body in post.receiver.calls
    )
    first = next(json.loads(body) for body in whole if b'"submit"' in body)
    assert first == {
        "id": first["id"],
        "position": 1,
        "order_id": post.stage.order_id,
        "version": 1,
        "action": "submit",
        "from": None,
        "to": "submitted",
        "at": "2026-11-23T01:00:00+00:00",
        "organisation": post.district.station.path,
    }
    assert [(await post.row(one)).position for one in (hook, some, elsewhere)] == [2, 2, 2]
    assert await post.call(1) == 0
    assert not verified(
        post.receiver.calls[0][0]["sidan-signature"], whole[0] + b" ", SECRET, NOW.timestamp()
    )


async def test_what_it_does_not_take_holds_up_what_follows_and_nothing_is_lost(post: Post) -> None:
    hook, wait = await post.webhook(), 0
    post.receiver.planned.append(Response(status_code=500))
    assert await post.call() == 1
    row = await post.row(hook)
    assert (row.position, row.failures, row.failing_since, row.last_error) == (0, 1, NOW, "HTTP 500")
    for failures in (1, 2):
        assert await post.call(wait + HOOK_BACKOFF[failures - 1] - 1) == 0
        wait += HOOK_BACKOFF[failures - 1]
        post.receiver.planned.append(Response(status_code=503))
        assert await post.call(wait) == 1
        assert (await post.row(hook)).failures == failures + 1
    assert await post.call(wait + 60) == 1
    assert post.told == PATH
    row = await post.row(hook)
    assert (row.position, row.failures, row.failing_since, row.last_error) == (2, 0, None, "")


async def test_a_redirect_inside_and_a_silence_are_seen_and_hold_up_nobody_else(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "DEADLINE", 0.3)
    silent, other = Receiver(), await post.webhook(url=f"{post.url}/hook?other")
    silent.gate.clear()
    post.receiver.planned.append(RedirectResponse(f"{post.url}/inside", 302))
    async with serving(silent.app) as url:
        mute = await post.webhook(url=f"{url}/hook")
        assert await post.call() == 2
        assert await post.call(10) == 2
        silent.gate.set()
    assert post.told == PATH
    assert post.receiver.hidden == 0
    assert (await post.row(other)).position == 2
    row = await post.row(mute)
    assert (row.position, row.failures, row.last_error) == (0, 2, "TimeoutError")


async def test_inside_is_refused_where_it_is_not_allowed(post: Post) -> None:
    closed = replace(post, house=replace(post.house, hooks=Hooks()))
    hook = await post.webhook(url=post.url.replace("127.0.0.1", "localhost"))
    assert await closed.call() == 1
    row = await post.row(hook)
    assert (row.position, row.last_error) == (0, "the address is not a public one")
    assert post.receiver.calls == []


async def test_after_days_of_failure_it_is_stopped_and_staff_are_told(post: Post) -> None:
    hook = await post.webhook(failures=9, failing_since=NOW - timedelta(days=7))
    post.receiver.planned.append(Response(status_code=500))
    await post.call()
    row = await post.row(hook)
    assert (row.active, row.position, row.failures) == (False, 0, 10)
    inbox = await post.stage.do("admin", "GET", "/me/inbox")
    assert inbox["items"][0]["text"] == f"事件推送已停用：{hook.url}，请检查接收方后重新启用"
    assert await post.call(10**6) == 0
    async with post.house.database.transaction() as session:
        found = visible(Notification, SYSTEM).where(col(Notification.kind) == "webhook_stopped")
        assert [row.person_id for row in await session.exec(found)] == [post.district["admin"].id]


async def test_who_dies_after_a_call_makes_it_heard_twice_and_never_missed(post: Post, twin: House) -> None:
    hook = await post.webhook(actions=["submit"])
    async with post.house.database.transaction() as session:
        (dead,) = await webhook_sending.claim(session, NOW, 10)
    assert await post.call(60) == 0
    after = webhook_sending.LEASE.total_seconds()
    again = replace(post, house=replace(twin, hooks=post.house.hooks))
    assert sorted(await asyncio.gather(post.call(after), again.call(after))) == [0, 1]
    assert post.told == ["submit"]
    async with post.house.database.transaction() as session:
        assert not await webhook_sending.settle(session, webhook_sending.Heard(dead, 0, "late"), NOW)
    assert (await post.row(hook)).position == 2
