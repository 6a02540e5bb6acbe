"""Who shall not meet again: a team that is never again offered an order of this beneficiary."""

from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from app.models.base import Record, about, sealed_column
from app.models.order import SERVED
from app.models.personal import Category, Kept, Personal

WORDS = Personal(Category.WORDS, "不再安排双方见面的原因", Kept.RECORD)


class TeamBlock(Record, table=True):
    """`order_id` is where it arose, `reason` what happened; both are for those who dispatch, nobody else.

    It outlives the order because it hangs on the beneficiary's key.
    """

    __tablename__ = "team_block"
    __table_args__ = (
        UniqueConstraint("team_id", "beneficiary_key"),
        Index("ix_team_block_beneficiary_key", "beneficiary_key"),
    )

    team_id: UUID = Field(foreign_key="team.id")
    beneficiary_key: str = Field(max_length=64, sa_column_kwargs=about(SERVED))
    order_id: UUID = Field(foreign_key="service_order.id")
    reason: str = sealed_column("team_block.reason", WORDS)
    blocked_by_id: UUID = Field(foreign_key="person.id")
