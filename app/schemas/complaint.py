"""Complaints on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.schemas.base import Clean, Input, Keyset, Output

Words = Annotated[str, Field(min_length=2, max_length=500), Clean]


class ComplaintIn(Input):
    reason: Words

    model_config = Input.model_config | {"json_schema_extra": {"examples": [{"reason": "厨房没有打扫"}]}}


class ComplaintFilter(Keyset):
    order_id: UUID | None = None
    answered: bool | None = None
    overdue: bool | None = None


class ComplaintOut(Output):
    id: UUID
    created_at: datetime
    order_id: UUID
    words: str
    due_at: datetime
    overdue: bool
    answered_at: datetime | None
    answer: str
    reopened: bool | None


class AnswerIn(Input):
    """`reopen`: the team goes back to work."""

    answer: Words
    reopen: bool

    model_config = Input.model_config | {
        "json_schema_extra": {"examples": [{"answer": "向您致歉，明天上午补做厨房", "reopen": True}]}
    }
