"""Half hours that the latest plan means for one order: no promise, but taking them has a price."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from app.models.base import Record


class Reservation(Record, table=True):
    """`permille` of the worth of serving one normal order is lost when the team is busy elsewhere then.

    It counts only while the order waits to be dispatched; each order has the one of its newest plan.
    """

    __table_args__ = (
        UniqueConstraint("order_id"),
        CheckConstraint("permille BETWEEN 0 AND 10000", name="permille_0_10000"),
        CheckConstraint("ends_at > starts_at", name="time_forward"),
        Index("ix_reservation_team", "team_id", "starts_at"),
    )

    team_id: UUID = Field(foreign_key="team.id")
    order_id: UUID = Field(foreign_key="service_order.id")
    starts_at: datetime
    ends_at: datetime
    permille: int
