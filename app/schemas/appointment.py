"""Around an agreed time, on the wire: another time, a team that stands by."""

from enum import StrEnum
from typing import Final
from uuid import UUID

from app.schemas.base import Input, Instant, Reason


class PostponeCause(StrEnum):
    WEATHER = "weather"
    BENEFICIARY_ABSENT = "beneficiary_absent"
    HALF_DONE = "half_done"
    AGREED = "agreed"


POSTPONED_ZH: Final = {
    PostponeCause.WEATHER: "天气原因",
    PostponeCause.BENEFICIARY_ABSENT: "服务对象不在",
    PostponeCause.HALF_DONE: "尚未做完",
    PostponeCause.AGREED: "双方商定",
}


class PostponeIn(Input):
    """`half_done` only once the service has begun."""

    scheduled_start: Instant
    cause: PostponeCause
    reason: Reason

    model_config = Input.model_config | {
        "json_schema_extra": {
            "examples": [
                {
                    "scheduled_start": "2026-11-30T09:00:00+08:00",
                    "cause": "weather",
                    "reason": "暴雨橙色预警",
                }
            ]
        }
    }


class StandbyIn(Input):
    team_id: UUID

    model_config = Input.model_config | {
        "json_schema_extra": {"examples": [{"team_id": "0192f3c0-0000-7000-8000-000000000022"}]}
    }
