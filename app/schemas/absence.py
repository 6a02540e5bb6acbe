"""Absences on the wire: a team did not come, says why, and is heard."""

from datetime import datetime
from uuid import UUID

from app.schemas.base import Input, Keyset, Output, Reason


class AbsenceFilter(Keyset):
    """`appealed`: only those that wait for a decision, or only the others."""

    team_id: UUID | None = None
    order_id: UUID | None = None
    overturned: bool | None = None
    appealed: bool | None = None


class AbsenceOut(Output):
    """`by_clock`: nobody said so, the time had passed. An overturned one does not count against the team."""

    id: UUID
    created_at: datetime
    order_id: UUID
    team_id: UUID
    scheduled_start: datetime
    by_clock: bool
    reason: str
    appeal: str
    appealed_at: datetime | None
    decided_at: datetime | None
    decision: str
    overturned: bool


class DecisionIn(Input):
    overturned: bool
    reason: Reason

    model_config = Input.model_config | {
        "json_schema_extra": {"examples": [{"overturned": True, "reason": "居民证实队员已按时到达"}]}
    }
