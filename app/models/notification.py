"""The outbox: what somebody must hear, written in the same transaction as what happened."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.clock import now
from app.domain.delivery import Channel, Outcome
from app.models.base import Fresh, Record, about, enum_column, path_column, sealed_column
from app.models.personal import Category, Kept, Personal

WORDS = Personal(Category.WORDS, "通知内容", Kept.NOTICE)
AGREED = Personal(Category.CONDUCT, "只发送本人同意接收的微信消息", Kept.ACCOUNT)
_WAITING = text("send_at IS NOT NULL")


class Notification(Record, table=True):
    """For one person, or (with `org_path`) for whoever is on duty at that organisation.

    `dedupe_key` makes a repeated cause one notice. `kind` names the Chinese template. It is shown from `due_at` on:
    a reminder is a notice due later, and `voided_at` when its subject moved first. `send_at` is when it is next to
    go out by another channel than the inbox; null when there is nothing to send (any more). A sender holds it until
    `leased_until` (`send_at` says the same, so that another takes over then); after `attempts` in vain it is left
    to the operator. `held_template`: of this template one of the person's consents was taken for it.
    """

    __table_args__ = (
        UniqueConstraint("dedupe_key"),
        CheckConstraint("(person_id IS NULL) <> (org_path IS NULL)", name="one_recipient"),
        Index("ix_notification_person", "person_id", "id"),
        Index("ix_notification_org_path", "org_path", "id"),
        Index("ix_notification_order", "order_id", "id"),
        Index("ix_notification_send", "send_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
        CheckConstraint("attempts >= 0", name="attempts_not_negative"),
    )

    person_id: UUID | None = Field(default=None, foreign_key="person.id")
    org_path: str | None = path_column(nullable=True)
    order_id: UUID | None = Field(default=None, foreign_key="service_order.id")
    kind: str = Field(max_length=40, sa_column_kwargs=about(WORDS))
    data: dict[str, Any] = sealed_column("notification.data", WORDS, "object")
    dedupe_key: str = Field(max_length=120, sa_column_kwargs=about(WORDS))
    read_at: datetime | None = Field(default=None, sa_column_kwargs=about(WORDS))
    due_at: datetime = Field(default_factory=Fresh(now))
    voided_at: datetime | None = None
    send_at: datetime | None = None
    leased_until: datetime | None = None
    attempts: int = 0
    held_template: str | None = Field(default=None, max_length=40, sa_column_kwargs=about(AGREED))


class Sending(Record, table=True):
    """One attempt to bring a notice to somebody outside the inbox, and what came of it, for the operator."""

    __table_args__ = (
        UniqueConstraint("notification_id", "channel", "attempt"),
        CheckConstraint("attempt >= 1", name="attempt_from_1"),
        Index("ix_sending_outcome", "outcome", "id"),
    )

    notification_id: UUID = Field(foreign_key="notification.id")
    channel: Channel = enum_column(Channel)
    attempt: int
    outcome: Outcome = enum_column(Outcome)
    detail: str = Field(default="", max_length=200)


class Subscription(SQLModel, table=True):
    """一次性订阅: how many messages of one WeChat template a person has agreed to and not yet had."""

    __table_args__ = (CheckConstraint("remaining BETWEEN 0 AND 1000", name="remaining_0_1000"),)

    person_id: UUID = Field(foreign_key="person.id", primary_key=True)
    template: str = Field(max_length=40, primary_key=True, sa_column_kwargs=about(AGREED))
    remaining: int = Field(default=0, sa_column_kwargs=about(AGREED))
