"""The rows that come with a new order: its first events, the notice to the desk, whom it serves."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from app.db import table_of
from app.domain.lifecycle import Action, OrderStatus
from app.domain.notices import Audience
from app.domain.reminders import Reminder
from app.domain.roles import Role
from app.models.base import new_id
from app.models.event import OrderEvent
from app.schemas.order import BeneficiaryIn

Rows = list[tuple[Table, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Occasion:
    """The time of a recurring order for which the clock places an order: `approved` with the whole series, unless
    something has changed since, which `note` then tells the dispatchers.
    """

    recurring_id: UUID
    occurs_at: datetime
    preferred_team_id: UUID | None
    approved: bool
    note: str


def events_of(order: dict[str, Any], at: datetime, occasion: Occasion | None) -> Rows:
    """Placed, and perhaps approved at once: by the center's policy, or with the series it belongs to."""
    table = table_of(OrderEvent)
    common = {"order_id": order["id"], "created_at": at, "reason": "", "data": {}}
    submitted = {
        "id": new_id(),
        **common,
        "reason": occasion.note if occasion else "",
        "seq": 1,
        "action": Action.SUBMIT,
        "from_status": None,
        "to_status": OrderStatus.SUBMITTED,
        "actor_id": None if occasion else order["placed_by_id"],
        "actor_role": Role.SYSTEM if occasion else Role.RESIDENT,
    }
    if order["status"] is OrderStatus.SUBMITTED:
        return [(table, submitted)]
    approved = {
        "id": new_id(),
        **common,
        "seq": 2,
        "action": Action.APPROVE,
        "from_status": OrderStatus.SUBMITTED,
        "to_status": OrderStatus.APPROVED,
        "actor_id": None,
        "actor_role": Role.SYSTEM,
    }
    return [(table, submitted), (table, approved)]


def notice_of(order: dict[str, Any], at: datetime, occasion: Occasion | None) -> dict[str, Any]:
    """What the desk hears of a new order."""
    note = occasion.note if occasion else ""
    return {
        "id": new_id(),
        "created_at": at,
        "person_id": None,
        "org_path": order["org_path"],
        "order_id": order["id"],
        "kind": Reminder.SERIES_CHANGED.value if note else Action.SUBMIT.value,
        "data": {
            "title": order["title"],
            "reason": note,
            "audience": Audience.STAFF.value,
        },
        "dedupe_key": f"{order['id'].hex}:1:{Audience.STAFF}:",
        "read_at": None,
        "due_at": at,
        "attempts": 0,
    }


def beneficiary_of(
    told: BeneficiaryIn, beneficiary_id: UUID | None, org_path: str, at: datetime
) -> dict[str, Any]:
    return {
        "id": beneficiary_id,
        "created_at": at,
        "org_path": org_path,
        "name": told.name,
        "phone": told.phone or "",
        "kind": told.kind,
        "relation": told.relation,
        "consent": told.consent,
        "consent_note": told.consent_note,
    }
