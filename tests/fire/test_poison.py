"""One broken row at the head of its queue: the others are looked after; it is set aside and said to be."""

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app import clock
from app.domain.lifecycle import OrderStatus
from app.house import House
from app.jobs import call_webhooks
from app.models.order import Order
from app.models.person import Person
from app.models.webhook import Webhook
from app.services import feed, webhook_sending
from app.services.access import SYSTEM
from app.services.columns import columns
from app.services.scope import visible
from app.webhooks.client import Hooks
from app.worker import run_job
from tests.accounts import save
from tests.conftest import client_of
from tests.factories import NOW, plant
from tests.fire.poison import spoil
from tests.jobs.outbox import outbox
from tests.serving import serving
from tests.stages import Stage
from tests.webhooks.receiver import Receiver

RUBBISH = b"\x01nobody's key and nobody's words"
LATER = NOW + timedelta(days=30)


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    found = [one.getMessage() for one in caplog.records if one.levelno >= logging.ERROR]
    caplog.clear()
    return found


async def test_an_order_that_cannot_be_read_rests_longer_each_time(
    fresh_house: House, caplog: pytest.LogCaptureFixture
) -> None:
    district = await plant(fresh_house)
    async with client_of(fresh_house) as client:
        stages = [await Stage(client, district).reach(OrderStatus.DELIVERED) for _ in range(2)]
    broken = UUID(min(stage.order_id for stage in stages))
    sound = next(stage for stage in stages if UUID(stage.order_id) != broken)
    async with fresh_house.database.transaction() as session:
        address = (await session.exec(visible(Order, SYSTEM).where(Order.id == broken))).one().address
    await spoil(fresh_house, Order, broken, "address", RUBBISH)
    with clock.at(LATER):
        for _ in range(2):
            await run_job(fresh_house, "close_orders")
            assert said(caplog) == [f"Order {broken} is left as it was"]
        assert (await sound.row()).status is OrderStatus.CLOSED
        await run_job(fresh_house, "close_orders")
        assert said(caplog) == [], "it rests"
    with clock.at(LATER + timedelta(seconds=11)):
        await run_job(fresh_house, "close_orders")
        assert said(caplog) == [f"Order {broken} is left as it was"]
    with clock.at(LATER + timedelta(seconds=22)):
        await run_job(fresh_house, "close_orders")
        assert said(caplog) == [], "longer than the first time"
    sealed = fresh_house.database.keyring.seal(address.encode(), b"service_order.address")
    await spoil(fresh_house, Order, broken, "address", sealed)
    with clock.at(LATER + timedelta(minutes=2)):
        await run_job(fresh_house, "close_orders")
    assert said(caplog) == []
    assert {(await stage.row()).status for stage in stages} == {OrderStatus.CLOSED}


async def test_a_notice_to_somebody_who_cannot_be_read_delays_nobody(
    fresh_house: House, caplog: pytest.LogCaptureFixture
) -> None:
    async with outbox(fresh_house) as box:
        people = [await box.person(f"o-{number}", consents=1) for number in range(3)]
        notices = [await box.notice(one) for one in people]
        await spoil(box.house, Person, people[0], "phone", RUBBISH)
        assert await box.deliver() == 2
        assert said(caplog) == [f"{notices[0]} is set aside"]
        assert sorted(one["touser"] for one in box.wechat.sent) == ["o-1", "o-2"]
        assert await box.deliver() == 0
        row, at = await box.row(notices[0]), NOW
        while row.send_at is not None:
            assert row.send_at > at, "later each time"
            at = row.send_at
            with clock.at(at):
                await box.deliver(at)
            row = await box.row(notices[0])
        tried = await box.attempts(notices[0])
        assert [outcome for _, outcome, _ in tried] == ["retry"] * (len(tried) - 1) + ["failed"]
        assert len(tried) == box.house.settings.send_attempts, "and then it is the operator's"
        assert len(said(caplog)) == len(tried) - 1


async def test_a_webhook_that_cannot_be_read_delays_no_other(
    fresh_house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house = replace(fresh_house, hooks=Hooks(inside=True))
    district, receiver = await plant(house), Receiver()
    async with client_of(house) as http, serving(receiver.app) as url:
        await Stage(http, district).reach(OrderStatus.APPROVED)
        await feed.place_all(house.database)
        told: dict[str, Any] = {
            "organisation_id": district.station.id,
            "org_path": district.station.path,
            "next_at": NOW,
        }
        told |= {"made_by_id": district["admin"].id, "secret": "whsec_demo"}
        broken, sound = Webhook(url=f"{url}/hook?broken", **told), Webhook(url=f"{url}/hook", **told)
        await save(house, broken, sound)
        await spoil(house, Webhook, broken.id, "secret", RUBBISH)
        assert await call_webhooks.run(house, NOW) == 1
        assert said(caplog) == [f"{broken.id} is set aside"]
        assert [body["action"] for body in receiver.heard] == ["submit", "approve"]
        assert await call_webhooks.run(house, NOW) == 0
        assert said(caplog) == []
        wanted: list[Any] = [Webhook.failures, Webhook.last_error, Webhook.active]
        async with house.database.transaction() as session:
            found = visible(Webhook, SYSTEM).where(Webhook.id == broken.id)
            (row,) = await columns(session, found, *wanted)
        assert tuple(row) == (1, webhook_sending.UNREADABLE, True)
