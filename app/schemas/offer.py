"""Offers, answers and claims on the wire."""

from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.domain.lifecycle import OfferStatus
from app.schemas.base import Input, Instant, Keyset, Output, Reason
from app.schemas.order import OrderSummary


class OfferFilter(Keyset):
    status: OfferStatus | None = None
    order_id: UUID | None = None


class OfferOut(Output):
    """`standby`: asked only to be ready in case another team fails; `excused`: given back, and not counted."""

    id: UUID
    created_at: datetime
    team_id: UUID
    status: OfferStatus
    expires_at: datetime
    answered_at: datetime | None
    reason: str
    standby: bool
    excused: bool
    order: OrderSummary


class AcceptIn(Input):
    """When the team will come; without it, at the start of the window."""

    scheduled_start: Instant | None = None


class ClaimIn(AcceptIn):
    """`team_id` for a leader of several teams."""

    team_id: UUID | None = None


class ReleaseCause(StrEnum):
    """Why an order is given back: the team's own reasons count against it, weather and an empty home do not."""

    TEAM = "team"
    WEATHER = "weather"
    BENEFICIARY_ABSENT = "beneficiary_absent"
    OTHER = "other"


EXCUSING: Final = frozenset({ReleaseCause.WEATHER, ReleaseCause.BENEFICIARY_ABSENT})
CAUSE_ZH: Final = {
    ReleaseCause.TEAM: "队伍原因",
    ReleaseCause.WEATHER: "天气原因",
    ReleaseCause.BENEFICIARY_ABSENT: "服务对象不在",
    ReleaseCause.OTHER: "其他原因",
}


class ReleaseIn(Input):
    """`other` counts until the desk decides otherwise."""

    reason: Reason
    cause: ReleaseCause = ReleaseCause.TEAM

    model_config = Input.model_config | {
        "json_schema_extra": {"examples": [{"reason": "暴雨橙色预警", "cause": "weather"}]}
    }


class ExcuseIn(Input):
    excused: bool
    reason: Reason

    model_config = Input.model_config | {
        "json_schema_extra": {"examples": [{"excused": True, "reason": "队员就医，已核实"}]}
    }


class ExcusedOut(Output):
    """An offer that was given back, and whether it counts."""

    id: UUID
    order_id: UUID
    team_id: UUID
    status: OfferStatus
    excused: bool
    reason: str
