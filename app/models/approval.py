"""What one person may not do alone (四眼原则): asked by one, decided by another."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from app.models.base import Record, enum_column, hashed_column, path_column, sealed_column
from app.models.personal import Category, Kept, Personal

WORDS = Personal(Category.WORDS, "说明为何需要、为何同意", Kept.SECURITY)
_ASKED = text("state = 'asked'")


class ApprovalKind(StrEnum):
    """A role that rules over others, a file with personal data, the contacts of a minor
    (未成年人网络保护条例 Art. 36).
    """

    GRANT = "grant"
    EXPORT = "export"
    MINOR = "minor"


class ApprovalState(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    LAPSED = "lapsed"
    SPARED = "spared"
    """The place lets one person do this: kept as what was done and why, and decided by nobody."""


class Approval(Record, table=True):
    """`wanted` is what will be done, in the shape of the call that asked for it; `subject_id` is whom or what
    it is about. An approval holds until `expires_at`; one that was not decided by then has lapsed.
    """

    __table_args__ = (
        CheckConstraint("decided_by_id <> asked_by_id", name="decided_by_another"),
        CheckConstraint("(decided_by_id IS NULL) = (decided_at IS NULL)", name="decided_by_somebody"),
        CheckConstraint(
            "(decided_at IS NULL) = (state IN ('asked', 'lapsed', 'spared'))", name="decided_when_decided"
        ),
        Index("ix_approval_org_path", "org_path", "id"),
        Index("ix_approval_subject", "subject_id", "kind"),
        Index(
            "uq_approval_asked",
            *("asked_by_id", "wanted_hash"),
            unique=True,
            sqlite_where=_ASKED,
            postgresql_where=_ASKED,
        ),
        Index("ix_approval_asked", "expires_at", sqlite_where=_ASKED, postgresql_where=_ASKED),
    )

    kind: ApprovalKind = enum_column(ApprovalKind)
    state: ApprovalState = enum_column(ApprovalState, initial=ApprovalState.ASKED)
    org_path: str = path_column()
    subject_id: UUID | None = None
    wanted: dict[str, Any] = sealed_column("approval.wanted", WORDS, "object")
    wanted_hash: str | None = hashed_column("approval", WORDS)
    """Of all that is asked for: who asks the same twice waits for one decision."""
    reason: str = sealed_column("approval.reason", WORDS)
    asked_by_id: UUID = Field(foreign_key="person.id", index=True)
    expires_at: datetime
    decided_by_id: UUID | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = None
    note: str = sealed_column("approval.note", WORDS, initial="")
