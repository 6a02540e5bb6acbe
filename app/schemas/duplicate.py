"""Orders that may be one and the same need, and the merging of two; and another window for one."""

from uuid import UUID

from app.schemas.base import Input, Output, Reason
from app.schemas.order import OrderSummary, WindowIn


class DuplicateOut(Output):
    """`score` from 0 to 1; `reasons` can be read aloud."""

    order: OrderSummary
    score: float
    reasons: list[str]


class DuplicatesOut(Output):
    items: list[DuplicateOut]


class MergeIn(Input):
    into_id: UUID
    reason: Reason

    model_config = Input.model_config | {
        "json_schema_extra": {
            "examples": [
                {"into_id": "0192f3c0-0000-7000-8000-000000000052", "reason": "网格员已为同一位老人点单"}
            ]
        }
    }


class RescheduleIn(Input):
    window: WindowIn
    reason: Reason

    model_config = Input.model_config | {
        "json_schema_extra": {
            "examples": [
                {
                    "window": {"start": "2026-11-29T09:00:00+08:00", "end": "2026-11-29T12:00:00+08:00"},
                    "reason": "那天上午要去医院复查",
                }
            ]
        }
    }
