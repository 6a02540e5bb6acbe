"""Every number that differs between places, with the default the field suggests.

An organisation stores only what it changes; the effective policy is the default overlaid with the changes
of each organisation from the center down to the one concerned. No national text sets these limits, so each
default is a proposal that a center may change.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from app.domain.attendance import AttendanceRule
from app.domain.matching.score import Weights
from app.domain.points import PointsRule


class Urgency(StrEnum):
    NORMAL = "normal"
    URGENT = "urgent"
    EMERGENCY = "emergency"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Limits(_Frozen):
    """Minutes that each waiting state may take."""

    review: int = Field(24 * 60, ge=1, le=60 * 24 * 60)
    dispatch: int = Field(24 * 60, ge=1, le=60 * 24 * 60)
    accept: int = Field(24 * 60, ge=1, le=60 * 24 * 60)


class TimePolicy(_Frozen):
    normal: Limits = Limits()
    urgent: Limits = Limits(review=120, dispatch=120, accept=60)
    emergency: Limits = Limits(review=15, dispatch=15, accept=10)
    rating_days: int = Field(7, ge=1, le=60)
    reopen_days: int = Field(15, ge=0, le=180)
    urge_minutes: int = Field(360, ge=1, le=60 * 24 * 60)

    def of(self, urgency: Urgency) -> Limits:
        return {Urgency.NORMAL: self.normal, Urgency.URGENT: self.urgent, Urgency.EMERGENCY: self.emergency}[
            urgency
        ]


class PlanningPolicy(_Frozen):
    """How the queue is planned. Volunteers tire: a team starts at most so many orders a day. An order that has
    waited longer than the guard comes before all that are merely normal."""

    orders_a_day: int = Field(4, ge=1, le=50)
    max_wait_hours: int = Field(72, ge=1, le=24 * 60)
    seconds: float = Field(5, gt=0, le=30)


class Policy(_Frozen):
    auto_approve: bool = False
    """Orders of this place skip 审核 (S2.19 菜单: what is on the menu was approved when it was put there)."""
    times: TimePolicy = TimePolicy()
    matching: Weights = Weights()
    matching_by_category: dict[str, dict[str, float]] = {}
    """What a category of orders changes of `matching`, by its code: `{"health": {"specialty": 0.5}}`."""
    two_person_visits: bool = True
    """Whoever is alone or a minor is visited at home by two (app/domain/beneficiary.py)."""
    planning: PlanningPolicy = PlanningPolicy()
    attendance: AttendanceRule = AttendanceRule()
    points: PointsRule = PointsRule()
    team_titles: tuple[str, ...] = ("总队", "大队", "中队")
    """S2.4 says 总队-大队-中队, S3.5 分队-小队: the names are the place's own."""
    time_zone: str = "Asia/Shanghai"

    @field_validator("attendance", "points", "matching", mode="before")
    @classmethod
    def _only_known(cls, value: Any, info: ValidationInfo) -> Any:
        rule = cls.model_fields[info.field_name or ""].annotation
        unknown = set(value) - {field.name for field in fields(rule)} if isinstance(value, Mapping) else ()  # type: ignore[arg-type]
        if unknown:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
        return value

    @field_validator("matching_by_category")
    @classmethod
    def _all_are_weights(cls, value: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
        for category, changes in value.items():
            if unknown := set(changes) - {field.name for field in fields(Weights)}:
                raise ValueError(f"{category}: unknown: {', '.join(sorted(unknown))}")
        return value

    @model_validator(mode="after")
    def _every_category_can_be_weighed(self) -> "Policy":
        for category in self.matching_by_category:
            self.weights_of(category)
        return self

    def weights_of(self, category: str) -> Weights:
        """What each factor of a ranking counts for orders of a category."""
        return replace(self.matching, **self.matching_by_category.get(category, {}))

    def review_limit(self, urgency: Urgency) -> timedelta:
        return timedelta(minutes=self.times.of(urgency).review)

    def dispatch_limit(self, urgency: Urgency) -> timedelta:
        return timedelta(minutes=self.times.of(urgency).dispatch)

    def accept_limit(self, urgency: Urgency) -> timedelta:
        return timedelta(minutes=self.times.of(urgency).accept)


def overlay(base: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """`change` laid over `base`, objects merged key by key, everything else replaced."""
    merged = dict(base)
    for key, value in change.items():
        below = merged.get(key)
        both = isinstance(below, Mapping) and isinstance(value, Mapping)
        merged[key] = overlay(below, value) if both else value  # type: ignore[arg-type]
    return merged


def effective(changes: Iterable[Mapping[str, Any]]) -> Policy:
    """The policy in force where `changes` were made, outermost organisation first.

    Raises pydantic.ValidationError when the overlaid result is not a policy.
    """
    merged: dict[str, Any] = {}
    for change in changes:
        merged = overlay(merged, change)
    return Policy.model_validate(merged)
