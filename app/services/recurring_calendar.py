"""The calendar of a recurring order: each time its rule names, and what is to become of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.policy import Policy
from app.domain.recurrence import RuleError, occurrences, parse
from app.errors import Invalid
from app.models.recurring import OnHoliday, RecurringException, RecurringOrder
from app.schemas.recurring_order import Outcome
from app.services.public_holidays import holiday_on


class RecurrenceNever(Invalid):
    code, title, title_en = "recurrence_never", "按这个规则，一年内没有任何一天符合", "No day fits this rule"


class RecurrenceTooMany(Invalid):
    code, title, title_en = "recurrence_too_many", "长期点单最多366次", "More than 366 times"


class RecurrenceTooLong(Invalid):
    code, title = "recurrence_too_long", "长期点单最长一年，请减少次数或提前截止时间"
    title_en = "Longer than a year"


class RecurrenceEndsBeforeStart(Invalid):
    code, title = "recurrence_ends_before_start", "截止时间早于首次时间"
    title_en = "It ends before it starts"


_REFUSALS: dict[str, type[Invalid]] = {
    refusal.code: refusal
    for refusal in (RecurrenceNever, RecurrenceTooMany, RecurrenceTooLong, RecurrenceEndsBeforeStart)
}


@dataclass(frozen=True, slots=True)
class Time:
    """One time of a series. `outcome` is PLANNED, MOVED, SKIPPED or HOLIDAY, for the `reason` given."""

    occurs_at: datetime
    starts_at: datetime
    ends_at: datetime
    outcome: Outcome
    reason: str = ""

    @property
    def wanted(self) -> bool:
        return self.outcome in (Outcome.PLANNED, Outcome.MOVED)


def begins(rule: str, first: datetime, zone: ZoneInfo) -> tuple[datetime, ...]:
    """When a rule that was understood begins each time (UTC).

    Raises RecurrenceNever, RecurrenceTooMany, RecurrenceTooLong, RecurrenceEndsBeforeStart.
    """
    try:
        return occurrences(parse(rule), first, zone)
    except RuleError as error:
        raise _REFUSALS[error.code] from None


def begins_of(series: RecurringOrder) -> tuple[datetime, ...]:
    return begins(series.rule, series.first_start, ZoneInfo(series.time_zone))


async def calendar(session: AsyncSession, series: RecurringOrder, policy: Policy) -> list[Time]:
    """Every time of the series in the order of the rule."""
    exceptions = await _exceptions(session, series.id)
    zone, length = ZoneInfo(series.time_zone), timedelta(minutes=series.window_minutes)
    return [_time(series, exceptions, policy, occurs_at, length, zone) for occurs_at in begins_of(series)]


def _time(
    series: RecurringOrder,
    exceptions: Mapping[datetime, RecurringException],
    policy: Policy,
    occurs_at: datetime,
    length: timedelta,
    zone: ZoneInfo,
) -> Time:
    exception = exceptions.get(occurs_at)
    if exception is not None:
        starts_at = exception.moved_to or occurs_at
        kept = Outcome.PLANNED if starts_at == occurs_at else Outcome.MOVED
        outcome = kept if exception.moved_to else Outcome.SKIPPED
        return Time(occurs_at, starts_at, starts_at + length, outcome, exception.reason)
    ends_at = occurs_at + length
    if series.on_holiday is OnHoliday.SKIP:
        name = holiday_on(occurs_at.astimezone(zone).date(), policy.times.service_hours)
        if name:
            return Time(occurs_at, occurs_at, ends_at, Outcome.HOLIDAY, name)
    return Time(occurs_at, occurs_at, ends_at, Outcome.PLANNED)


async def _exceptions(session: AsyncSession, series_id: UUID) -> dict[datetime, RecurringException]:
    found = select(RecurringException).where(col(RecurringException.recurring_id) == series_id)
    rows = await session.exec(found.execution_options(populate_existing=True))
    return {row.occurs_at: row for row in rows}
