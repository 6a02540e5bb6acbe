"""Sign-ins on the wire."""

from datetime import datetime
from uuid import UUID

from pydantic import ConfigDict

from app.models.person import Means
from app.schemas.base import Input, Output, Reason


class SignInOut(Output):
    """`device` is what the client calls itself; `strong`: a second factor was given; of the address only so much
    as its owner knows again.
    """

    id: UUID
    created_at: datetime
    seen_at: datetime
    means: Means
    strong: bool
    device: str
    address: str
    current: bool


class SignOutIn(Input):
    reason: Reason

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "手机遗失"}]})
