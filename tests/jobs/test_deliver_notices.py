"""Notices reach phones: once, in time, by consent; and whatever WeChat does, each ends in one clear outcome."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from starlette.responses import PlainTextResponse

from app import clock
from app.domain.delivery import BACKOFF
from app.house import House
from app.jobs import deliver_notices
from app.models.notification import Notification
from app.services import sending
from app.wechat import wire
from tests.accounts import save
from tests.factories import NOW
from tests.jobs.outbox import outbox
from tests.wechat.imitation import SEND, TOKEN

MINUTE = timedelta(minutes=1)


async def test_who_consented_hears_of_it_once(fresh_house: House) -> None:
    async with outbox(fresh_house) as box:
        resident = await box.person("o-1", consents=2)
        told = await box.notice(resident)
        silent = [
            await box.notice(resident, read_at=NOW),
            await box.notice(resident, voided_at=NOW),
            await box.notice(resident, "start"),
            await box.notice(await box.person("o-2")),
            await box.notice(await box.person("o-3", consents=1, active=False)),
            await box.notice(await box.person(phone="13800000001", consents=1)),
        ]
        later = await box.notice(resident, due_at=NOW + MINUTE)
        assert await box.deliver() == 7
        assert await box.deliver() == 0
        (message,) = box.wechat.sent
        assert message == {
            "touser": "o-1",
            "template_id": "t-progress",
            "page": f"pages/order?id={box.order.id}",
            "data": {
                "thing1": {"value": "家庭保洁"},
                "phrase2": {"value": "待派单"},
                "time3": {"value": "2026年11月28日 09:00"},
                "thing4": {"value": "您的点单已受理，正在安排志愿服务队"},
            },
        }
        assert await box.attempts(told) == [("wechat", "sent", 1)]
        assert await box.remaining(resident) == 1
        assert [(await box.row(one)).send_at for one in (told, *silent)] == [None] * 7
        assert [await box.attempts(one) for one in silent] == [[]] * 6
        assert await box.deliver(NOW + MINUTE) == 1
        assert await box.attempts(later) == [("wechat", "sent", 1)]
        assert await box.remaining(resident) == 0


ANSWERS: list[tuple[dict[str, Any], str, int]] = [
    ({"errcode": 43101, "errmsg": "user refuse to accept the msg"}, "refused", 0),
    ({"errcode": 47003, "errmsg": "argument invalid! data.thing1.value invalid"}, "failed", 3),
    ({"errcode": 40037, "errmsg": "template_id invalid"}, "failed", 3),
    ({"errcode": 41030, "errmsg": "page path error"}, "failed", 3),
    ({"errcode": 40003, "errmsg": "invalid openid"}, "failed", 3),
    ({"errcode": 99999, "errmsg": "new"}, "failed", 3),
    ({"errcode": 45009, "errmsg": "reach max api daily quota limit"}, "retry", 3),
    ({"errcode": -1, "errmsg": "system error"}, "retry", 3),
    ({"errcode": "?"}, "retry", 2),
]


async def test_each_answer_of_wechat_has_one_outcome(fresh_house: House) -> None:
    async with outbox(fresh_house) as box:
        for number, (answer, outcome, left) in enumerate(ANSWERS):
            resident = await box.person(f"o-{number}", consents=3)
            notice = await box.notice(resident)
            box.wechat.plan(SEND, answer)
            assert await box.deliver() == 1
            assert await box.attempts(notice) == [("wechat", outcome, 1)], answer
            assert await box.remaining(resident) == left, answer
            again = NOW + MINUTE if outcome == "retry" else None
            assert (await box.row(notice)).send_at == again, answer
        assert box.wechat.sent == []


async def test_a_silent_wechat_is_asked_again_ever_later_and_then_no_more(
    fresh_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The consent stays with the notice: WeChat may have sent it, and may send it yet."""
    monkeypatch.setattr(wire, "DEADLINE", 0.2)
    async with outbox(fresh_house, send_attempts=3) as box:
        resident = await box.person("o-1", consents=1)
        notice = await box.notice(resident)
        box.wechat.gates[SEND] = asyncio.Event()
        at = NOW
        for attempt in range(3):
            with clock.at(at):
                assert await box.deliver() == 1
                assert await box.deliver(at + (BACKOFF[attempt] - 1) * MINUTE) == 0
            row = await box.row(notice)
            assert (row.attempts, await box.remaining(resident)) == (attempt + 1, 0)
            at += BACKOFF[attempt] * MINUTE
            assert row.send_at == (at if attempt < 2 else None)
        assert [outcome for _, outcome, _ in await box.attempts(notice)] == ["retry", "retry", "failed"]
        assert box.wechat.calls[SEND] == 3


async def test_nobody_listening_is_no_message_sent_and_no_consent_lost(fresh_house: House) -> None:
    async with outbox(fresh_house) as box, httpx.AsyncClient(trust_env=False) as http:
        resident = await box.person("o-1", consents=1)
        notice = await box.notice(resident)
        down = box.elsewhere(box.house, "http://127.0.0.1:9", http)
        assert await down.deliver() == 1
        assert await box.remaining(resident) == 1
        assert await box.deliver(NOW + MINUTE) == 1
        assert [outcome for _, outcome, _ in await box.attempts(notice)] == ["retry", "sent"]
        assert await box.remaining(resident) == 0


async def test_garbage_is_no_answer_and_a_token_that_expires_is_replaced_on_the_way(
    fresh_house: House,
) -> None:
    async with outbox(fresh_house) as box:
        first, second = [await box.person(f"o-{n}", consents=1) for n in range(2)]
        garbled = await box.notice(first)
        box.wechat.plan(SEND, PlainTextResponse("<html>"))
        await box.deliver()
        assert await box.attempts(garbled) == [("wechat", "retry", 1)]
        box.wechat.generation += 1  # another process forced a new one
        expired = await box.notice(second)
        await box.deliver()
        assert await box.attempts(expired) == [("wechat", "sent", 1)]
        assert box.wechat.calls[TOKEN] == 2


async def test_who_dies_while_sending_is_followed_by_another_when_the_lease_ends(fresh_house: House) -> None:
    async with outbox(fresh_house, send_attempts=2) as box:
        resident = await box.person("o-1", consents=1)
        notice = await box.notice(resident)
        ways = sending.Ways(box.house.settings.templates, sms=False, attempts=2)

        async def die(at: timedelta) -> None:
            async with box.house.database.transaction() as session:
                assert (await sending.claim(session, ways, NOW + at, 10)).size == 1

        await die(timedelta())
        assert await box.deliver(NOW + sending.LEASE - MINUTE) == 0
        await die(sending.LEASE)
        assert await box.remaining(resident) == 0
        assert await box.deliver(NOW + 2 * sending.LEASE) == 1
        assert await box.attempts(notice) == [("wechat", "retry", 1), ("wechat", "failed", 2)]
        assert (await box.row(notice)).send_at is None


async def test_a_late_sender_does_not_undo_what_its_successor_settled(fresh_house: House) -> None:
    async with outbox(fresh_house) as box:
        notice = await box.notice(await box.person("o-1", consents=1))
        box.wechat.gates[SEND] = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            slow = group.create_task(box.deliver())
            await box.wechat.somebody_waits.wait()
            del box.wechat.gates[SEND]
            assert await box.deliver(NOW + sending.LEASE) == 1
            assert len(box.wechat.sent) == 1
            slow.cancel()
        assert await box.attempts(notice) == [("wechat", "retry", 1), ("wechat", "sent", 2)]
        assert (await box.row(notice)).send_at is None


async def test_what_there_was_no_time_to_begin_is_as_if_never_claimed(
    fresh_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with outbox(fresh_house) as box:
        resident = await box.person("o-1", consents=1)
        notice = await box.notice(resident)
        with monkeypatch.context() as late:
            late.setattr(deliver_notices, "BEGIN_SECONDS", -1)
            assert await box.deliver() == 1
        row = await box.row(notice)
        assert (row.attempts, row.send_at, row.leased_until, row.held_template) == (0, NOW, None, None)
        assert (await box.attempts(notice), await box.remaining(resident)) == ([], 1)
        assert await box.deliver() == 1
        assert await box.attempts(notice) == [("wechat", "sent", 1)]


async def test_two_workers_send_each_once(fresh_house: House, twin: House) -> None:
    async with outbox(fresh_house) as box, httpx.AsyncClient(trust_env=False) as http:
        resident = await box.person("o-1", consents=15)
        notices = [await box.notice(resident) for _ in range(20)]
        other = box.elsewhere(twin, box.url, http)
        done = await asyncio.gather(*(worker.deliver(limit=5) for worker in (box, other) for _ in range(4)))
        while left := await box.deliver():
            done.append(left)
        assert sum(done) == 20
        assert len(box.wechat.sent) == 15
        assert await box.remaining(resident) == 0
        assert all([(await box.row(notice)).send_at is None for notice in notices])


async def test_at_night_only_an_emergency_rings(fresh_house: House) -> None:
    night = NOW + timedelta(hours=13)  # 22:00 in China
    morning = NOW + timedelta(hours=22, minutes=30)
    async with outbox(fresh_house) as box:
        resident = await box.person("o-1", consents=2)
        with clock.at(night):
            calm = await box.notice(resident)
            urgent = await box.notice(resident, order_id=await box.emergency())
            assert await box.deliver() == 2
        assert (await box.row(calm)).send_at == morning
        assert await box.attempts(urgent) == [("wechat", "sent", 1)]
        assert await box.remaining(resident) == 1
        assert await box.deliver(morning - MINUTE) == 0
        assert await box.deliver(morning) == 1
        assert await box.attempts(calm) == [("wechat", "sent", 1)]


async def test_one_bad_row_holds_up_nobody(fresh_house: House) -> None:
    async with outbox(fresh_house) as box:
        resident = await box.person("o-1", consents=3)
        bad = Notification(person_id=resident, kind="approve", data={}, dedupe_key="bad", send_at=NOW)
        await save(box.house, bad)
        unknown = await box.notice(resident, "never_heard_of")
        good = await box.notice(resident)
        assert await box.deliver() == 3
        assert await box.attempts(good) == [("wechat", "sent", 1)]
        assert await box.attempts(unknown) == [("wechat", "failed", 1)]
        assert (await box.row(bad.id)).send_at is None
        assert await box.remaining(resident) == 2
