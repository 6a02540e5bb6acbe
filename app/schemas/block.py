"""Blocks on the wire: for those who dispatch, nobody else."""

from datetime import datetime
from uuid import UUID

from pydantic import ConfigDict

from app.schemas.base import Input, Output, Reason


class BlockIn(Input):
    """`reason` says what happened; the team does not see it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"team_id": "0192f3c0-0000-7000-8000-000000000021", "reason": "上次上门时与老人发生争执"}
            ]
        }
    )

    team_id: UUID
    reason: Reason


class BlockedTeam(Output):
    id: UUID
    name: str


class BlockOut(Output):
    """`order_id` is where it arose: this order, or an earlier one of the same beneficiary."""

    team: BlockedTeam
    order_id: UUID
    reason: str
    blocked_by_id: UUID
    created_at: datetime
