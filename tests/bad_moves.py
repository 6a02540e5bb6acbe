"""Moves with a wrong body: in which state, by whom, which call, and what is told."""

from typing import Any
from uuid import uuid4

from app.domain.lifecycle import OrderStatus
from tests.bad_orders import HOUR
from tests.factories import NOW, SATURDAY_9
from tests.stages import DONE, RATING

BAD_MOVES: dict[str, tuple[OrderStatus, str, str, str, Any, str]] = {
    "a reason of one character": (
        OrderStatus.SUBMITTED, "resident", "POST", "/cancel", {"reason": "忙"},
        "422 invalid_request body.reason:string_too_short",
    ),
    "no reason": (
        OrderStatus.SUBMITTED, "dispatcher", "POST", "/reject", {},
        "422 invalid_request body.reason:missing",
    ),
    "10,000 characters of reason": (
        OrderStatus.SUBMITTED, "dispatcher", "POST", "/reject", {"reason": "忙" * 10_000},
        "422 text_too_long",
    ),
    "a mode without its team": (
        OrderStatus.APPROVED, "dispatcher", "POST", "/dispatch", {"mode": "team"}, "422 order_dispatch_team",
    ),
    "a team without its mode": (
        OrderStatus.APPROVED, "dispatcher", "POST", "/dispatch", {"mode": "auto", "team_id": str(uuid4())},
        "422 order_dispatch_team",
    ),
    "a team that is none": (
        OrderStatus.APPROVED, "dispatcher", "POST", "/dispatch", {"mode": "team", "team_id": str(uuid4())},
        "409 team_not_eligible",
    ),
    "matches without end": (
        OrderStatus.APPROVED, "dispatcher", "GET", "/matches?limit=51", None,
        "422 invalid_request query.limit:less_than_equal",
    ),
    "a start outside of the window": (
        OrderStatus.POOLED, "leader", "POST", "/claim",
        {"scheduled_start": (SATURDAY_9 - HOUR).isoformat()}, "422 schedule_outside_window",
    ),
    "a start without an offset": (
        OrderStatus.POOLED, "leader", "POST", "/claim", {"scheduled_start": "2026-11-28T09:00:00"},
        "422 timezone_required",
    ),
    "an empty crew": (
        OrderStatus.ACCEPTED, "leader", "PUT", "/crew", {"members": []},
        "422 invalid_request body.members:too_short",
    ),
    "a crew of 201": (
        OrderStatus.ACCEPTED, "leader", "PUT", "/crew", {"members": [str(uuid4()) for _ in range(201)]},
        "422 invalid_request body.members:too_long",
    ),
    "a crew of strangers": (
        OrderStatus.ACCEPTED, "leader", "PUT", "/crew", {"members": [str(uuid4())]}, "422 crew_not_member",
    ),
    "a stamp that is too exact to be true": (
        OrderStatus.ACCEPTED, "volunteer", "POST", "/check-in",
        {"client_id": str(uuid4()), "at": NOW.isoformat(), "accuracy_m": -1},
        "422 invalid_request body.accuracy_m:greater_than_equal",
    ),
    "a stamp days before": (
        OrderStatus.ACCEPTED, "volunteer", "POST", "/check-in",
        {"client_id": str(uuid4()), "at": NOW.isoformat()}, "422 attendance_too_early",
    ),
    "a stamp of somebody else": (
        OrderStatus.ACCEPTED, "leader", "POST", "/check-in",
        {"client_id": str(uuid4()), "at": SATURDAY_9.isoformat()}, "403 not_on_crew",
    ),
    "a check-out without a check-in": (
        OrderStatus.IN_SERVICE, "volunteer", "POST", "/check-out",
        {"client_id": str(uuid4()), "at": SATURDAY_9.isoformat()}, "404 attendance_unknown",
    ),
    "more minutes than a day may hold": (
        OrderStatus.IN_SERVICE, "leader", "POST", "/attendance",
        {"person_id": str(uuid4()), "minutes": 721, "reason": "手机没电"},
        "422 invalid_request body.minutes:less_than_equal",
    ),
    "minutes for a stranger": (
        OrderStatus.IN_SERVICE, "leader", "POST", "/attendance",
        {"person_id": str(uuid4()), "minutes": 60, "reason": "手机没电"}, "403 not_on_crew",
    ),
    "nobody served": (
        OrderStatus.IN_SERVICE, "leader", "POST", "/deliver", {"summary": "完成", "people_served": 0},
        "422 invalid_request body.people_served:greater_than_equal",
    ),
    "an empty summary": (
        OrderStatus.IN_SERVICE, "leader", "POST", "/deliver", {"summary": " "},
        "422 invalid_request body.summary:string_too_short",
    ),
    "a picture of nothing": (
        OrderStatus.IN_SERVICE, "leader", "POST", "/deliver", {**DONE, "media_ids": [str(uuid4())]},
        "422 media_not_attachable",
    ),
    "six stars": (
        OrderStatus.DELIVERED, "resident", "POST", "/review", {**RATING, "quality": 6},
        "422 invalid_request body.quality:less_than_equal",
    ),
    "stars in words": (
        OrderStatus.DELIVERED, "resident", "POST", "/review", {**RATING, "quality": "5"},
        "422 invalid_request body.quality:int_type",
    ),
    "three dimensions": (
        OrderStatus.DELIVERED, "resident", "POST", "/review", {"timeliness": 5, "attitude": 5, "quality": 5},
        "422 invalid_request body.resolution:missing",
    ),
    "a review by the neighbour": (
        OrderStatus.DELIVERED, "neighbour", "POST", "/review", RATING, "404 not_found",
    ),
}  # fmt: skip
