"""Crew, attendance, delivery and review on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, model_validator

from app.domain.attendance import Mark
from app.schemas.base import Clean, Input, Instant, Output, Reason, broken
from app.schemas.order import Window
from app.schemas.place import Location

Rating = Annotated[int, Field(ge=1, le=5, strict=True)]


class CrewIn(Input):
    """Who goes: members of the team that has the order."""

    members: Annotated[list[UUID], Field(min_length=1, max_length=200)]

    @model_validator(mode="after")
    def _once(self) -> "CrewIn":
        if len(set(self.members)) != len(self.members):
            raise broken("crew_repeated", "同一名志愿者只能列一次")
        return self


class CrewMemberOut(Output):
    person_id: UUID
    name: str


class CrewOut(Output):
    order_id: UUID
    members: list[CrewMemberOut]


class CrewSuggestionOut(Output):
    """`members` is empty where no crew can be found: too few are free, or nobody has a required specialty."""

    order_id: UUID
    title: str
    scheduled: Window
    members: list[CrewMemberOut]


class CrewSuggestionsOut(Output):
    """For the team's accepted orders without a crew, soonest first; `proven`: no better crews exist."""

    items: list[CrewSuggestionOut]
    proven: bool


class StampIn(Input):
    """One press of the button. `client_id` is made by the phone once for the whole stay, in and out.

    `at` is the phone's own time, so that a stay without signal can be sent later.
    """

    client_id: UUID
    at: Instant
    location: Location | None = None
    accuracy_m: Annotated[float, Field(ge=0, le=100_000, strict=True)] | None = None

    model_config = Input.model_config | {
        "json_schema_extra": {
            "examples": [
                {
                    "client_id": "0192f3c0-0000-7000-8000-00000000000a",
                    "at": "2026-11-28T09:02:10+08:00",
                    "location": {"lat": 28.2001, "lon": 112.9801},
                    "accuracy_m": 20,
                }
            ]
        }
    }


class DeclareIn(Input):
    """荣誉时数 entered by the leader, for a forgotten sign-out or a phone left at home."""

    person_id: UUID
    minutes: Annotated[int, Field(ge=1, le=720, strict=True)]
    reason: Reason


class AttendanceOut(Output):
    id: UUID
    order_id: UUID
    person_id: UUID
    client_id: UUID
    check_in_at: datetime | None
    check_out_at: datetime | None
    verified_minutes: int
    declared_minutes: int
    declared_reason: str
    marks: list[Mark]


class DeliverIn(Input):
    summary: Annotated[str, Field(min_length=2, max_length=1000), Clean]
    people_served: Annotated[int, Field(ge=1, le=100_000, strict=True)] = 1
    media_ids: Annotated[list[UUID], Field(max_length=9)] = Field(default_factory=list)


class ReviewIn(Input):
    timeliness: Rating
    attitude: Rating
    quality: Rating
    resolution: Rating
    comment: Annotated[str, Field(max_length=500), Clean] = ""

    model_config = Input.model_config | {
        "json_schema_extra": {
            "examples": [
                {"timeliness": 5, "attitude": 5, "quality": 4, "resolution": 5, "comment": "擦得很干净"}
            ]
        }
    }
