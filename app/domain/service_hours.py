"""办理时间: a time limit that counts only while somebody is there to act.

No text of the field says whether its hours are hours of the clock or of the office, so a place decides: around the
clock, or in its service hours, which know its weekly rest days, its closed days and its make-up workdays (调休).
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.domain.wall_time import WallTime

WEEK = frozenset(range(1, 8))
LONGEST = 400
"""Days looked through for an open one; a place that is closed for longer has no deadline to speak of."""


@dataclass(frozen=True)
class ServiceHours:
    """`weekdays` are ISO (1 is Monday); `closed_days` rest although their weekday works, `open_days` the reverse.

    Raises ValueError for hours that never open.
    """

    weekdays: tuple[int, ...] = (1, 2, 3, 4, 5)
    opens: WallTime = time(9)
    closes: WallTime = time(17, 30)
    closed_days: tuple[date, ...] = ()
    open_days: tuple[date, ...] = ()

    def __post_init__(self) -> None:
        if not self.weekdays or not WEEK.issuperset(self.weekdays):
            raise ValueError("weekdays are some of 1 to 7")
        if self.closes <= self.opens:
            raise ValueError("closes before it opens")

    def open_on(self, day: date) -> bool:
        if day in self.open_days:
            return True
        return day.isoweekday() in self.weekdays and day not in self.closed_days

    def after(self, start: datetime, minutes: int, zone: ZoneInfo) -> datetime:
        """The instant (UTC) at which `minutes` of service have gone by since `start` (aware)."""
        left = timedelta(minutes=minutes)
        day = start.astimezone(zone).date()
        for _ in range(LONGEST):
            if self.open_on(day):
                begins = max(start, datetime.combine(day, self.opens, zone))
                ends = datetime.combine(day, self.closes, zone)
                if begins + left <= ends:
                    return (begins + left).astimezone(start.tzinfo)
                left -= max(timedelta(), ends - begins)
            day += timedelta(days=1)
        return start + timedelta(days=LONGEST)
