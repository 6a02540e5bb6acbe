"""A person looks at what a list or a machine has caught, and says whether it may stand."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.domain.lifecycle import OrderStatus
from app.domain.notices import Audience
from app.domain.reminders import Reminder
from app.domain.roles import Permission
from app.errors import Conflict, NotFound
from app.models.content import ContentCheck, ContentKind, ContentState
from app.models.event import REASON_LENGTH
from app.models.failing import Complaint
from app.models.order import Order
from app.models.service import Review
from app.schemas.content import ContentFilter
from app.services import auditing, orders
from app.services.access import SYSTEM, Actor, require_at
from app.services.actors import person_of
from app.services.content_checks import KIND_ZH, UNDECIDED
from app.services.keyset import newest_first
from app.services.moves import hold
from app.services.notifications import remind
from app.services.policies import policy_at
from app.services.scope import visible


class ContentDecided(Conflict):
    code, title, title_en = "content_decided", "这项内容已有处理结果", "This was decided already"


async def listing(session: AsyncSession, actor: Actor, wanted: ContentFilter) -> list[dict[str, Any]]:
    """With the words that are to be looked at, newest first; one more than `limit` when there is a next page."""
    found = visible(ContentCheck, actor)
    if wanted.state is not None:
        found = found.where(col(ContentCheck.state) == wanted.state)
    if wanted.kind is not None:
        found = found.where(col(ContentCheck.kind) == wanted.kind)
    return await shown(session, (await session.exec(newest_first(found, ContentCheck, wanted))).all())


async def shown(session: AsyncSession, checks: Sequence[ContentCheck]) -> list[dict[str, Any]]:
    texts = await texts_of(session, checks)
    return [check.model_dump() | {"texts": texts.get(check.subject_id, [])} for check in checks]


async def texts_of(session: AsyncSession, checks: Sequence[ContentCheck]) -> dict[UUID, list[str]]:
    """What was written, by what it stands in; what is kept no longer is not there."""
    ids = {kind: [one.subject_id for one in checks if one.kind is kind] for kind in ContentKind}
    read: dict[UUID, list[str]] = {}
    if named := ids[ContentKind.ORDER]:
        for order in await session.exec(visible(Order, SYSTEM).where(col(Order.id).in_(named))):
            read[order.id] = [order.title, order.detail]
    if named := ids[ContentKind.REVIEW]:
        for review in await session.exec(select(Review).where(col(Review.id).in_(named))):
            read[review.id] = [review.comment]
    if named := ids[ContentKind.COMPLAINT]:
        for complaint in await session.exec(visible(Complaint, SYSTEM).where(col(Complaint.id).in_(named))):
            read[complaint.id] = [complaint.words]
    return {subject: [text for text in texts if text] for subject, texts in read.items()}


async def clear(session: AsyncSession, actor: Actor, check_id: UUID, note: str) -> dict[str, Any]:
    """It may stand; an order that its place approves by itself is approved now.

    Raises NotFound, Forbidden, ContentDecided.
    """
    check, order = await _decided(session, actor, check_id, ContentState.CLEARED, note)
    if check.kind is ContentKind.ORDER:
        await approve_by_policy(session, order)
    return (await shown(session, [check]))[0]


async def refuse(session: AsyncSession, actor: Actor, check_id: UUID, note: str) -> dict[str, Any]:
    """It may not stand, and whoever wrote it is told why; an order that still waits is rejected. It is not further:
    who approves an order by hand has looked at it (content_checks.seen), and nobody else approves what is held.

    Raises NotFound, Forbidden, ContentDecided.
    """
    check, order = await _decided(session, actor, check_id, ContentState.REFUSED, note)
    if check.kind is not ContentKind.ORDER:
        told = f"{KIND_ZH[check.kind]}（{note}）"[:REASON_LENGTH]
        await remind(
            session, order, Reminder.CONTENT_REFUSED, Audience.RESIDENT, [check.person_id], now(), told
        )
    elif order.status is OrderStatus.SUBMITTED:
        await orders.reject(session, actor, order.id, note)
    return (await shown(session, [check]))[0]


async def approve_by_policy(session: AsyncSession, order: Order) -> None:
    """What the place would have done at once, had nobody had to look (`order` is held)."""
    if order.status is OrderStatus.SUBMITTED and (await policy_at(session, order.org_path)).auto_approve:
        await orders.approve(session, SYSTEM, order.id)


async def _decided(
    session: AsyncSession, actor: Actor, check_id: UUID, state: ContentState, note: str
) -> tuple[ContentCheck, Order]:
    found = visible(ContentCheck, actor).where(col(ContentCheck.id) == check_id)
    check = (await session.exec(found)).one_or_none()
    if check is None:
        raise NotFound("没有这项内容")
    require_at(actor, Permission.CONTENT_REVIEW, check.org_path)
    order = (await session.exec(visible(Order, SYSTEM).where(Order.id == check.order_id))).one()
    order = await hold(session, order)
    decided = await session.exec(
        update(ContentCheck)
        .where(col(ContentCheck.id) == check_id, col(ContentCheck.state).in_(UNDECIDED))
        .values(state=state, decided_by_id=person_of(actor), decided_at=now(), note=note)
        .returning(ContentCheck)
        .execution_options(populate_existing=True, synchronize_session=False)
    )
    if decided.scalar_one_or_none() is None:
        raise ContentDecided
    auditing.record(
        session,
        actor,
        f"content_{state}",
        org_path=check.org_path,
        object_kind="content_check",
        object_id=check.id,
    )
    return check, order
