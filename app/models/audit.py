"""Who did what, when, from where, with what result, so that nobody changes it unseen (等保, 网络安全法 Art. 21)."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, SmallInteger, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.models.audit_guard import guard
from app.models.base import Record, about, path_column, sealed_column
from app.models.personal import Category, Kept, Personal

TRAIL = Personal(Category.CONDUCT, "安全审计、追查泄露", Kept.SECURITY)
_UNCHAINED = text("seq IS NULL")


class AuditEntry(Record, table=True):
    """One act. `act` is the operation's id in the contract, `result` is `done` or the code of the problem.

    `org_path` is the place whose auditors read it (`/` for what belongs to none). `seq` and `chain` are given after
    the commit, in the order in which entries became visible: `chain` hashes this entry and the one before.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        UniqueConstraint("seq"),
        CheckConstraint("(seq IS NULL) = (chain IS NULL)", name="chained_when_numbered"),
        Index("ix_audit_entry_unchained", "id", sqlite_where=_UNCHAINED, postgresql_where=_UNCHAINED),
        Index("ix_audit_entry_org_path", "org_path", "id"),
        Index("ix_audit_entry_actor", "actor_id", "id"),
        Index("ix_audit_entry_object", "object_id", "id"),
    )

    actor_id: UUID | None = Field(default=None, foreign_key="person.id")
    sign_in_id: UUID | None = Field(default=None, foreign_key="sign_in.id")
    act: str = Field(max_length=60, sa_column_kwargs=about(TRAIL))
    result: str = Field(max_length=60, sa_column_kwargs=about(TRAIL))
    org_path: str = path_column()
    object_kind: str = Field(default="", max_length=40)
    object_id: UUID | None = None
    reason: str = sealed_column("audit_entry.reason", TRAIL, initial="")
    address: str = sealed_column("audit_entry.address", TRAIL, initial="")
    data: dict[str, Any] = sealed_column("audit_entry.data", TRAIL, "object")
    request_id: str = Field(default="", max_length=64, sa_column_kwargs=about(TRAIL))
    seq: int | None = Field(default=None, sa_type=BigInteger)
    chain: str | None = Field(default=None, max_length=64)


class AuditChain(SQLModel, table=True):
    """One row: the last link, and the last that retention has deleted, from which the rest is checked on."""

    __tablename__ = "audit_chain"

    id: int = Field(primary_key=True, sa_type=SmallInteger, sa_column_kwargs={"autoincrement": False})
    last: int = Field(default=0, sa_type=BigInteger)
    last_chain: str = Field(default="", max_length=64)
    forgotten: int = Field(default=0, sa_type=BigInteger)
    forgotten_chain: str = Field(default="", max_length=64)


class Reveal(Record, table=True):
    """Somebody had the contacts of an order, or of a series, shown whole: told to the person concerned, too
    (PIPL Art. 44).
    """

    __table_args__ = (
        CheckConstraint("(order_id IS NULL) <> (recurring_id IS NULL)", name="of_one"),
        Index("ix_reveal_order", "order_id", "id"),
        Index("ix_reveal_recurring", "recurring_id", "id"),
    )

    order_id: UUID | None = Field(default=None, foreign_key="service_order.id")
    recurring_id: UUID | None = Field(default=None, foreign_key="recurring_order.id")
    person_id: UUID = Field(foreign_key="person.id", index=True)
    role: str = Field(max_length=32, sa_column_kwargs=about(TRAIL))
    approval_id: UUID | None = Field(default=None, foreign_key="approval.id")
    reason: str = sealed_column("reveal.reason", TRAIL)


for _name in ("audit_entry", "audit_chain"):
    guard(SQLModel.metadata.tables[_name])
