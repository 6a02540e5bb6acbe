"""Notices on the wire."""

from datetime import datetime
from uuid import UUID

from app.schemas.base import Keyset, Output


class InboxFilter(Keyset):
    """`unread=true` for what is new, `unread=false` for what was read; both without it."""

    unread: bool | None = None


class NoticeOut(Output):
    """`text` is the sentence to show; `kind` is the move of the order, or the reminder, that caused it. `due_at` is
    the time to show: a reminder is written long before."""

    id: UUID
    created_at: datetime
    due_at: datetime
    kind: str
    text: str
    order_id: UUID | None
    read_at: datetime | None
