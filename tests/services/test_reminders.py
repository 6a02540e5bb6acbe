"""A reminder: hidden until it is due, once however often it is wished, gone when its order moves."""

from datetime import datetime, timedelta

import httpx
import pytest
from sqlmodel import col

from app import clock
from app.domain.lifecycle import OrderStatus
from app.domain.notices import Audience
from app.domain.reminders import REMINDERS, Reminder, words
from app.models.notification import Notification
from app.services.access import SYSTEM
from app.services.notifications import remind, void_reminders
from app.services.scope import visible
from tests.factories import NOW, SATURDAY_9, District
from tests.stages import Stage

EVENING = SATURDAY_9 - timedelta(hours=14, minutes=7)
"""When no reminder of the appointment itself is due."""


@pytest.fixture
async def accepted(client: httpx.AsyncClient, district: District) -> Stage:
    return await Stage(client, district).reach(OrderStatus.ACCEPTED)


async def wish(stage: Stage, due_at: datetime = EVENING) -> None:
    order = await stage.row()
    people = [stage.district["resident"].id, None]
    async with stage.district.house.database.transaction() as session:
        for audience, person_id in zip((Audience.RESIDENT, Audience.STAFF), people, strict=True):
            kind = Reminder.TOMORROW if person_id else Reminder.UNCONFIRMED
            await remind(session, order, kind, audience, [person_id], due_at, "周六上午九点")


async def rows(stage: Stage) -> list[Notification]:
    order = await stage.row()
    async with stage.district.house.database.transaction() as session:
        found = visible(Notification, SYSTEM).where(
            Notification.order_id == order.id, Notification.due_at == EVENING
        )
        return list(await session.exec(found.order_by(col(Notification.kind))))


async def newest(stage: Stage, who: str, at: datetime) -> str:
    with clock.at(at):
        return str((await stage.do(who, "GET", "/me/inbox?limit=1"))["items"][0]["text"])


async def test_it_shows_when_it_is_due_and_not_before(accepted: Stage) -> None:
    await wish(accepted)
    said = "“家庭保洁”约在周六上午九点，请留人在家"
    assert await newest(accepted, "resident", EVENING - timedelta(seconds=1)) != said
    assert await newest(accepted, "resident", EVENING) == said
    assert "尚未确认" in await newest(accepted, "dispatcher", EVENING)
    (_, for_resident) = sorted(await rows(accepted), key=lambda row: row.person_id is not None)
    early = await accepted.call("resident", "POST", f"/me/inbox/{for_resident.id}/read")
    assert early.status_code == 404
    assert for_resident.send_at == EVENING


async def test_wished_twice_it_is_said_once_and_after_a_voiding_again(accepted: Stage) -> None:
    for _ in range(2):
        await wish(accepted)
    assert len(await rows(accepted)) == 2
    async with accepted.district.house.database.transaction() as session:
        await void_reminders(session, await accepted.row(), NOW)
    assert all(row.voided_at and row.send_at is None for row in await rows(accepted))
    await wish(accepted)
    again = await rows(accepted)
    assert [row.voided_at for row in again] == [None, None]
    assert [row.send_at for row in again if row.person_id] == [EVENING]


async def test_it_is_void_when_the_order_moves(accepted: Stage) -> None:
    await wish(accepted)
    await accepted.do("resident", "POST", f"{accepted.at}/cancel", {"reason": "情况有变"})
    assert all(row.voided_at == NOW for row in await rows(accepted))
    assert "约在" not in await newest(accepted, "resident", EVENING)


def test_every_reminder_has_words() -> None:
    for kind in Reminder:
        for audience in REMINDERS[kind]:
            assert "{" not in words(kind, audience, "家庭保洁", "明天")
    assert words("dispatch", "team", "家庭保洁", "") == words("dispatch", "asked", "家庭保洁", "")
    assert "家庭保洁" in words("automate", "staff", "家庭保洁", "")
    assert words("reject", "resident", "家庭保洁", "近期无人").endswith("近期无人")
    with pytest.raises(ValueError, match="x"):
        words("x", "resident", "", "")
