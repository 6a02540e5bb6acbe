"""When people fail: somebody did not come, somebody complains, somebody is asked afterwards how it was."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from app.models.base import Record, about, enum_column, path_column, sealed_column
from app.models.personal import Category, Kept, Personal

WORDS = Personal(Category.WORDS, "处理爽约、投诉与回访", Kept.RECORD)
ASKED = Personal(Category.CONDUCT, "记录回访的方式与结果", Kept.SERVICE)
_UNANSWERED = text("answered_at IS NULL")
_UNDONE = text("done_at IS NULL")


class Absence(Record, table=True):
    """爽约: the team did not come at `scheduled_start`. Marked by the clock when `marked_by_id` is null.

    The team may appeal; an absence that was `overturned` (by a decision, or by a check-in that a phone sent late)
    counts no more.
    """

    __table_args__ = (
        UniqueConstraint("order_id", "team_id", "scheduled_start"),
        CheckConstraint("(appealed_at IS NULL) = (length(appeal) = 0)", name="appeal_has_words"),
        CheckConstraint("decided_at IS NOT NULL OR NOT overturned", name="overturned_by_decision"),
        Index("ix_absence_team", "team_id", "id"),
    )

    order_id: UUID = Field(foreign_key="service_order.id")
    team_id: UUID = Field(foreign_key="team.id")
    org_path: str = path_column(index=True)
    scheduled_start: datetime
    marked_by_id: UUID | None = Field(default=None, foreign_key="person.id")
    reason: str = sealed_column("absence.reason", WORDS, initial="")
    appeal: str = sealed_column("absence.appeal", WORDS, initial="")
    appealed_at: datetime | None = None
    appealed_by_id: UUID | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = None
    decided_by_id: UUID | None = Field(default=None, foreign_key="person.id")
    decision: str = sealed_column("absence.decision", WORDS, initial="")
    overturned: bool = False


class Complaint(Record, table=True):
    """The resident is not content; answered by reopening the order or by words, one at a time."""

    __table_args__ = (
        Index(
            "uq_complaint_open",
            "order_id",
            unique=True,
            sqlite_where=_UNANSWERED,
            postgresql_where=_UNANSWERED,
        ),
        CheckConstraint("(answered_at IS NULL) = (reopened IS NULL)", name="answer_says_whether"),
    )

    order_id: UUID = Field(foreign_key="service_order.id", index=True)
    org_path: str = path_column(index=True)
    made_by_id: UUID = Field(foreign_key="person.id")
    words: str = sealed_column("complaint.words", WORDS)
    due_at: datetime
    answered_at: datetime | None = None
    answered_by_id: UUID | None = Field(default=None, foreign_key="person.id")
    answer: str = sealed_column("complaint.answer", WORDS, initial="")
    reopened: bool | None = None


class FollowUpCause(StrEnum):
    ON_BEHALF = "on_behalf"
    LOW_RATING = "low_rating"


class FollowUpWay(StrEnum):
    PHONE = "phone"
    VISIT = "visit"


class FollowUp(Record, table=True):
    """回访: whoever was ordered for, and whoever was not content, is asked once more (100 % of both)."""

    __tablename__ = "follow_up"
    __table_args__ = (
        UniqueConstraint("order_id"),
        CheckConstraint("(done_at IS NULL) = (satisfied IS NULL)", name="done_says_whether"),
        Index("ix_follow_up_due", "due_at", sqlite_where=_UNDONE, postgresql_where=_UNDONE),
    )

    order_id: UUID = Field(foreign_key="service_order.id")
    org_path: str = path_column(index=True)
    cause: FollowUpCause = enum_column(FollowUpCause)
    due_at: datetime
    done_at: datetime | None = None
    done_by_id: UUID | None = Field(default=None, foreign_key="person.id")
    way: FollowUpWay | None = enum_column(FollowUpWay, nullable=True, initial=None, **about(ASKED))
    satisfied: bool | None = Field(default=None, sa_column_kwargs=about(ASKED))
    note: str = sealed_column("follow_up.note", WORDS, initial="")
