"""What a team's day is worth to the rest of the queue: the shadow price of one more order on it.

Volunteers tire, and a day takes only so many; its half hours have prices of their own (reservation.py).
"""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from app.models.base import Record


class TeamPrice(Record, table=True):
    """`permille` of an order's whole score that is lost elsewhere when this team serves one on `day`."""

    __tablename__ = "team_price"
    __table_args__ = (
        UniqueConstraint("team_id", "day"),
        CheckConstraint("permille BETWEEN 0 AND 10000", name="permille_0_10000"),
    )

    team_id: UUID = Field(foreign_key="team.id")
    day: date
    permille: int
