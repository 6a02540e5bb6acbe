"""What people write for others to read is looked at first (网络信息内容生态治理规定 Art. 9)."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from app.models.base import Fresh, Record, about, enum_column, json_column, path_column, sealed_column
from app.models.personal import Category, Kept, Personal

WORDS = Personal(Category.WORDS, "说明为何放行或不予显示", Kept.RECORD)
FOUND = Personal(Category.WORDS, "说明审核发现了什么", Kept.RECORD)
_PENDING = text("state = 'pending'")
_HELD = text("state = 'held'")


class ContentKind(StrEnum):
    ORDER = "order"
    REVIEW = "review"
    COMPLAINT = "complaint"


class ContentState(StrEnum):
    """`pending`: a machine is to look; `held`: a person is to look, and until then it is shown to nobody else."""

    PENDING = "pending"
    PASSED = "passed"
    HELD = "held"
    CLEARED = "cleared"
    REFUSED = "refused"


class ContentCheck(Record, table=True):
    """`found` names what was found: words of the place's own list, or the labels of WeChat's check."""

    __tablename__ = "content_check"
    __table_args__ = (
        UniqueConstraint("kind", "subject_id"),
        CheckConstraint(
            "(decided_at IS NULL) = (state NOT IN ('cleared', 'refused'))", name="decided_by_people"
        ),
        CheckConstraint("attempts >= 0", name="attempts_not_negative"),
        Index("ix_content_check_pending", "next_at", sqlite_where=_PENDING, postgresql_where=_PENDING),
        Index("ix_content_check_held", "org_path", "id", sqlite_where=_HELD, postgresql_where=_HELD),
    )

    kind: ContentKind = enum_column(ContentKind)
    state: ContentState = enum_column(ContentState, initial=ContentState.PENDING)
    subject_id: UUID
    order_id: UUID = Field(foreign_key="service_order.id", index=True)
    person_id: UUID = Field(foreign_key="person.id")
    org_path: str = path_column()
    found: list[str] = Field(default_factory=Fresh(list), sa_column=json_column(about(FOUND)))
    next_at: datetime
    attempts: int = 0
    decided_by_id: UUID | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = None
    note: str = sealed_column("content_check.note", WORDS, initial="")
