"""Webhooks on the wire. The secret is shown once, to whoever makes one."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.lifecycle import Action
from app.schemas.base import Clean, Input, Output
from app.schemas.patch import Patch, optional

Url = Annotated[str, Field(min_length=1, max_length=500), Clean]
Actions = Annotated[list[Action], Field(max_length=len(Action))]


class WebhookIn(Input):
    """`actions` are the moves to hear of; none named means all."""

    organisation_id: UUID
    url: Url
    actions: Actions = Field(default_factory=list)


class WebhookChange(Patch):
    """`active: false` pauses it; `true` goes on where it stopped."""

    url: Url = optional()
    actions: Actions = optional()
    active: bool = optional()


class WebhookOut(Output):
    """`position` is the last event that the other side has taken. While it does not take the next, `failures`
    counts the attempts since `failing_since`, and `next_at` is the next one."""

    id: UUID
    created_at: datetime
    organisation_id: UUID
    url: str
    actions: list[str]
    active: bool
    position: int
    next_at: datetime
    failures: int
    failing_since: datetime | None
    last_error: str


class WebhookMade(WebhookOut):
    """`secret` verifies signatures, and is never shown again."""

    secret: str
