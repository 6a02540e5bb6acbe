"""How a stay is judged: which minutes a phone has proven, and what a reviewer should look at.

Two kinds of hours are kept apart. 信用时数 (verified) come from check-in and check-out alone, and nobody can
add to them; 荣誉时数 (declared) are entered by the leader, for a forgotten sign-out say, and are bounded by
the length of the activity. Phones without signal upload late, so the device's own time counts as long as it
can be true. No national text sets the limits: each is a proposal that a center may change.
"""

from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from app.domain.geo import distance_km

Place = tuple[float, float]
"""Latitude and longitude in degrees, both sides of a comparison in the same datum."""


class Mark(StrEnum):
    """What the judge noticed. `away`, `no_place` and `out_before_in` leave no verified minute.

    `proof_only` is no stay: the order had gone to another team, and it proves that somebody was there in time.
    """

    LATE = "late"
    CLOCK_AHEAD = "clock_ahead"
    AWAY = "away"
    NO_PLACE = "no_place"
    OUT_BEFORE_IN = "out_before_in"
    PROOF_ONLY = "proof_only"


MARK_ZH: Final = {
    Mark.LATE: "打卡记录上传过晚",
    Mark.CLOCK_AHEAD: "手机时间快于服务器，已按收到时间计",
    Mark.AWAY: "打卡位置不在服务地点范围内",
    Mark.NO_PLACE: "打卡时未提供位置",
    Mark.OUT_BEFORE_IN: "签退时间不晚于签到时间",
    Mark.PROOF_ONLY: "订单已另行安排，仅作为按时到达的证明",
}

DISPROVING: Final = frozenset({Mark.AWAY, Mark.NO_PLACE, Mark.OUT_BEFORE_IN})


@dataclass(frozen=True, slots=True)
class AttendanceRule:
    """Limits of judgement, all not negative.

    `grace_minutes` count before and after the agreed time; `radius_m` is how near is "there", widened by the
    accuracy the phone states for itself, but by `accuracy_cap_m` at most; an upload more than `late_minutes`
    after the deed is late; a device clock may run ahead of the receipt by `ahead_minutes`.
    """

    grace_minutes: int = 30
    radius_m: int = 500
    accuracy_cap_m: int = 500
    late_minutes: int = 120
    ahead_minutes: int = 5

    def __post_init__(self) -> None:
        if min(astuple(self)) < 0:
            raise ValueError("a rule of attendance has no negative number")


@dataclass(frozen=True, slots=True)
class Stamp:
    """One press of the button: when by the phone, when it reached us (both aware), where and how surely."""

    at: datetime
    received_at: datetime
    place: Place | None = None
    accuracy_m: float | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """Verified minutes (信用时数) and the marks, each once, in the order of `Mark`."""

    verified_minutes: int
    marks: tuple[Mark, ...]


def judge(
    check_in: Stamp,
    check_out: Stamp,
    scheduled_start: datetime,
    scheduled_end: datetime,
    place: Place | None,
    rule: AttendanceRule,
) -> Judgement:
    """What a whole stay proves; `place` is where the service was, None online.

    The minutes are those spent within the schedule widened by the grace, rounded down, and never more than
    the schedule's length plus one grace: coming early and leaving late is thanked once.
    """
    length = _length(scheduled_start, scheduled_end)
    grace = timedelta(minutes=rule.grace_minutes)
    began, ended = _moment(check_in, rule), _moment(check_out, rule)
    marks = set(judge_stamp(check_in, place, rule)) | set(judge_stamp(check_out, place, rule))
    if ended <= began:
        marks.add(Mark.OUT_BEFORE_IN)
    stay = min(ended, scheduled_end + grace) - max(began, scheduled_start - grace)
    proven = timedelta(0) if marks & DISPROVING else max(timedelta(0), min(stay, length + grace))
    return Judgement(_minutes(proven), _in_order(marks))


def judge_stamp(stamp: Stamp, place: Place | None, rule: AttendanceRule) -> tuple[Mark, ...]:
    """The marks of one press alone, so that the phone can be told at once."""
    marks = set()
    if stamp.received_at - stamp.at > timedelta(minutes=rule.late_minutes):
        marks.add(Mark.LATE)
    if _moment(stamp, rule) != stamp.at:
        marks.add(Mark.CLOCK_AHEAD)
    if place is not None and stamp.place is None:
        marks.add(Mark.NO_PLACE)
    if (
        place is not None
        and stamp.place is not None
        and not _near(stamp.place, stamp.accuracy_m, place, rule)
    ):
        marks.add(Mark.AWAY)
    return _in_order(marks)


def declared_limit(scheduled_start: datetime, scheduled_end: datetime, verified_minutes: int = 0) -> int:
    """The most minutes a leader may declare (荣誉时数) for one stay that already has verified ones.

    Both kinds together stay within the length of the activity (志愿汇's bound); verified minutes that exceed
    it by the grace leave nothing to declare.
    """
    return max(0, _minutes(_length(scheduled_start, scheduled_end)) - verified_minutes)


def _moment(stamp: Stamp, rule: AttendanceRule) -> datetime:
    """The device's time, unless it lies further in the future of its own receipt than clocks may differ."""
    ahead = stamp.at - stamp.received_at > timedelta(minutes=rule.ahead_minutes)
    return stamp.received_at if ahead else stamp.at


def _near(found: Place, accuracy_m: float | None, place: Place, rule: AttendanceRule) -> bool:
    """An accuracy that is absent, negative or no number widens nothing; a place that is no number is away."""
    slack = min(accuracy_m, rule.accuracy_cap_m) if accuracy_m is not None and accuracy_m > 0 else 0
    return float(distance_km(*place, *found)) * 1000 <= rule.radius_m + slack


def _length(start: datetime, end: datetime) -> timedelta:
    if end <= start:
        raise ValueError("a schedule ends after it starts")
    return end - start


def _minutes(time: timedelta) -> int:
    return time // timedelta(minutes=1)


def _in_order(marks: set[Mark]) -> tuple[Mark, ...]:
    return tuple(mark for mark in Mark if mark in marks)
