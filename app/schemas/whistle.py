"""吹哨报到 on the wire."""

from datetime import datetime
from uuid import UUID

from pydantic import model_validator

from app.schemas.base import Input, Keyset, Output, Reason, broken


class EscalateIn(Input):
    """`version` is the order's as the caller saw it; with it, two who press climb one level and not two."""

    reason: Reason
    version: int | None = None

    model_config = Input.model_config | {
        "json_schema_extra": {"examples": [{"reason": "本站没有持证电工", "version": 2}]}
    }


class ReportIn(Input):
    """`team_id`: a team that the department sends; it is offered the order at once."""

    can_help: bool
    note: Reason
    team_id: UUID | None = None

    model_config = Input.model_config | {
        "json_schema_extra": {"examples": [{"can_help": True, "note": "安排司法所律师到场"}]}
    }

    @model_validator(mode="after")
    def _sends_only_help(self) -> "ReportIn":
        if self.team_id is not None and not self.can_help:
            raise broken("report_team", "不能协助时不指派队伍")
        return self


class WhistleFilter(Keyset):
    """`pending`: a department has still to report."""

    pending: bool | None = None
    order_id: UUID | None = None


class WhistleOut(Output):
    """`department_id` is null where a level was whistled for and no department named. `overdue`: it should have
    reported by now."""

    id: UUID
    created_at: datetime
    order_id: UUID
    handler_id: UUID
    department_id: UUID | None
    due_at: datetime
    reported_at: datetime | None
    can_help: bool | None
    note: str
    missed_at: datetime | None
    overdue: bool


class GapOut(Output):
    """How many orders of a place stayed unmet for want of a specialty ("" where none was asked for)."""

    org_path: str
    category: str
    specialty: str
    reason: str
    orders: int
