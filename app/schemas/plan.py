"""A plan of the queue on the wire."""

from datetime import datetime
from uuid import UUID

from app.schemas.base import Input, Keyset, Output
from app.schemas.dispatch import MatchedTeam


class PlanIn(Input):
    """For the approved orders at and below this organisation."""

    organisation_id: UUID

    model_config = Input.model_config | {
        "json_schema_extra": {"examples": [{"organisation_id": "0192f3c0-0000-7000-8000-000000000003"}]}
    }


class UnservedOut(Output):
    reason: str
    text: str
    orders: int


class OutcomeOut(Output):
    """What became of the planned offers; an empty `outcome` is still to be done."""

    outcome: str
    text: str
    orders: int


class PlanOut(Output):
    """`objective` is what the plan is worth and `bound` what no plan can exceed, a million for serving one normal
    order; `gap` is the share between them. `proven`: nothing better exists. `partial`: time ran out.
    `by_hand` orders would be served one after the other; of `changed` orders the plan takes another team than the
    first choice of the order alone.
    """

    id: UUID
    organisation_id: UUID
    made_at: datetime
    seconds: float
    orders: int
    teams: int
    served: int
    by_hand: int
    changed: int
    objective: int
    bound: int
    gap: float
    proven: bool
    partial: bool
    applied_at: datetime | None
    unserved: list[UnservedOut]
    outcomes: list[OutcomeOut]


class PlanItemFilter(Keyset):
    """`served`: those with a team, or those without; `changed`: those with another team than the first choice."""

    served: bool | None = None
    changed: bool | None = None
    outcome: str | None = None


class PlanItemOut(Output):
    """One order of the plan; `reason` says why it has no team, `outcome` what came of the offer."""

    id: UUID
    order_id: UUID
    version: int
    team: MatchedTeam | None
    first_choice: MatchedTeam | None
    changed: bool
    starts_at: datetime | None
    score: float | None
    reason: str
    reason_text: str
    outcome: str
    outcome_text: str


class PlanFilter(Keyset):
    """`within` is an organisation and everything below it."""

    within: UUID | None = None
