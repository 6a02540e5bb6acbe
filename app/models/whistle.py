"""吹哨报到: who was called when a level could not help, whether they came, and what stayed unmet."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from app.models.base import Record, path_column, sealed_column
from app.models.personal import Category, Kept, Personal

WORDS = Personal(Category.WORDS, "报到说明", Kept.RECORD)
_PENDING = text("reported_at IS NULL AND missed_at IS NULL")


class Whistle(Record, table=True):
    """One call (S1.23, S4.4): the order climbed to `handler_id`; at the center a department reports by `due_at`.

    `can_help` is the department's answer, `missed_at` when its time ran out without one.
    """

    __table_args__ = (
        UniqueConstraint("order_id", "handler_id"),
        CheckConstraint("(department_id IS NULL) = (department_path IS NULL)", name="department_has_path"),
        CheckConstraint("(reported_at IS NULL) = (can_help IS NULL)", name="report_says_whether"),
        CheckConstraint("department_id IS NOT NULL OR reported_at IS NULL", name="department_reports"),
        Index("ix_whistle_department", "department_path", "id"),
        Index("ix_whistle_due", "due_at", sqlite_where=_PENDING, postgresql_where=_PENDING),
    )

    order_id: UUID = Field(foreign_key="service_order.id")
    handler_id: UUID = Field(foreign_key="organisation.id")
    department_id: UUID | None = Field(default=None, foreign_key="organisation.id")
    department_path: str | None = path_column(nullable=True)
    due_at: datetime
    reported_at: datetime | None = None
    reported_by_id: UUID | None = Field(default=None, foreign_key="person.id")
    can_help: bool | None = None
    note: str = sealed_column("whistle.note", WORDS, initial="")
    missed_at: datetime | None = None


class Gap(Record, table=True):
    """What a place could not offer: a row for each specialty of an order that stayed unmet, or one without any."""

    __table_args__ = (UniqueConstraint("order_id", "specialty"), Index("ix_gap_org_path", "org_path", "id"))

    order_id: UUID = Field(foreign_key="service_order.id")
    org_path: str = path_column()
    category: str = Field(max_length=40)
    specialty: str = Field(default="", max_length=40)
    reason: str = Field(max_length=40)
