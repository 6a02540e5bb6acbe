"""Matching and dispatching on the wire."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field, model_validator

from app.domain.matching.features import Exclusion
from app.domain.matching.score import FactorName
from app.schemas.base import Input, Output, Reason, Remark, broken


class DispatchMode(StrEnum):
    """To a named team, to the best one, or to whoever is first (抢单)."""

    TEAM = "team"
    AUTO = "auto"
    POOL = "pool"


class DispatchIn(Input):
    mode: DispatchMode
    team_id: UUID | None = Field(None, description="Only with mode `team`.")
    override_reason: Remark = Field("", description="Needed when the team is not the first recommendation.")

    model_config = Input.model_config | {
        "json_schema_extra": {"examples": [{"mode": "auto"}, {"mode": "pool"}]}
    }

    @model_validator(mode="after")
    def _named(self) -> "DispatchIn":
        if (self.mode is DispatchMode.TEAM) != (self.team_id is not None):
            raise broken("order_dispatch_team", "指定队伍派单须填写队伍，其他方式不填")
        return self


class ReassignIn(Input):
    team_id: UUID
    reason: Reason


class ReasonIn(Input):
    reason: Reason

    model_config = Input.model_config | {
        "json_schema_extra": {"examples": [{"reason": "该时段已有其他安排"}]}
    }


class FactorOut(Output):
    """`contribution` = `value` × `weight`; `reason` can be read aloud."""

    name: FactorName
    value: float
    weight: float
    contribution: float
    reason: str


class MatchedTeam(Output):
    id: UUID
    name: str


class MatchOut(Output):
    """`ring` says how near the team's organisation stands: own station, street, center, or lent by a neighbour."""

    rank: int
    team: MatchedTeam
    ring: str
    ring_text: str
    score: float
    earliest_start: datetime
    factors: list[FactorOut]


class ExcludedOut(Output):
    """How many teams a condition excluded; each team counts once, under the first it failed."""

    reason: Exclusion
    text: str
    teams: int


class FindingOut(Output):
    """One condition that a team fails, and what would have to change."""

    reason: Exclusion
    text: str
    change: str


class ExplainedOut(Output):
    """Why one team is not (or is) there: what it fails; or, when it fails nothing, how it scores.

    `behind` is what it lacks to the last of the items, 0 for one of them.
    """

    team: MatchedTeam
    eligible: bool
    findings: list[FindingOut]
    score: float | None
    behind: float | None
    factors: list[FactorOut]


class MatchesOut(Output):
    """`unread` teams meet every fixed condition but could not be among the items however free they are."""

    items: list[MatchOut]
    excluded: list[ExcludedOut]
    considered: int
    unread: int
    weights_version: str
    explained: ExplainedOut | None
