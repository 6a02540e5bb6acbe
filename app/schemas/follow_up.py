"""Follow-ups (回访) on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.models.failing import FollowUpCause, FollowUpWay
from app.schemas.base import Clean, Input, Keyset, Output


class FollowUpFilter(Keyset):
    done: bool | None = None
    overdue: bool | None = None


class FollowUpOut(Output):
    id: UUID
    created_at: datetime
    order_id: UUID
    cause: FollowUpCause
    due_at: datetime
    overdue: bool
    done_at: datetime | None
    way: FollowUpWay | None
    satisfied: bool | None
    note: str


class FollowUpIn(Input):
    """Who is not satisfied has complained: the note is what they said."""

    way: FollowUpWay
    satisfied: bool
    note: Annotated[str, Field(max_length=500), Clean] = ""

    model_config = Input.model_config | {
        "json_schema_extra": {
            "examples": [{"way": "phone", "satisfied": False, "note": "窗户没有擦完，想再来一次"}]
        }
    }
