"""长期点单: a service that is wanted again and again, and the days on which it is not."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from app.models.base import Record, about, enum_column, path_column, sealed_column
from app.models.personal import Category, Kept, Personal

WANTED = Personal(Category.SENSITIVE, "按时为同一位服务对象下单", Kept.CONTACT)
WORDS = Personal(Category.WORDS, "说明为何这样处理", Kept.RECORD)
TITLE = Personal(Category.WORDS, "列表与通知中说明是什么服务", Kept.RECORD)
WHEN = Personal(Category.CONDUCT, "按时重复下单", Kept.SERVICE)
_WATCHED = text("next_at IS NOT NULL")


class RecurringStatus(StrEnum):
    REQUESTED = "requested"
    ACTIVE = "active"
    REJECTED = "rejected"
    ENDED = "ended"


class OnHoliday(StrEnum):
    KEEP = "keep"
    SKIP = "skip"


class RecurringOrder(Record, table=True):
    """`wanted` is the order as it was asked for, without its window; `rule` an RRULE (RFC 5545) in the local time
    of `time_zone`, counted from `first_start`; each order's window is `window_minutes` long.

    Orders are made some days ahead: `next_at` is when the clock next makes some, `made_until` up to where it has.
    `contacts_emptied_at`: of `wanted` only the service is left, and nobody's name or address.
    """

    __tablename__ = "recurring_order"
    __table_args__ = (
        CheckConstraint("window_minutes BETWEEN 15 AND 1440", name="window_15_1440"),
        CheckConstraint("(next_at IS NOT NULL) = (status = 'active')", name="watched_when_active"),
        Index("ix_recurring_order_next", "next_at", sqlite_where=_WATCHED, postgresql_where=_WATCHED),
        Index("ix_recurring_order_placed_by", "placed_by_id", "id"),
    )

    organisation_id: UUID = Field(foreign_key="organisation.id")
    org_path: str = path_column(index=True)
    placed_by_id: UUID = Field(foreign_key="person.id")
    title: str = Field(max_length=60, sa_column_kwargs=about(TITLE))
    wanted: dict[str, Any] = sealed_column("recurring_order.wanted", WANTED, "object")
    rule: str = Field(max_length=300, sa_column_kwargs=about(WHEN))
    first_start: datetime = Field(sa_column_kwargs=about(WHEN))
    window_minutes: int
    time_zone: str = Field(max_length=40)
    on_holiday: OnHoliday = enum_column(OnHoliday)
    preferred_team_id: UUID | None = Field(default=None, foreign_key="team.id")
    status: RecurringStatus = enum_column(RecurringStatus)
    reason: str = sealed_column("recurring_order.reason", WORDS, initial="")
    decided_by_id: UUID | None = Field(default=None, foreign_key="person.id")
    made_until: datetime | None = None
    next_at: datetime | None = None
    contacts_emptied_at: datetime | None = None


class RecurringException(Record, table=True):
    """Once it is not as always: not at all, or at another time (`moved_to`)."""

    __tablename__ = "recurring_exception"
    __table_args__ = (UniqueConstraint("recurring_id", "occurs_at"),)

    recurring_id: UUID = Field(foreign_key="recurring_order.id")
    occurs_at: datetime = Field(sa_column_kwargs=about(WHEN))
    moved_to: datetime | None = Field(default=None, sa_column_kwargs=about(WHEN))
    reason: str = sealed_column("recurring_exception.reason", WORDS, initial="")
