"""Offers, answers and claims on the wire."""

from datetime import datetime
from uuid import UUID

from app.domain.lifecycle import OfferStatus
from app.schemas.base import Input, Instant, Keyset, Output
from app.schemas.order import OrderSummary


class OfferFilter(Keyset):
    status: OfferStatus | None = None
    order_id: UUID | None = None


class OfferOut(Output):
    id: UUID
    created_at: datetime
    team_id: UUID
    status: OfferStatus
    expires_at: datetime
    answered_at: datetime | None
    reason: str
    order: OrderSummary


class AcceptIn(Input):
    """When the team will come; without it, at the start of the window."""

    scheduled_start: Instant | None = None


class ClaimIn(AcceptIn):
    """`team_id` for a leader of several teams."""

    team_id: UUID | None = None
