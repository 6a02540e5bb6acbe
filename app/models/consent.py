"""What a person has agreed to, by purpose and version of the words they were shown (PIPL Art. 13–17, 29, 31)."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from app.models.base import Record, about, enum_column, sealed_column
from app.models.personal import Category, Kept, Personal

GUARDIAN = Personal(Category.IDENTITY, "监护人同意未满十四周岁者使用", Kept.ACCOUNT)
CONSENTED = Personal(Category.CONDUCT, "证明同意了什么、何时撤回", Kept.WITHDRAWN)
_IN_FORCE = text("withdrawn_at IS NULL")


class Purpose(StrEnum):
    """`service` is needed to place an order at all; the others are asked for separately and may be refused."""

    SERVICE = "service"
    SENSITIVE = "sensitive"
    LOCATION = "location"
    PUBLICITY = "publicity"


class DataConsent(Record, table=True):
    """One consent, in force until it is withdrawn; a newer version is a row of its own. For who is under
    fourteen the guardian consents, and is named.
    """

    __tablename__ = "data_consent"
    __table_args__ = (
        CheckConstraint("(guardian_name IS NULL) = (guardian_phone IS NULL)", name="guardian_named"),
        Index(
            "uq_data_consent_in_force",
            *("person_id", "purpose"),
            unique=True,
            sqlite_where=_IN_FORCE,
            postgresql_where=_IN_FORCE,
        ),
    )

    person_id: UUID = Field(foreign_key="person.id", index=True)
    purpose: Purpose = enum_column(Purpose, **about(CONSENTED))
    version: str = Field(max_length=20, sa_column_kwargs=about(CONSENTED))
    guardian_name: str | None = sealed_column(
        "data_consent.guardian_name", GUARDIAN, nullable=True, initial=None
    )
    guardian_phone: str | None = sealed_column(
        "data_consent.guardian_phone", GUARDIAN, nullable=True, initial=None
    )
    guardian_relation: str | None = sealed_column(
        "data_consent.guardian_relation", GUARDIAN, nullable=True, initial=None
    )
    withdrawn_at: datetime | None = Field(default=None, sa_column_kwargs=about(CONSENTED))
