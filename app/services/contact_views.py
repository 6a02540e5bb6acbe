"""Who and where, as far as they are shown at first; whole they are given on request (revealing.py)."""

from collections.abc import Mapping
from typing import Any

from app.domain.discretion import Sight, community, masked_name, neighbourhood
from app.schemas.masks import masked_phone

_NOTHING = dict.fromkeys(("address", "location", "contact", "beneficiary", "circumstances"))


def contacts(row: Mapping[str, Any], beneficiary: Mapping[str, Any] | None, sight: Sight) -> dict[str, Any]:
    """The part of schemas.order.OrderDetail that tells who, where and how somebody lives.

    Circumstances are never masked: whoever sends or goes there needs them (S1.18), and nobody else gets them.
    """
    if sight is Sight.HIDDEN:
        return {"contacts": sight, **_NOTHING}
    place = (row["lat"], row["lon"]) if row["lat"] is not None else None
    contact = {"name": row["contact_name"], "phone": row["contact_phone"]}
    return {
        "contacts": sight,
        **_seen(row["address"], contact, beneficiary, sight),
        "location": place and dict(zip(("lat", "lon"), _place(place, sight), strict=True)),
        "circumstances": row["circumstances"],
    }


def wanted_contacts(wanted: Mapping[str, Any], sight: Sight) -> dict[str, Any]:
    """The same of a series: the part of schemas.recurring_order.RecurringDetail. Null when it was emptied."""
    told, contact = wanted.get("beneficiary"), wanted.get("contact")
    if sight is Sight.HIDDEN or contact is None:
        return {"contacts": sight, "address": None, "contact": None, "beneficiary": None}
    beneficiary = told and {**told, "phone": told.get("phone") or ""}
    return {"contacts": sight, **_seen(wanted.get("address", ""), contact, beneficiary, sight)}


def _seen(
    address: str, contact: Mapping[str, Any], beneficiary: Mapping[str, Any] | None, sight: Sight
) -> dict[str, Any]:
    if sight is Sight.WHOLE:
        return {"address": address, "contact": contact, "beneficiary": beneficiary}
    return {
        "address": community(address),
        "contact": _masked(contact),
        "beneficiary": beneficiary and {**beneficiary, **_masked(beneficiary), "consent_note": ""},
    }


def _masked(person: Mapping[str, Any]) -> dict[str, str]:
    return {"name": masked_name(person["name"]), "phone": masked_phone(person["phone"])}


def _place(place: tuple[float, float], sight: Sight) -> tuple[float, float]:
    return place if sight is Sight.WHOLE else neighbourhood(*place)
