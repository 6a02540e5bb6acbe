"""Quiet hours: when no phone should ring."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


def after_quiet(at: datetime, begins: time, ends: time, zone: ZoneInfo) -> datetime:
    """`at` (aware) itself, or, if it falls into the hours from `begins` to `ends` at `zone`, the instant they end.

    They may go over midnight; equal times mean that there are none.
    """
    local = at.astimezone(zone)
    clock = local.time()
    over_midnight = ends < begins
    quiet = clock >= begins or clock < ends if over_midnight else begins <= clock < ends
    if not quiet:
        return at
    tomorrow = over_midnight and clock >= begins
    day = local.date() + timedelta(days=1 if tomorrow else 0)
    return datetime.combine(day, ends, zone).astimezone(at.tzinfo)
