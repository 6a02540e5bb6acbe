"""An order offered to one team (派单), which may say no (志愿服务条例 Art. 25)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from app.domain.lifecycle import NEVER_AGAIN, OfferStatus
from app.models.base import Record, enum_column, sealed_column
from app.models.personal import Category, Kept, Personal

WORDS = Personal(Category.WORDS, "说明为何婉拒或改派", Kept.RECORD)
MATCHED = Personal(Category.PLACE, "复核配单如何算出、为何另选（含队伍到服务地点的距离）", Kept.RECORD)
_NEVER_AGAIN = text(f"status IN ({', '.join(repr(str(status)) for status in sorted(NEVER_AGAIN))})")
_ACCEPTED = text("status = 'accepted'")
_STANDBY = text("status = 'standby'")


class Offer(Record, table=True):
    """`receipt` keeps what the ranking recommended when this team was chosen, and why the choice differed.

    `standby` asks the team only to be ready in case another one fails. What was given back `excused` (weather,
    nobody at home) does not count against the team.

    The partial keys are the promises: one team at most has the order, one at most stands by, and nobody is asked
    twice who was asked and has not let it lapse.
    """

    __table_args__ = (
        Index(
            "uq_offer_accepted", "order_id", unique=True, sqlite_where=_ACCEPTED, postgresql_where=_ACCEPTED
        ),
        Index(
            "uq_offer_never_again",
            *("order_id", "team_id"),
            unique=True,
            sqlite_where=_NEVER_AGAIN,
            postgresql_where=_NEVER_AGAIN,
        ),
        Index("uq_offer_standby", "order_id", unique=True, sqlite_where=_STANDBY, postgresql_where=_STANDBY),
        Index("ix_offer_team", "team_id", "id"),
        Index("ix_offer_due", "status", "expires_at"),
    )

    order_id: UUID = Field(foreign_key="service_order.id", index=True)
    team_id: UUID = Field(foreign_key="team.id")
    status: OfferStatus = enum_column(OfferStatus)
    expires_at: datetime
    standby: bool = False
    excused: bool = False
    answered_at: datetime | None = None
    answered_by_id: UUID | None = Field(default=None, foreign_key="person.id")
    reason: str = sealed_column("offer.reason", WORDS, initial="")
    receipt: dict[str, Any] = sealed_column("offer.receipt", MATCHED, "object")
