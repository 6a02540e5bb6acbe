"""Every number that differs between places, with the default the field suggests.

An organisation stores only what it changes; the effective policy is the default overlaid with the changes
of each organisation from the center down to the one concerned. No national text sets these limits, so each
default is a proposal that a center may change.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field, ValidationInfo, field_validator, model_validator

from app.domain.attendance import AttendanceRule
from app.domain.frozen import Frozen
from app.domain.matching.score import Weights
from app.domain.points import PointsRule
from app.domain.service_hours import ServiceHours
from app.domain.trust import ApprovalPolicy, ContentPolicy, PrivacyPolicy, RetentionPolicy, SpamPolicy
from app.domain.wall_time import WallTime


class Urgency(StrEnum):
    NORMAL = "normal"
    URGENT = "urgent"
    EMERGENCY = "emergency"


def known(model: type[BaseModel], value: Any, info: ValidationInfo) -> Any:
    """A dataclass would pass over what it does not know; a policy says so."""
    rule = model.model_fields[info.field_name or ""].annotation
    unknown = set(value) - {field.name for field in fields(rule)} if isinstance(value, Mapping) else ()  # type: ignore[arg-type]
    if unknown:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    return value


class Clock(StrEnum):
    """Whether a limit runs at night, too."""

    ALWAYS = "always"
    SERVICE_HOURS = "service_hours"


class Limits(Frozen):
    """Minutes that each waiting state may take, by the clock or in service hours; `report` is 报到 after 吹哨."""

    review: int = Field(24 * 60, ge=1, le=60 * 24 * 60)
    dispatch: int = Field(24 * 60, ge=1, le=60 * 24 * 60)
    accept: int = Field(24 * 60, ge=1, le=60 * 24 * 60)
    report: int = Field(24 * 60, ge=1, le=60 * 24 * 60)
    clock: Clock = Clock.ALWAYS


class TimePolicy(Frozen):
    normal: Limits = Limits()
    urgent: Limits = Limits(review=120, dispatch=120, accept=60, report=120)
    emergency: Limits = Limits(review=15, dispatch=15, accept=10, report=15)
    rating_days: int = Field(7, ge=1, le=60)
    reopen_days: int = Field(15, ge=0, le=180)
    urge_minutes: int = Field(360, ge=1, le=60 * 24 * 60)
    deliver_hours: int = Field(24, ge=1, le=24 * 60)
    """After the agreed end, for the leader to say what was done."""
    complaint_hours: int = Field(48, ge=1, le=24 * 60)
    follow_up_days: int = Field(3, ge=1, le=60)
    at_risk_percent: int = Field(75, ge=1, le=100)
    """An order is at risk when so much of its limit has gone by."""
    service_hours: ServiceHours = ServiceHours()

    @field_validator("service_hours", mode="before")
    @classmethod
    def _only_known(cls, value: Any, info: ValidationInfo) -> Any:
        return known(cls, value, info)

    def of(self, urgency: Urgency) -> Limits:
        return {Urgency.NORMAL: self.normal, Urgency.URGENT: self.urgent, Urgency.EMERGENCY: self.emergency}[
            urgency
        ]


class Pace(Frozen):
    """Minutes between waves, and of one circle of the pool, for orders of one urgency."""

    wave: int = Field(ge=1, le=24 * 60)
    pool: int = Field(ge=1, le=7 * 24 * 60)


class Automation(StrEnum):
    """Who dispatches: a person, a person who confirms what is suggested, or the clock."""

    MANUAL = "manual"
    SUGGEST = "suggest"
    AUTO = "auto"


class WavePolicy(Frozen):
    """Whom the clock asks at once, and how often. The default pace is that of the policy lab (docs/policy-lab.md).

    A wave is as large as it takes for somebody to say yes with `target_percent`; a team is asked at most
    `asks_a_day` times within 24 hours, but for an emergency.
    """

    mode: Automation = Automation.MANUAL
    target_percent: int = Field(80, ge=1, le=99)
    largest: int = Field(5, ge=1, le=20)
    most: int = Field(6, ge=1, le=50)
    """Waves before the pool."""
    asks_a_day: int = Field(6, ge=1, le=100)
    normal: Pace = Pace(wave=180, pool=720)
    urgent: Pace = Pace(wave=20, pool=60)
    emergency: Pace = Pace(wave=5, pool=10)
    awake_from: WallTime = time(8)
    awake_until: WallTime = time(21)
    """Outside these hours nobody is asked, but in an emergency: nobody would read it."""

    def of(self, urgency: Urgency) -> Pace:
        return {Urgency.NORMAL: self.normal, Urgency.URGENT: self.urgent, Urgency.EMERGENCY: self.emergency}[
            urgency
        ]

    @model_validator(mode="after")
    def _some_are_awake(self) -> "WavePolicy":
        if self.awake_until <= self.awake_from:
            raise ValueError("awake_until comes after awake_from")
        return self


class Standby(StrEnum):
    """Which accepted orders have a second team ready: none, those nobody may let wait, or all."""

    NEVER = "never"
    VULNERABLE = "vulnerable"
    ALWAYS = "always"


class AppointmentPolicy(Frozen):
    """Around the agreed time: when the team says again that it comes, and when it counts as not having come."""

    confirm_hours: int = Field(24, ge=1, le=7 * 24)
    last_call_hours: int = Field(2, ge=0, le=48)
    no_show_minutes: int = Field(60, ge=5, le=24 * 60)
    report_minutes: int = Field(15, ge=0, le=24 * 60)
    """After the agreed start, from when on the resident may say that nobody came."""
    standby_minutes: int = Field(60, ge=0, le=24 * 60)
    """What a team that stood by is given to get there."""
    standby: Standby = Standby.VULNERABLE


class NoticePolicy(Frozen):
    """Nobody's phone rings at night but in an emergency; the desk has its digest in the morning. A webhook that has
    not taken anything for `webhook_days` is stopped."""

    quiet_from: WallTime = time(21, 30)
    quiet_until: WallTime = time(7, 30)
    digest_at: WallTime = time(8, 30)
    webhook_days: int = Field(7, ge=1, le=60)


class PlanningPolicy(Frozen):
    """How the queue is planned. Volunteers tire: a team starts at most so many orders a day. An order that has
    waited longer than the guard comes before all that are merely normal."""

    orders_a_day: int = Field(4, ge=1, le=50)
    max_wait_hours: int = Field(72, ge=1, le=24 * 60)
    seconds: float = Field(5, gt=0, le=30)


class RecurringPolicy(Frozen):
    """Orders of a series are placed so early that a team can be found, and so late that the day is still meant."""

    ahead_days: int = Field(14, ge=1, le=60)


class DuplicatePolicy(Frozen):
    """Which two orders are shown as perhaps one: near in time, in the same circle, and `percent` alike."""

    within_days: int = Field(3, ge=1, le=31)
    closed_days: int = Field(7, ge=0, le=60)
    """So long after it was closed an order may still be the one that is told again."""
    metres: int = Field(100, ge=1, le=1000)
    percent: int = Field(50, ge=1, le=100)


class Policy(Frozen):
    auto_approve: bool = False
    """Orders of this place skip 审核 (S2.19 菜单: what is on the menu was approved when it was put there)."""
    times: TimePolicy = TimePolicy()
    times_by_category: dict[str, dict[Urgency, dict[str, int | Clock]]] = Field(default_factory=dict)
    """What a category changes of the limits: `{"health": {"urgent": {"accept": 30}}}`."""
    dispatch: WavePolicy = WavePolicy()
    appointments: AppointmentPolicy = AppointmentPolicy()
    notices: NoticePolicy = NoticePolicy()
    recurring: RecurringPolicy = RecurringPolicy()
    duplicates: DuplicatePolicy = DuplicatePolicy()
    matching: Weights = Weights()
    matching_by_category: dict[str, dict[str, float]] = Field(default_factory=dict)
    """What a category of orders changes of `matching`, by its code: `{"health": {"specialty": 0.5}}`."""
    two_person_visits: bool = True
    """Whoever is alone or a minor is visited at home by two (app/domain/beneficiary.py)."""
    planning: PlanningPolicy = PlanningPolicy()
    attendance: AttendanceRule = AttendanceRule()
    points: PointsRule = PointsRule()
    approvals: ApprovalPolicy = ApprovalPolicy()
    privacy: PrivacyPolicy = PrivacyPolicy()
    retention: RetentionPolicy = RetentionPolicy()
    content: ContentPolicy = ContentPolicy()
    spam: SpamPolicy = SpamPolicy()
    team_titles: tuple[str, ...] = ("总队", "大队", "中队")
    """S2.4 says 总队-大队-中队, S3.5 分队-小队: the names are the place's own."""
    time_zone: str = "Asia/Shanghai"

    @field_validator("attendance", "points", "matching", mode="before")
    @classmethod
    def _only_known(cls, value: Any, info: ValidationInfo) -> Any:
        return known(cls, value, info)

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
        for category, changes in self.times_by_category.items():
            for urgency in changes:
                self.limits_of(category, urgency)
        return self

    def weights_of(self, category: str) -> Weights:
        """What each factor of a ranking counts for orders of a category."""
        return replace(self.matching, **self.matching_by_category.get(category, {}))

    def limits_of(self, category: str, urgency: Urgency) -> Limits:
        """What orders of a category may take."""
        limits = self.times.of(urgency)
        changes = self.times_by_category.get(category, {}).get(urgency)
        return Limits.model_validate({**limits.model_dump(), **changes}) if changes else limits

    def after(self, at: datetime, minutes: int, clock: Clock) -> datetime:
        """`minutes` after `at` (aware), as the clock of a limit counts them."""
        if clock is Clock.ALWAYS:
            return at + timedelta(minutes=minutes)
        return self.times.service_hours.after(at, minutes, ZoneInfo(self.time_zone))


OF_CENTER: Final = frozenset({"retention"})
"""What no place below the center sets: it is the center that answers for the county's data (PIPL Art. 73)."""


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
    for depth, change in enumerate(changes):
        own = {key: value for key, value in change.items() if not depth or key not in OF_CENTER}
        merged = overlay(merged, own)
    return Policy.model_validate(merged)
