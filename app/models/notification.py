"""The outbox: what somebody must hear, written in the same transaction as what happened."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from app.models.base import Record, json_column, path_column


class Notification(Record, table=True):
    """For one person, or (with `org_path`) for whoever is on duty at that organisation.

    `dedupe_key` makes a repeated cause one notice. `kind` names the Chinese template.
    """

    __table_args__ = (
        UniqueConstraint("dedupe_key"),
        CheckConstraint("(person_id IS NULL) <> (org_path IS NULL)", name="one_recipient"),
        Index("ix_notification_person", "person_id", "id"),
        Index("ix_notification_org_path", "org_path", "id"),
    )

    person_id: UUID | None = Field(default=None, foreign_key="person.id")
    org_path: str | None = path_column(nullable=True)
    order_id: UUID | None = Field(default=None, foreign_key="service_order.id")
    kind: str = Field(max_length=40)
    data: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    dedupe_key: str = Field(max_length=120)
    read_at: datetime | None = None
