"""What a resident sends: the sample order, wanted on a day reckoned from the one on which it is acted."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from app.clock import now
from app.demo.district import Order
from app.domain.policy import Policy

ZONE: Final = ZoneInfo(Policy().time_zone)
BEGAN: Final = timedelta(minutes=45)
"""How long ago the urgent services began: a window may have opened up to an hour before it is placed."""

ROOM: Final = timedelta(hours=1)
"""A window that opens off the half hour needs more than the bare duration."""


def under_way(order: Order) -> bool:
    """Whether the volunteers are at work while it is still being written down, as in a storm or a mourning.

    Only such a stay can be proven by phones within the minute that a demonstration takes; the teams of the
    district that serve these are on duty day and night.
    """
    return order.urgency != "normal" and order.story == "normal" and order.gap is None


def window(order: Order, minutes: int, at: datetime) -> tuple[datetime, datetime]:
    """Start and end, aware; `minutes` is how long the service takes."""
    if under_way(order):
        start = (at - BEGAN).replace(second=0, microsecond=0)
        return start, start + timedelta(minutes=minutes) + ROOM
    day = at.astimezone(ZONE).date() + timedelta(days=order.window.days_from_now_min)
    while order.window.weekday not in (None, day.isoweekday()):
        day += timedelta(days=1)
    begin, end = (
        datetime.fromisoformat(f"{day}T{clock}") for clock in (order.window.start, order.window.end)
    )
    return begin.replace(tzinfo=ZONE), end.replace(tzinfo=ZONE)


def location(order: Order) -> dict[str, float] | None:
    return {"lat": order.lat, "lon": order.lon} if order.lat is not None and order.lon is not None else None


def body(order: Order, place: Any, item: Any) -> dict[str, Any]:
    """`POST orders`, at the server's organisation `place` and for its menu item `item`."""
    start, end = window(order, item["duration_minutes"], now())
    wish: dict[str, Any] = {
        "organisation_id": place["id"],
        "menu_item_id": item["id"],
        "detail": order.detail,
        "mode": order.mode,
        "address": order.address,
        "location": location(order),
        "contact": asdict(order.contact),
        "people": order.people,
        "urgency": order.urgency,
        "window": {"start": start.isoformat(), "end": end.isoformat()},
        "circumstances": order.circumstances,
        "wish": asdict(order.wish) if order.wish else None,
    }
    if order.beneficiary is not None:
        consent = order.beneficiary.consent
        wish["beneficiary"] = asdict(order.beneficiary) | {
            "consent": consent.kind,
            "consent_note": consent.note,
        }
    return wish
