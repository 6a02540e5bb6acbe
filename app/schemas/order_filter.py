"""Filters of the order list."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.lifecycle import OrderStatus
from app.domain.policy import Urgency
from app.schemas.base import Code, Keyset


class OrderFilter(Keyset):
    """`organisation_id` means it and everything below; `status` may be repeated."""

    mine: bool = False
    status: Annotated[list[OrderStatus], Field(max_length=len(OrderStatus))] = Field(default_factory=list)
    organisation_id: UUID | None = None
    category: Code | None = None
    urgency: Urgency | None = None
    overdue: bool | None = None
    at_risk: bool | None = None
