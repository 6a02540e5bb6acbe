"""The rows of a new order, made from what a resident sent and what the center offers; no I/O."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.db import table_of
from app.domain.beneficiary import own_key, proxy_key
from app.domain.deadlines import deadline
from app.domain.geo import cell
from app.domain.lifecycle import OrderStatus
from app.domain.policy import Automation, Policy
from app.domain.taxonomy import categories
from app.errors import Invalid
from app.models.base import new_id
from app.models.menu import MenuItem, Risk
from app.models.notification import Notification
from app.models.order import BENEFICIARY, Beneficiary, Order
from app.schemas.order import OrderCreate, WindowIn, WishIn
from app.sealing import Keyring
from app.services.access import center_of
from app.services.catalogue import Snapshot
from app.services.content_checks import first_look, rows_of
from app.services.order_rows import Occasion, Rows, beneficiary_of, events_of, notice_of

FARTHEST = timedelta(days=366)
LATE_START = timedelta(hours=1)


class WindowInPast(Invalid):
    code, title, title_en = "window_in_past", "期望时间已经过去", "The window lies in the past"


class WindowTooFar(Invalid):
    code, title, title_en = (
        "window_too_far",
        "期望时间最多提前一年",
        "The window is more than a year away",
    )


class WindowTooShort(Invalid):
    code, title, title_en = (
        "window_too_short",
        "期望时间短于服务所需时长",
        "The window is shorter than the service",
    )


class NotOnMenu(Invalid):
    code, title, title_en = "menu_item_unknown", "菜单中没有这项服务", "Not on the menu of this center"


class CategoryUnknown(Invalid):
    code, title, title_en = "category_unknown", "没有这个服务类别", "Unknown category"


def draft(
    snapshot: Snapshot,
    keyring: Keyring,
    caller: UUID,
    wanted: OrderCreate,
    at: datetime,
    occasion: Occasion | None = None,
) -> tuple[dict[str, Any], Rows]:
    """The order's row, and every row to insert with it in the order of their references.

    Raises NotOnMenu, CategoryUnknown, WindowInPast, WindowTooFar, WindowTooShort.
    """
    organisation = snapshot.organisations[wanted.organisation_id]
    policy = snapshot.policy(organisation.path)
    subject = subject_of(snapshot, wanted)
    check_window(wanted.window, subject["duration_minutes"], at)
    order_id, beneficiary_id = new_id(), new_id() if wanted.beneficiary else None
    location, wish = wanted.location, wanted.wish or WishIn()
    order = {
        "id": order_id,
        "created_at": at,
        "organisation_id": organisation.id,
        "handler_id": organisation.id,
        "org_path": organisation.path,
        "menu_item_id": wanted.menu_item_id,
        "placed_by_id": caller,
        "beneficiary_id": beneficiary_id,
        "beneficiary_key": keyring.hashed(_served(wanted, caller, organisation.path), BENEFICIARY),
        "circumstances": wanted.circumstances,
        "wish_gender": wish.gender,
        "wish_language": wish.language,
        "wish_must": wish.must,
        **subject,
        "detail": wanted.detail,
        "urgency": wanted.urgency,
        "mode": wanted.mode,
        "address": wanted.address,
        "lat": location.lat if location else None,
        "lon": location.lon if location else None,
        "cell_hash": cell(location.lat, location.lon) if location else None,
        "contact_name": wanted.contact.name,
        "contact_phone": wanted.contact.phone,
        "contact_hash": wanted.contact.phone,
        "window_start": wanted.window.start,
        "window_end": wanted.window.end,
        "scheduled_start": None,
        "scheduled_end": None,
        "team_id": None,
        "urged_times": 0,
        "urged_at": None,
        "escalated_at": None,
    }
    rows: Rows = []
    if wanted.beneficiary is not None:
        told = beneficiary_of(wanted.beneficiary, beneficiary_id, organisation.path, at)
        rows.append((table_of(Beneficiary), told))
    look = first_look(policy, order["title"], order["detail"]) if occasion is None else None
    approved = policy.auto_approve and look is None if occasion is None else occasion.approved
    order |= _entered(order, policy, at, approved)
    if occasion is not None:
        order |= {
            "recurring_id": occasion.recurring_id,
            "occurs_at": occasion.occurs_at,
            "preferred_team_id": occasion.preferred_team_id,
        }
    rows.append((table_of(Order), order))
    rows += events_of(order, at, occasion)
    rows.append((table_of(Notification), notice_of(order, at, occasion)))
    if look is not None:
        rows += rows_of(order, look, at)
    return order, rows


def subject_of(snapshot: Snapshot, wanted: OrderCreate) -> dict[str, Any]:
    """What the order takes from the menu, or from the resident's own words."""
    if wanted.menu_item_id is None:
        if wanted.category not in categories():
            raise CategoryUnknown
        return {
            "title": wanted.title,
            "category": wanted.category,
            "required_specialties": [],
            "required_levels": {},
            "risk": Risk.NONE,
            "people": wanted.people or 1,
            "duration_minutes": wanted.duration_minutes,
        }
    item: MenuItem | None = snapshot.menu.get(wanted.menu_item_id)
    if item is None or not item.active:
        raise NotOnMenu
    return {
        "title": wanted.title or item.title,
        "category": item.category,
        "required_specialties": item.required_specialties,
        "required_levels": item.required_levels,
        "risk": item.risk,
        "people": wanted.people or item.people,
        "duration_minutes": wanted.duration_minutes or item.duration_minutes,
    }


def _served(wanted: OrderCreate, caller: UUID, org_path: str) -> str:
    """The key of the person who is served."""
    told = wanted.beneficiary
    if told is None:
        return own_key(caller)
    return proxy_key(center_of(org_path), told.name, told.phone or "", wanted.address)


def check_window(window: WindowIn, duration_minutes: int, at: datetime) -> None:
    """Raises WindowInPast, WindowTooFar, WindowTooShort."""
    if window.end <= at or window.start < at - LATE_START:
        raise WindowInPast
    if window.start > at + FARTHEST:
        raise WindowTooFar
    if window.end - window.start < timedelta(minutes=duration_minutes):
        raise WindowTooShort


def _entered(order: dict[str, Any], policy: Policy, at: datetime, approved: bool) -> dict[str, Any]:
    """The state a new order stands in: waiting for review, or approved at once."""
    status = OrderStatus.APPROVED if approved else OrderStatus.SUBMITTED
    limit = deadline(policy, status, order["category"], order["urgency"], at)
    auto = approved and policy.dispatch.mode is Automation.AUTO
    suggested = approved and policy.dispatch.mode is Automation.SUGGEST
    return {
        "status": status,
        "status_at": at,
        "due_at": limit.due_at,
        "risk_at": limit.risk_at,
        "overdue_at": None,
        "auto": auto,
        "step_at": at if auto or suggested else None,
        "wave": 0,
        "ring": 0,
        "version": 2 if approved else 1,
    }
