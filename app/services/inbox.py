"""My inbox: notices for me, and those for whoever is on duty where I dispatch.

A notice for the desk is read once for the whole desk: the first who reads it takes it off everybody's list.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from app.domain.reminders import words
from app.errors import NotFound
from app.models.notification import Notification
from app.schemas.inbox import InboxFilter, NoticeOut
from app.services.access import Actor
from app.services.keyset import newest_first
from app.services.scope import visible


def shown(notice: Notification) -> NoticeOut:
    """The notice as its reader gets it: as a sentence."""
    data = notice.data
    text = words(notice.kind, data["audience"], data["title"], data["reason"])
    return NoticeOut(**notice.model_dump(include=set(NoticeOut.model_fields) - {"text"}), text=text)


def due(actor: Actor, at: datetime) -> SelectOfScalar[Notification]:
    """What the actor may read at `at`: reminders only from when they are due, and nothing that was voided."""
    return visible(Notification, actor).where(
        col(Notification.due_at) <= at, col(Notification.voided_at).is_(None)
    )


async def listing(session: AsyncSession, actor: Actor, wanted: InboxFilter, at: datetime) -> list[NoticeOut]:
    """Newest first; one more than `limit` when there is a next page."""
    found = due(actor, at)
    if wanted.unread is not None:
        unread = col(Notification.read_at).is_(None)
        found = found.where(unread if wanted.unread else ~unread)
    page = newest_first(found, Notification, wanted)
    return [shown(notice) for notice in await session.exec(page)]


async def read(session: AsyncSession, actor: Actor, notice_id: UUID, at: datetime) -> NoticeOut:
    """Mark as read; the first reading's time stays. Raises NotFound."""
    this = due(actor, at).where(col(Notification.id) == notice_id)
    notice = (await session.exec(this)).first()
    if notice is None:
        raise NotFound
    await session.exec(
        update(Notification)
        .where(col(Notification.id) == notice_id, col(Notification.read_at).is_(None))
        .values(read_at=at)
        .execution_options(synchronize_session=False)
    )
    await session.refresh(notice)
    return shown(notice)
