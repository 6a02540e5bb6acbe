"""An order as its reader may see it. Plain dicts: lists and the create path are the busiest of the API."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from app.domain.discretion import Sight
from app.domain.lifecycle import ENDED, STATUS_ZH, OrderStatus
from app.services.contact_views import contacts

SUMMARY_COLUMNS = (
    "id",
    "created_at",
    "organisation_id",
    "title",
    "category",
    "status",
    "urgency",
    "window_start",
    "window_end",
    "scheduled_start",
    "scheduled_end",
    "team_id",
    "due_at",
    "risk_at",
    "escalated_at",
    "urged_times",
    "beneficiary_id",
    "auto",
    "version",
)
_PLAIN = (
    "id",
    "created_at",
    "organisation_id",
    "title",
    "category",
    "status",
    "urgency",
    "team_id",
    "due_at",
)
_DETAIL = (
    "menu_item_id",
    "handler_id",
    "placed_by_id",
    "detail",
    "mode",
    "risk",
    "people",
    "duration_minutes",
    "required_specialties",
    "required_levels",
)


def to_json(data: Any) -> bytes:
    """Bytes of an answer; `default` is for the UUIDs of asyncpg, a subclass that orjson does not take."""
    return orjson.dumps(data, default=str, option=orjson.OPT_UTC_Z)


def summary(row: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """The shape of schemas.order.OrderSummary from a row's columns, as seen at the instant `at`."""
    status = OrderStatus(row["status"])
    scheduled = row["scheduled_start"]
    return {
        **{name: row[name] for name in _PLAIN},
        "status_text": STATUS_ZH[status],
        "window": {"start": row["window_start"], "end": row["window_end"]},
        "scheduled": {"start": scheduled, "end": row["scheduled_end"]} if scheduled else None,
        "overdue": row["due_at"] is not None and row["due_at"] < at and status not in ENDED,
        "at_risk": _at_risk(row, at, status),
        "auto": row["auto"],
        "escalated": row["escalated_at"] is not None,
        "urged_times": row["urged_times"],
        "on_behalf": row["beneficiary_id"] is not None,
        "version": row["version"],
    }


def detail(
    row: Mapping[str, Any],
    at: datetime,
    *,
    sight: Sight,
    beneficiary: Mapping[str, Any] | None,
    media_ids: list[UUID],
    merged_into: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The shape of schemas.order.OrderDetail, with as much of who and where as `sight` leaves."""
    return {
        **summary(row, at),
        **{name: row[name] for name in _DETAIL},
        "wish": wish(row),
        **contacts(row, beneficiary, sight),
        "media_ids": media_ids,
        "preferred_team_id": row.get("preferred_team_id"),
        "recurring_id": row.get("recurring_id"),
        "merged_into": merged_into,
        "possible_duplicates": None,
    }


def kept_order(row: Mapping[str, Any], *, shown: bool) -> dict[str, Any]:
    """The shape of schemas.order.MergedInto: how it goes on, and nothing about the other person."""
    status, scheduled = OrderStatus(row["status"]), row["scheduled_start"]
    return {
        "order_id": row["id"] if shown else None,
        "status": status,
        "status_text": STATUS_ZH[status],
        "scheduled": {"start": scheduled, "end": row["scheduled_end"]} if scheduled else None,
    }


def _at_risk(row: Mapping[str, Any], at: datetime, status: OrderStatus) -> bool:
    """Most of the limit has gone by, but not all."""
    risk_at, due_at = row["risk_at"], row["due_at"]
    return risk_at is not None and risk_at <= at <= due_at and status not in ENDED


def wish(row: Mapping[str, Any]) -> dict[str, Any] | None:
    """The shape of schemas.order.Wish."""
    gender, language = row["wish_gender"], row["wish_language"]
    if gender is None and language is None:
        return None
    return {"gender": gender, "language": language, "must": row["wish_must"]}
