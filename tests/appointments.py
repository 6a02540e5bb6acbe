"""An accepted order around its agreed time: who confirms, who stands by, and what became of the offers."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app import clock
from app.domain.lifecycle import OfferStatus, OrderStatus
from app.jobs.sweep import sweep
from app.models.notification import Notification
from app.models.offer import Offer
from app.models.order import Order
from app.services import keeping, standby
from app.services.access import SYSTEM
from app.services.scope import visible
from tests.factories import SATURDAY_9
from tests.stages import Stage

HOUR = timedelta(hours=1)
NO_SHOW = SATURDAY_9 + HOUR
LAST_CALL = SATURDAY_9 - 2 * HOUR
REASON = {"reason": "等了很久没有人来"}


async def ask_standby(stage: Stage) -> str:
    """The dispatcher asks the other team; the id of the question."""
    await stage.do(
        "dispatcher", "POST", f"{stage.at}/standby", {"team_id": str(stage.district.other_team.id)}
    )
    offers = await stage.do("other_leader", "GET", f"/offers?status=open&order_id={stage.order_id}")
    (question,) = offers["items"]
    assert question["standby"] is True
    return str(question["id"])


async def stood_by(stage: Stage) -> Stage:
    """An order that the other team stands by for, once it is accepted."""
    await stage.reach(OrderStatus.ACCEPTED)
    question = await ask_standby(stage)
    await stage.do("other_leader", "POST", f"/offers/{question}/accept", {})
    return stage


async def run(stage: Stage, at: datetime) -> int:
    """What the worker's job does with this one order at that hour."""
    house, this = stage.district.house, Order.id == UUID(stage.order_id)

    async def keep(session: AsyncSession, order: Order) -> None:
        await keeping.keep(session, order, at)

    async def lapse(session: AsyncSession, order: Order) -> None:
        await standby.lapse(session, order, at)

    with clock.at(at):
        kept = await sweep(house.database, keeping.due(at).where(this), keep, 10)
        sent = await sweep(house.database, standby.waiting(at).where(this), standby.step_in, 10)
        return kept + sent + await sweep(house.database, standby.unanswered(at).where(this), lapse, 10)


async def offers_of(stage: Stage) -> dict[UUID, tuple[OfferStatus, bool]]:
    """By team: what became of its offer, and whether it is excused."""
    async with stage.district.house.database.transaction() as session:
        found = visible(Offer, SYSTEM).where(Offer.order_id == UUID(stage.order_id))
        return {
            one.team_id: (one.status, one.excused)
            for one in await session.exec(found.order_by(col(Offer.id)))
        }


async def planned(stage: Stage, who: str | None) -> list[tuple[str, datetime]]:
    """What is still to be said to somebody (None: the desk) about the order, and when."""
    person = stage.district[who].id if who else None
    async with stage.district.house.database.transaction() as session:
        found = visible(Notification, SYSTEM).where(
            Notification.order_id == UUID(stage.order_id),
            col(Notification.person_id) == person if person else col(Notification.person_id).is_(None),
            col(Notification.due_at) > clock.now(),
            col(Notification.voided_at).is_(None),
        )
        rows = await session.exec(found.order_by(col(Notification.due_at), col(Notification.kind)))
        return [(row.kind, row.due_at) for row in rows]


async def serve_with_the_others(stage: Stage, at: datetime) -> None:
    """The team that stood by names its crew, comes, and does the work."""
    members = {"members": [str(stage.district["outsider"].id)]}
    stay = uuid4()
    with clock.at(at - HOUR):
        await stage.do("other_leader", "PUT", f"{stage.at}/crew", members)
    assert (await stage.stamp("check-in", at, stay, "outsider")).is_success
    assert (await stage.stamp("check-out", at + 2 * HOUR, stay, "outsider")).is_success
    with clock.at(at + 2 * HOUR):
        done: Any = {"summary": "已完成全部清洁", "people_served": 1}
        await stage.do("other_leader", "POST", f"{stage.at}/deliver", done)
