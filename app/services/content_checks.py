"""What people write for others to read is looked at (网络信息内容生态治理规定 Art. 9).

First by the place's own list of words; then, where the place says so, by WeChat's check; and whatever either
catches by a person. An order that is caught is not approved by itself; a comment or a complaint that is caught is
for those who look at it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.db import insert_new, table_of
from app.domain.content import hits
from app.domain.notices import Audience
from app.domain.policy import Policy
from app.domain.reminders import Reminder
from app.models.base import new_id
from app.models.content import ContentCheck, ContentKind, ContentState
from app.models.notification import Notification
from app.models.order import Order
from app.services.access import Actor
from app.services.notifications import remind
from app.services.order_rows import Rows
from app.services.policies import policy_at

KIND_ZH: Final = {
    ContentKind.ORDER: "内容",
    ContentKind.REVIEW: "评价",
    ContentKind.COMPLAINT: "反映",
}
UNDECIDED: Final = (ContentState.PENDING, ContentState.HELD)


@dataclass(frozen=True, slots=True)
class Look:
    """What the first look says: held for what was found, or pending until a machine has looked, too."""

    state: ContentState
    found: list[str]


def first_look(policy: Policy, *texts: str) -> Look | None:
    """None where nobody needs to look."""
    if found := hits(texts, policy.content.words):
        return Look(ContentState.HELD, found)
    return Look(ContentState.PENDING, []) if policy.content.machine and any(texts) else None


def rows_of(order: dict[str, Any], look: Look, at: datetime) -> Rows:
    """What is written with an order that was looked at; whoever placed it is told that a person will look."""
    check = {
        "id": new_id(),
        "created_at": at,
        "kind": ContentKind.ORDER,
        "state": look.state,
        "subject_id": order["id"],
        "order_id": order["id"],
        "person_id": order["placed_by_id"],
        "org_path": order["org_path"],
        "found": look.found,
        "next_at": at,
        "attempts": 0,
        "note": "",
    }
    rows: Rows = [(table_of(ContentCheck), check)]
    if look.state is ContentState.HELD:
        rows.append((table_of(Notification), _held_notice(order, at)))
    return rows


def _held_notice(order: dict[str, Any], at: datetime) -> dict[str, Any]:
    person_id: UUID = order["placed_by_id"]
    told = {
        "title": order["title"],
        "reason": KIND_ZH[ContentKind.ORDER],
        "audience": Audience.RESIDENT.value,
    }
    return {
        "id": new_id(),
        "created_at": at,
        "person_id": person_id,
        "order_id": order["id"],
        "kind": Reminder.CONTENT_HELD.value,
        "data": told,
        "dedupe_key": f"{order['id'].hex}:{Reminder.CONTENT_HELD}:{person_id.hex}",
        "due_at": at,
        "send_at": at,
        "attempts": 0,
    }


async def look_at(
    session: AsyncSession, order: Order, kind: ContentKind, subject_id: UUID, writer: UUID, *texts: str
) -> None:
    """What was written about `order` is looked at; in the transaction that keeps it."""
    look = first_look(await policy_at(session, order.org_path), *texts)
    if look is None:
        return
    check = ContentCheck(
        created_at=now(),
        kind=kind,
        state=look.state,
        subject_id=subject_id,
        order_id=order.id,
        person_id=writer,
        org_path=order.org_path,
        found=look.found,
        next_at=now(),
    )
    if await insert_new(session, check) and look.state is ContentState.HELD:
        await tell_held(session, order, kind, writer)


async def tell_held(session: AsyncSession, order: Order, kind: ContentKind, writer: UUID) -> None:
    """The desk has something to look at, and whoever wrote it waits for that."""
    audiences: Sequence[tuple[Audience, UUID | None]] = (
        (Audience.STAFF, None),
        (Audience.RESIDENT, writer),
    )
    for audience, person_id in audiences:
        await remind(session, order, Reminder.CONTENT_HELD, audience, [person_id], now(), KIND_ZH[kind])


async def seen(session: AsyncSession, actor: Actor, order: Order, state: ContentState) -> None:
    """Whoever decided about the order has read it: no second person has to look."""
    if actor.person_id is None:
        return
    await session.exec(
        update(ContentCheck)
        .where(
            col(ContentCheck.kind) == ContentKind.ORDER,
            col(ContentCheck.subject_id) == order.id,
            col(ContentCheck.state).in_(UNDECIDED),
        )
        .values(state=state, decided_by_id=actor.person_id, decided_at=now())
        .execution_options(synchronize_session=False)
    )
