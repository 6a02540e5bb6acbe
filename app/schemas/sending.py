"""Attempts to bring notices to phones, as an operator looks at them."""

from datetime import datetime
from uuid import UUID

from app.domain.delivery import Channel, Outcome
from app.schemas.base import Keyset, Output


class SendingFilter(Keyset):
    outcome: Outcome | None = None
    channel: Channel | None = None


class SendingOut(Output):
    """`detail` is what the other side said; nothing of the message itself and nobody's name or number."""

    id: UUID
    created_at: datetime
    notification_id: UUID
    channel: Channel
    attempt: int
    outcome: Outcome
    detail: str
