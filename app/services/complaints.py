"""投诉: the resident is not content with what was done; answered in time, by words or by doing it again."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.db import insert_new
from app.domain.lifecycle import MOVES, Action, OrderStatus
from app.domain.notices import Audience
from app.domain.policy import Policy
from app.domain.reminders import Reminder
from app.domain.roles import Permission
from app.errors import Conflict, IllegalMove, NotFound
from app.models.content import ContentKind
from app.models.event import REASON_LENGTH
from app.models.failing import Complaint
from app.models.order import Order
from app.schemas.complaint import ComplaintFilter
from app.services import appointments, orders
from app.services.access import SYSTEM, Actor, require_at, require_on
from app.services.actors import person_of
from app.services.content_checks import look_at
from app.services.keyset import newest_first
from app.services.moves import move, refused
from app.services.notifications import audience_of, remind
from app.services.policies import policy_at
from app.services.scope import visible


class ComplaintOpen(Conflict):
    code, title, title_en = "complaint_open", "本单的反映正在处理，请等候答复", "A complaint is open already"


class ComplaintTooLate(IllegalMove):
    code, title, title_en = "complaint_too_late", "已超过可以反映问题的期限", "Too late to complain"


class ComplaintAnswered(Conflict):
    code, title, title_en = "complaint_answered", "这条反映已有答复", "The complaint is answered already"


async def complain(session: AsyncSession, actor: Actor, order_id: UUID, words: str) -> Complaint:
    """Of a service delivered, or closed within the policy's days; one at a time.

    Raises ComplaintOpen, ComplaintTooLate, IllegalMove, Forbidden.
    """
    order = await orders.get(session, actor, order_id)
    require_on(actor, Permission.ORDERS_COMPLAIN, order)
    if order.status not in MOVES[Action.COMPLAIN].sources:
        raise refused(order.status)
    policy = await policy_at(session, order.org_path)
    earliest = now() - timedelta(days=policy.times.reopen_days)
    if order.status is OrderStatus.CLOSED and order.status_at < earliest:
        raise ComplaintTooLate
    complaint = await _make(session, actor, order, words, policy)
    if complaint is None:
        raise ComplaintOpen
    return complaint


async def open_one(session: AsyncSession, actor: Actor, order: Order, words: str) -> Order:
    """What was said at a follow-up becomes a complaint, unless one is open, or the order is worked on, already."""
    if order.status in MOVES[Action.COMPLAIN].sources:
        await _make(session, actor, order, words, await policy_at(session, order.org_path))
    return order


async def _make(
    session: AsyncSession, actor: Actor, order: Order, words: str, policy: Policy
) -> Complaint | None:
    """None when one is open already."""
    at = now()
    clock = policy.limits_of(order.category, order.urgency).clock
    complaint = Complaint(
        created_at=at,
        order_id=order.id,
        org_path=order.org_path,
        made_by_id=person_of(actor),
        words=words,
        due_at=policy.after(at, policy.times.complaint_hours * 60, clock),
    )
    if not await insert_new(session, complaint):
        return None
    told = words[:REASON_LENGTH]
    order = await move(session, actor, order, Action.COMPLAIN, reason=told)
    due = complaint.due_at - (complaint.due_at - at) * (100 - policy.times.at_risk_percent) / 100
    await remind(session, order, Reminder.COMPLAINT_DUE, Audience.STAFF, [None], due, told)
    await look_at(session, order, ContentKind.COMPLAINT, complaint.id, complaint.made_by_id, words)
    return complaint


async def listing(session: AsyncSession, actor: Actor, wanted: ComplaintFilter) -> Sequence[Complaint]:
    """Newest first; one more than `limit` when there is a next page."""
    found = visible(Complaint, actor)
    waiting, late = col(Complaint.answered_at).is_(None), col(Complaint.due_at) < now()
    if wanted.order_id is not None:
        found = found.where(col(Complaint.order_id) == wanted.order_id)
    if wanted.answered is not None:
        found = found.where(~waiting if wanted.answered else waiting)
    if wanted.overdue is not None:
        found = found.where(waiting & late if wanted.overdue else ~(waiting & late))
    return (await session.exec(newest_first(found, Complaint, wanted))).all()


async def answer(
    session: AsyncSession, actor: Actor, complaint_id: UUID, words: str, reopen: bool
) -> Complaint:
    """By words, or by sending the team back to work. Raises ComplaintAnswered, NotFound, IllegalMove, Forbidden."""
    found = visible(Complaint, actor).where(col(Complaint.id) == complaint_id)
    complaint = (await session.exec(found)).one_or_none()
    if complaint is None:
        raise NotFound("没有这条反映")
    require_at(actor, Permission.ORDERS_REOPEN, complaint.org_path)
    if complaint.answered_at is not None:
        raise ComplaintAnswered
    order = (await session.exec(visible(Order, SYSTEM).where(Order.id == complaint.order_id))).one()
    if reopen:
        order = await move(session, actor, order, Action.REOPEN, reason=words[:REASON_LENGTH])
    answered = await session.exec(
        update(Complaint)
        .where(col(Complaint.id) == complaint.id, col(Complaint.answered_at).is_(None))
        .values(answered_at=now(), answered_by_id=person_of(actor), answer=words, reopened=reopen)
        .returning(Complaint)
        .execution_options(populate_existing=True, synchronize_session=False)
    )
    if answered.scalar_one_or_none() is None:
        raise ComplaintAnswered
    await appointments.withdraw(session, order, [Reminder.COMPLAINT_DUE])
    if not reopen:
        callers = await audience_of(session, order, Audience.RESIDENT)
        told = words[:REASON_LENGTH]
        await remind(session, order, Reminder.ANSWERED, Audience.RESIDENT, callers, now(), told)
    return complaint
