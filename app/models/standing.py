"""What a team has done so far, counted ahead of time: a ranking has no time to count a year of offers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from app.clock import now
from app.models.base import Fresh

_COUNTS = (
    *("asked", "accepted", "due", "on_time", "served", "released"),
    *("rating_sum", "ratings", "recent"),
)


class TeamStanding(SQLModel, table=True):
    """One row a team, as of `updated_at`; a team without a row has done nothing yet.

    What was missed fell due, and was neither served nor released.

    `asked` and `accepted` count offers. Of the services that fell `due`, `on_time` began within their window,
    `served` were completed and `released` given back. `rating_sum` adds up the four stars of `ratings` reviews.
    `recent` are the services accepted in the last 30 days. `reliability` is what all this makes, in basis points.
    """

    __tablename__ = "team_standing"
    __table_args__ = (
        CheckConstraint(" AND ".join(f"{count} >= 0" for count in _COUNTS), name="counts_not_negative"),
        CheckConstraint("reliability BETWEEN 0 AND 10000", name="reliability_0_10000"),
    )

    team_id: UUID = Field(foreign_key="team.id", primary_key=True)
    asked: int = 0
    accepted: int = 0
    due: int = 0
    on_time: int = 0
    served: int = 0
    released: int = 0
    rating_sum: int = 0
    ratings: int = 0
    recent: int = 0
    reliability: int = 0
    updated_at: datetime = Field(default_factory=Fresh(now))
