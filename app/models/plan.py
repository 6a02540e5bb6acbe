"""A plan of the queue: which team should serve which order, how good that is, and what came of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlmodel import Field

from app.models.base import Record, path_column


class DispatchPlan(Record, table=True):
    """For the queue at and below one organisation, as it stood at `made_at`; by nobody when the clock made it.

    `objective` is what the plan is worth and `bound` what no plan can exceed, in the same unit; `proven` says that
    the two met, `partial` that time ran out before every order was looked at. `seconds` is what it cost. `by_hand`
    orders would be served if each, in turn, were given to the best team that still had time.
    """

    __tablename__ = "dispatch_plan"

    organisation_id: UUID = Field(foreign_key="organisation.id")
    org_path: str = path_column(index=True)
    made_by_id: UUID | None = Field(default=None, foreign_key="person.id")
    made_at: datetime
    seconds: float
    orders: int
    teams: int
    served: int
    by_hand: int
    objective: int = Field(sa_type=BigInteger)
    bound: int = Field(sa_type=BigInteger)
    proven: bool
    partial: bool
    applied_at: datetime | None = None
    applied_by_id: UUID | None = Field(default=None, foreign_key="person.id")


class DispatchPlanItem(Record, table=True):
    """One order of the plan at the `version` that was seen: a team and a time, or the reason why there is none.

    `first_choice_id` is the best team for this order alone. `outcome` is empty until the plan is applied, and then
    says what became of the proposal.
    """

    __tablename__ = "dispatch_plan_item"
    __table_args__ = (
        UniqueConstraint("plan_id", "order_id"),
        CheckConstraint("(team_id IS NULL) = (starts_at IS NULL)", name="time_with_team"),
    )

    plan_id: UUID = Field(foreign_key="dispatch_plan.id")
    order_id: UUID = Field(foreign_key="service_order.id")
    version: int
    team_id: UUID | None = Field(default=None, foreign_key="team.id")
    first_choice_id: UUID | None = Field(default=None, foreign_key="team.id")
    starts_at: datetime | None = None
    score: int | None = None
    reason: str = Field(default="", max_length=40)
    outcome: str = Field(default="", max_length=40)
