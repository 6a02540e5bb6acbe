"""Every number that differs between places, with the default the field suggests.

An organisation stores only what it changes; the effective policy is the default overlaid with the changes
of each organisation from the center down to the one concerned. No national text sets these limits, so each
default is a proposal that a center may change.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


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


class MatchingPolicy(_Frozen):
    """Weights of the ranking factors; only their proportions matter."""

    specialty: float = Field(0.35, ge=0, le=1)
    location: float = Field(0.30, ge=0, le=1)
    availability: float = Field(0.20, ge=0, le=1)
    load: float = Field(0.15, ge=0, le=1)


class AttendancePolicy(_Frozen):
    """How a check-in is judged: minutes of grace around the agreed time, metres around the place."""

    grace_minutes: int = Field(30, ge=0, le=240)
    radius_m: int = Field(500, ge=10, le=20_000)
    late_minutes: int = Field(120, ge=1, le=7 * 24 * 60)


class PointsPolicy(_Frozen):
    """What a deed earns: per hour proven by check-in (信用时数) and per hour entered by a leader (荣誉时数)."""

    verified_per_hour: int = Field(10, ge=0, le=1000)
    declared_per_hour: int = Field(5, ge=0, le=1000)
    bonus: int = Field(5, ge=0, le=1000)
    bonus_from: float = Field(4.5, ge=1, le=5)
    cap_per_order: int = Field(60, ge=0, le=10_000)


class Policy(_Frozen):
    auto_approve: bool = False
    """Orders of this place skip 审核 (S2.19 菜单: what is on the menu was approved when it was put there)."""
    times: TimePolicy = TimePolicy()
    matching: MatchingPolicy = MatchingPolicy()
    attendance: AttendancePolicy = AttendancePolicy()
    points: PointsPolicy = PointsPolicy()
    team_titles: tuple[str, ...] = ("总队", "大队", "中队")
    """S2.4 says 总队-大队-中队, S3.5 分队-小队: the names are the place's own."""
    time_zone: str = "Asia/Shanghai"

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
