"""The points ledger: every transfer is two entries that sum to zero; nothing is ever changed or deleted."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from app.models.base import Record, about, enum_column
from app.models.personal import Category, Kept, Personal

EARNED = Personal(Category.CONDUCT, "志愿服务积分", Kept.SERVICE)

_PERSON = text("person_id IS NOT NULL")
_ISSUER = text("person_id IS NULL")


class PointsCause(StrEnum):
    SERVICE = "service"


class PointsAccount(Record, table=True):
    """A volunteer's account at a center, or (without a person) the center's issuing account.

    `balance` is a cache of the entries for people, guarded by a CHECK; the issuer keeps none, because a
    single hot row would serialise every credit of the county: its balance is the sum of its entries.
    """

    __tablename__ = "points_account"
    __table_args__ = (
        CheckConstraint("balance >= 0", name="balance_not_negative"),
        Index(
            "uq_points_account_person",
            *("center_id", "person_id"),
            unique=True,
            sqlite_where=_PERSON,
            postgresql_where=_PERSON,
        ),
        Index(
            "uq_points_account_issuer",
            "center_id",
            unique=True,
            sqlite_where=_ISSUER,
            postgresql_where=_ISSUER,
        ),
    )

    center_id: UUID = Field(foreign_key="organisation.id")
    person_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    balance: int = Field(default=0, sa_column_kwargs=about(EARNED))


class PointsTransfer(Record, table=True):
    """Why points moved. (cause, reference) is unique, so a repeated credit finds it already there."""

    __tablename__ = "points_transfer"
    __table_args__ = (UniqueConstraint("cause", "reference"),)

    cause: PointsCause = enum_column(PointsCause)
    reference: UUID
    order_id: UUID | None = Field(default=None, foreign_key="service_order.id", index=True)


class PointsEntry(Record, table=True):
    __tablename__ = "points_entry"
    __table_args__ = (
        UniqueConstraint("transfer_id", "account_id"),
        CheckConstraint("amount <> 0", name="amount_not_zero"),
        Index("ix_points_entry_account", "account_id", "id"),
    )

    transfer_id: UUID = Field(foreign_key="points_transfer.id")
    account_id: UUID = Field(foreign_key="points_account.id")
    amount: int = Field(sa_column_kwargs=about(EARNED))
