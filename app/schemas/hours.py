"""Free time on the wire: weekdays and "HH:MM" on half hours, "24:00" being the end of the day."""

from itertools import pairwise
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from app.domain.hours import (
    HOURS_ZH,
    HoursError,
    Interval,
    Span,
    pack_day,
    pack_week,
    unpack_day,
    unpack_week,
)
from app.schemas.base import Input, broken

HOUR = 60
Clock = Annotated[str, Field(pattern=r"^(?:([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", examples=["08:30"])]


def minute_of(clock: str) -> int:
    """`"08:30"` → 510."""
    hours, minutes = clock.split(":")
    return int(hours) * HOUR + int(minutes)


def clock_of(minute: int) -> str:
    return f"{minute // HOUR:02}:{minute % HOUR:02}"


class DayHours(Input):
    start: Clock
    end: Clock

    @property
    def span(self) -> Span:
        return minute_of(self.start), minute_of(self.end)

    @model_validator(mode="after")
    def _on_the_grid(self) -> Self:
        try:
            Interval(1, *self.span)
        except HoursError as error:
            raise broken(error.code, HOURS_ZH[error.code]) from None
        return self


class WeekHours(DayHours):
    """`weekday` is 1 for Monday … 7 for Sunday; a night across midnight is two of these."""

    weekday: Annotated[int, Field(ge=1, le=7, strict=True)]


def _apart(hours: list[DayHours]) -> list[DayHours]:
    """Twice the same half hour is a slip of the hand: better asked about than merged."""
    spans = sorted((getattr(one, "weekday", 0), *one.span) for one in hours)
    if any(one[0] == other[0] and other[1] < one[2] for one, other in pairwise(spans)):
        raise broken("hours_overlapping", "时间段之间有重叠")
    return hours


class WeekIn(Input):
    """The whole week; an empty list means never."""

    weekly: Annotated[list[WeekHours], Field(max_length=168), AfterValidator(_apart)]

    def packed(self) -> str:
        return pack_week(Interval(one.weekday, *one.span) for one in self.weekly)


class DayIn(Input):
    """The free time of one dated day, whatever the week says; an empty list is a day off."""

    free: Annotated[list[DayHours], Field(max_length=24), AfterValidator(_apart)]

    def packed(self) -> str:
        return pack_day(one.span for one in self.free)


def week_out(packed: str) -> list[WeekHours]:
    """The same week in the fewest pieces."""
    return [
        WeekHours(weekday=one.weekday, start=clock_of(one.start_minute), end=clock_of(one.end_minute))
        for one in unpack_week(packed)
    ]


def day_out(packed: str) -> list[DayHours]:
    return [DayHours(start=clock_of(start), end=clock_of(end)) for start, end in unpack_day(packed)]
