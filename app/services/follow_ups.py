"""回访: whoever was ordered for, and whoever was not content, is asked afterwards how it was. All of them."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.db import insert_new
from app.domain.notices import Audience
from app.domain.reminders import Reminder
from app.domain.roles import Permission
from app.errors import Conflict, NotFound
from app.models.failing import FollowUp, FollowUpCause, FollowUpWay
from app.models.order import Order
from app.schemas.follow_up import FollowUpFilter
from app.services import appointments, complaints
from app.services.access import SYSTEM, Actor, require_at
from app.services.actors import person_of
from app.services.keyset import newest_first
from app.services.notifications import remind
from app.services.policies import policy_at
from app.services.scope import visible

CAUSE_ZH = {FollowUpCause.ON_BEHALF: "代点单", FollowUpCause.LOW_RATING: "评价较低"}
DISCONTENT = "回访时不满意"


class FollowUpDone(Conflict):
    code, title, title_en = "follow_up_done", "这次回访已有记录", "The follow-up is recorded already"


def cause_of(order: Order, *, low: bool) -> FollowUpCause | None:
    """Why somebody asks after a closed order; None where nobody need."""
    if low:
        return FollowUpCause.LOW_RATING
    return FollowUpCause.ON_BEHALF if order.beneficiary_id is not None else None


async def owe(session: AsyncSession, order: Order, cause: FollowUpCause) -> None:
    """Somebody is to ask. An order that was reopened and closed again is asked after again."""
    at = now()
    due_at = at + timedelta(days=(await policy_at(session, order.org_path)).times.follow_up_days)
    owed = FollowUp(created_at=at, order_id=order.id, org_path=order.org_path, cause=cause, due_at=due_at)
    if not await insert_new(session, owed):
        await session.exec(
            update(FollowUp)
            .where(col(FollowUp.order_id) == order.id)
            .values(cause=cause, due_at=due_at, done_at=None, done_by_id=None, way=None, satisfied=None)
            .execution_options(synchronize_session=False)
        )
    await remind(session, order, Reminder.FOLLOW_UP_DUE, Audience.STAFF, [None], due_at, CAUSE_ZH[cause])


async def listing(session: AsyncSession, actor: Actor, wanted: FollowUpFilter) -> Sequence[FollowUp]:
    """Newest first; one more than `limit` when there is a next page."""
    found = visible(FollowUp, actor)
    undone, late = col(FollowUp.done_at).is_(None), col(FollowUp.due_at) < now()
    if wanted.done is not None:
        found = found.where(~undone if wanted.done else undone)
    if wanted.overdue is not None:
        found = found.where(undone & late if wanted.overdue else ~(undone & late))
    return (await session.exec(newest_first(found, FollowUp, wanted))).all()


async def record(
    session: AsyncSession, actor: Actor, follow_up_id: UUID, way: FollowUpWay, satisfied: bool, note: str
) -> FollowUp:
    """What they said. Who is not satisfied has complained by it. Raises FollowUpDone, NotFound, Forbidden."""
    found = visible(FollowUp, actor).where(col(FollowUp.id) == follow_up_id)
    asked = (await session.exec(found)).one_or_none()
    if asked is None:
        raise NotFound("没有这次回访")
    require_at(actor, Permission.ORDERS_FOLLOW_UP, asked.org_path)
    order = (await session.exec(visible(Order, SYSTEM).where(Order.id == asked.order_id))).one()
    if not satisfied:
        order = await complaints.open_one(session, actor, order, note or DISCONTENT)
    recorded = await session.exec(
        update(FollowUp)
        .where(col(FollowUp.id) == asked.id, col(FollowUp.done_at).is_(None))
        .values(done_at=now(), done_by_id=person_of(actor), way=way, satisfied=satisfied, note=note)
        .returning(FollowUp)
        .execution_options(populate_existing=True, synchronize_session=False)
    )
    if recorded.scalar_one_or_none() is None:
        raise FollowUpDone
    await appointments.withdraw(session, order, [Reminder.FOLLOW_UP_DUE])
    return asked
