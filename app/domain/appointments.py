"""约定: what the clock does around the agreed time of an accepted order, and when a substitute is to come.

A team says yes days ahead and forgets; so it says it again a day before, and whoever does not is relieved two hours
before by the team that stands by. Who is not there an hour after the agreed time has not come (爽约).
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from app.domain.beneficiary import VULNERABLE
from app.domain.policy import AppointmentPolicy, Standby, Urgency
from app.domain.reminders import Reminder

QUARTER: Final = timedelta(minutes=15)


class Duty(StrEnum):
    WAIT = "wait"
    LAST_CALL = "last_call"
    MISS = "miss"


class Look(NamedTuple):
    """What is to be done now, and when to look again; None when the order then has no appointment any more."""

    duty: Duty
    next_at: datetime | None


def confirms(at: datetime, start: datetime, policy: AppointmentPolicy) -> bool:
    """Whether whoever agrees at `at` to come at `start` need not say it again."""
    return start - at < timedelta(hours=policy.confirm_hours)


def last_call_at(start: datetime, policy: AppointmentPolicy) -> datetime:
    """When an appointment is given away that nobody confirmed; never before the team was asked to confirm it."""
    return start - timedelta(hours=min(policy.last_call_hours, policy.confirm_hours))


def look(
    at: datetime, start: datetime, missed_at: datetime, *, confirmed: bool, policy: AppointmentPolicy
) -> Look:
    """Of an accepted order at which nobody has checked in; `missed_at` is when the team has not come."""
    if at >= missed_at:
        return Look(Duty.MISS, None)
    if confirmed:
        return Look(Duty.WAIT, missed_at)
    call_at = last_call_at(start, policy)
    if at >= call_at:
        return Look(Duty.LAST_CALL, missed_at)
    return Look(Duty.WAIT, min(call_at, missed_at))


def reminders(
    at: datetime, start: datetime, *, confirmed: bool, policy: AppointmentPolicy
) -> list[tuple[Reminder, datetime]]:
    """What is still to be said before `start`, and when.

    The last call is for those who are known to come: a team that was asked and did not answer is relieved instead.
    """
    day_before = start - timedelta(hours=policy.confirm_hours)
    planned = [(Reminder.TOMORROW, day_before)]
    planned.append(
        (Reminder.LAST_CALL, last_call_at(start, policy)) if confirmed else (Reminder.ASK_CONFIRM, day_before)
    )
    return [(kind, due_at) for kind, due_at in planned if due_at > at]


def standby_wanted(rule: Standby, urgency: Urgency, circumstances: Collection[str]) -> bool:
    """Whether a second team is to be ready: for those whom nobody may let wait, or for all."""
    if rule is Standby.VULNERABLE:
        return urgency is not Urgency.NORMAL or not VULNERABLE.isdisjoint(circumstances)
    return rule is Standby.ALWAYS


def standby_until(at: datetime, limit: datetime, start: datetime) -> datetime | None:
    """Until when a team may answer that it stands by; None when it is too late to ask."""
    until = min(limit, start)
    return until if until > at else None


def substitute_start(
    at: datetime, agreed: datetime | None, window_start: datetime, lead_minutes: int
) -> datetime:
    """When a substitute comes: at the agreed time, or as soon as it can be there."""
    return max(agreed or window_start, soonest(at, lead_minutes))


def soonest(at: datetime, lead_minutes: int = 0) -> datetime:
    """The next quarter of an hour, `lead_minutes` from now: a time that people can say."""
    earliest = (at + timedelta(minutes=lead_minutes)).astimezone(UTC)
    hour = earliest.replace(minute=0, second=0, microsecond=0)
    return hour + -((hour - earliest) // QUARTER) * QUARTER


def window_again(
    at: datetime, start: datetime, end: datetime, duration_minutes: int, lead_minutes: int
) -> tuple[datetime, datetime]:
    """The window in which an order can still be served whose team does not come.

    What is left of it, if a substitute could still serve; otherwise as long a window from now on.
    """
    begins = max(start, soonest(at))
    if begins + timedelta(minutes=lead_minutes + duration_minutes) <= end:
        return begins, end
    if begins == start:
        return start, end
    return begins, begins + max(end - start, timedelta(minutes=lead_minutes + duration_minutes))


def said(start: datetime, zone: ZoneInfo) -> str:
    """`11月28日 09:00`, as the people there say it."""
    local = start.astimezone(zone)
    return f"{local.month}月{local.day}日 {local:%H:%M}"
