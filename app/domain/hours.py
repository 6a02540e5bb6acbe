"""Free time on a grid of half hours, so that "free then?" is a bit and not a query.

A week is 336 bits from Monday 00:00 local time, written as 84 hex digits; a day is 48 bits, 12 digits. A
dated exception replaces its whole day. Times are a center's wall clock; China keeps one, without summer time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

HALF_HOUR: Final = 30
DAY_SLOTS: Final = 48
WEEK_SLOTS: Final = 7 * DAY_SLOTS
DAY_MINUTES: Final = DAY_SLOTS * HALF_HOUR

Slot = tuple[date, int]
"""One half hour: its date and its number, 0-47, within the day."""

Span = tuple[int, int]
"""Start and end in minutes from midnight; the end, at most 1440, is the first minute outside."""

HOURS_ZH: Final = {
    "hours_malformed": "空闲时间格式不正确",
    "hours_naive": "时间须带时区",
    "hours_not_aligned": "时间须为整点或半点",
    "hours_out_of_range": "星期须为1至7，时间须在0:00至24:00之间",
    "hours_reversed": "开始时间须早于结束时间",
}


class HoursError(ValueError):
    """Free time that cannot be put on the grid; `code`, a key of HOURS_ZH, says why."""

    def __init__(self, code: str) -> None:
        super().__init__(HOURS_ZH[code])
        self.code = code


@dataclass(frozen=True, order=True, slots=True)
class Interval:
    """Free time on one weekday (1 Monday to 7 Sunday); a night across midnight is two of them."""

    weekday: int
    start_minute: int
    end_minute: int

    def __post_init__(self) -> None:
        if not 1 <= self.weekday <= 7:
            raise HoursError("hours_out_of_range")
        _cells((self.start_minute, self.end_minute))


def pack_week(intervals: Iterable[Interval]) -> str:
    """84 hex digits; intervals may overlap and come in any order."""
    bits = np.zeros((7, DAY_SLOTS), np.bool_)
    for interval in intervals:
        bits[interval.weekday - 1, _cells((interval.start_minute, interval.end_minute))] = True
    return np.packbits(bits).tobytes().hex()


def unpack_week(text: str) -> tuple[Interval, ...]:
    """The same free time as the fewest intervals, sorted. Raises HoursError (hours_malformed)."""
    week = np.unpackbits(week_rows([text])[0]).reshape(7, DAY_SLOTS)
    return tuple(Interval(weekday, *span) for weekday, day in enumerate(week, 1) for span in _spans(day))


def pack_day(spans: Iterable[Span]) -> str:
    """12 hex digits for one dated exception; no span at all is a day off."""
    bits = np.zeros(DAY_SLOTS, np.bool_)
    for span in spans:
        bits[_cells(span)] = True
    return np.packbits(bits).tobytes().hex()


def unpack_day(text: str) -> tuple[Span, ...]:
    return tuple(_spans(_day_bits(text)))


def slots_needed(minutes: int) -> int:
    """How many half hours a service of so many minutes keeps a team busy; at least one."""
    return max(1, -(-minutes // HALF_HOUR))


def window_slots(start: datetime, end: datetime) -> list[Slot]:
    """The half hours wholly inside a window, in order and without a gap; maybe none.

    Both times are aware and `start` is in the center's zone. Raises HoursError (hours_naive, hours_reversed).
    """
    if start.utcoffset() is None or end.utcoffset() is None:
        raise HoursError("hours_naive")
    if end <= start:
        raise HoursError("hours_reversed")
    midnight = datetime.combine(start, time.min)
    step = timedelta(minutes=HALF_HOUR)
    first = -((midnight - start.replace(tzinfo=None)) // step)
    last = (end.astimezone(start.tzinfo).replace(tzinfo=None) - midnight) // step
    return [(start.date() + timedelta(days=n // DAY_SLOTS), n % DAY_SLOTS) for n in range(first, last)]


def free_in_window(week: str, exceptions: Mapping[date, str], slots: Sequence[Slot]) -> NDArray[np.bool_]:
    """For each of `slots`, whether one team is free."""
    dated = ((0, day, text) for day, text in exceptions.items())
    return teams_free_in_window(week_rows([week]), dated, slots).reshape(len(slots))


def teams_free_in_window(
    weeks: NDArray[np.uint8], exceptions: Iterable[tuple[int, date, str]], slots: Sequence[Slot]
) -> NDArray[np.bool_]:
    """N teams against W `slots` at once: bool[N, W].

    `weeks` comes from `week_rows`; an exception is (row of the team, date, 12 hex digits), the last one
    counting when two speak of the same day. Only the bytes that the window touches are read.
    """
    cells = np.array([day.weekday() * DAY_SLOTS + slot for day, slot in slots], np.intp)
    free: NDArray[np.bool_] = (weeks[:, cells >> 3] & (128 >> (cells & 7)).astype(np.uint8)) != 0
    columns: dict[date, list[int]] = {}
    for column, (day, _) in enumerate(slots):
        columns.setdefault(day, []).append(column)
    for row, day, text in exceptions:
        if touched := columns.get(day):
            free[row, touched] = _day_bits(text)[[slots[column][1] for column in touched]]
    return free


def week_rows(texts: Sequence[str]) -> NDArray[np.uint8]:
    """N stored weeks as packed bits, uint8[N, 42]: the form to keep. Raises HoursError (hours_malformed)."""
    return np.frombuffer(_unhex(texts, WEEK_SLOTS), np.uint8).reshape(len(texts), WEEK_SLOTS // 8)


def _day_bits(text: str) -> NDArray[np.bool_]:
    return np.unpackbits(np.frombuffer(_unhex([text], DAY_SLOTS), np.uint8)).astype(np.bool_)


def _unhex(texts: Sequence[str], slots: int) -> bytes:
    """The bytes of texts that are each `slots` bits of hex; fromhex skips white space, the count does not."""
    try:
        raw = bytes.fromhex("".join(texts))
    except ValueError:
        raise HoursError("hours_malformed") from None
    if any(len(text) != slots // 4 for text in texts) or len(raw) != len(texts) * slots // 8:
        raise HoursError("hours_malformed")
    return raw


def _cells(span: Span) -> slice:
    start, end = span
    if not (0 <= start <= DAY_MINUTES and 0 <= end <= DAY_MINUTES):
        raise HoursError("hours_out_of_range")
    if start % HALF_HOUR or end % HALF_HOUR:
        raise HoursError("hours_not_aligned")
    if start >= end:
        raise HoursError("hours_reversed")
    return slice(start // HALF_HOUR, end // HALF_HOUR)


def _spans(bits: NDArray[np.bool_] | NDArray[np.uint8]) -> Iterable[Span]:
    edges = np.flatnonzero(np.diff(bits.astype(np.int8), prepend=0, append=0)) * HALF_HOUR
    return zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
