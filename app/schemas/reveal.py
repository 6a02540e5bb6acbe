"""Who and where, whole, on the wire; and who has had it shown."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, ConfigDict

from app.domain.beneficiary import Circumstance
from app.domain.discretion import masked_name
from app.domain.roles import Role
from app.schemas.base import Input, Output, Reason
from app.schemas.order import BeneficiaryOut, Contact, Place

MaskedName = Annotated[str, BeforeValidator(masked_name)]


class RevealIn(Input):
    """Why: the person concerned reads it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "出发前联系并按地址上门"}]})

    reason: Reason


class Whole(Output):
    """Nothing masked."""

    contact: Contact
    address: str
    location: Place | None
    beneficiary: BeneficiaryOut | None
    circumstances: list[Circumstance]


class RevealedOut(Whole):
    """Nothing masked. Keep it on the phone as long as the order is not closed, then delete it."""

    order_id: UUID


class SeriesRevealedOut(Whole):
    """Nothing masked. Keep it no longer than the call takes."""

    recurring_id: UUID


class ApprovalAwaited(Output):
    """The contacts of a minor: somebody else decides first. Ask again once they have."""

    approval_id: UUID
    expires_at: datetime
    text: str


class RevealOut(Output):
    """Somebody had who and where shown to them."""

    id: UUID
    created_at: datetime
    role: Role
    role_text: str
    name: MaskedName
    reason: str
    approved: bool
