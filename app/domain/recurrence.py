"""长期点单: on which instants a service is wanted again, from an RRULE (RFC 5545 §3.3.10) in local time.

Only what a person means by “every Thursday for eight weeks” is understood: days, weeks, months and years with an
end, at most one order a day and one year long. The rest is refused with a word about why, before anything is
counted: a rule is a program, and a stranger writes it.
"""

import re
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import takewhile
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, YEARLY, rrule, weekday

LONGEST: Final = timedelta(days=366)
MOST: Final = 366
LONGEST_TEXT: Final = 300

RULES_ZH: Final = {
    "recurrence_missing": "请写明重复规则，例如 FREQ=WEEKLY;BYDAY=TH;COUNT=8",
    "recurrence_malformed": "重复规则的写法不正确，例如 FREQ=WEEKLY;BYDAY=TH;COUNT=8",
    "recurrence_foreign": "重复规则中不能夹带起始时间、例外日期或其他规则，请分别填写",
    "recurrence_frequency": "只能按天、周、月、年重复（DAILY、WEEKLY、MONTHLY、YEARLY）",
    "recurrence_interval": "重复间隔须为正整数，且一年内至少能重复一次",
    "recurrence_too_often": "每天最多一次，时刻由首次时间决定，不能再写时、分、秒",
    "recurrence_part_unknown": "重复规则中有不支持的部分，可用 BYDAY、BYMONTHDAY、BYMONTH、BYSETPOS、WKST",
    "recurrence_endless": "请写明次数（COUNT）或截止时间（UNTIL）：最长一年，最多366次",
    "recurrence_too_many": "长期点单最多366次",
    "recurrence_too_long": "长期点单最长一年，请减少次数或提前截止时间",
    "recurrence_ends_before_start": "截止时间早于首次时间",
    "recurrence_never": "按这个规则，一年内没有任何一天符合",
}

Frequency = Literal[0, 1, 2, 3]
_FREQUENCIES: Final[dict[str, Frequency]] = {
    "DAILY": DAILY,
    "WEEKLY": WEEKLY,
    "MONTHLY": MONTHLY,
    "YEARLY": YEARLY,
}
_WIDEST: Final = {DAILY: 183, WEEKLY: 26, MONTHLY: 6, YEARLY: 1}
_DAYS: Final = {name: number for number, name in enumerate(("MO", "TU", "WE", "TH", "FR", "SA", "SU"))}
_NUMBERS: Final = {"BYMONTHDAY": 31, "BYMONTH": 12, "BYSETPOS": 31}
_FOREIGN: Final = re.compile(r"[\r\n:]|DTSTART|DTEND|EXDATE|RDATE|EXRULE|TZID")
_DAY: Final = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_EARLIEST, _LATEST = "2000", "2200"
_UNTIL: Final = re.compile(r"\d{8}(T\d{6}Z?)?", re.ASCII)


class RuleError(ValueError):
    """A rule that is not followed; `code`, a key of RULES_ZH, says why."""

    def __init__(self, code: str) -> None:
        super().__init__(RULES_ZH[code])
        self.code = code


@dataclass(frozen=True)
class Rule:
    """An RRULE that was understood. `until` is local unless `until_utc`; `by` are the arguments for dateutil."""

    frequency: Frequency
    interval: int
    count: int | None
    until: datetime | None
    until_utc: bool
    by: tuple[tuple[str, Any], ...]


def parse(text: str) -> Rule:
    """The rule that `text` (`FREQ=…;…`, with or without `RRULE:`) says. Raises RuleError."""
    stated = text.strip().upper().removeprefix("RRULE:")
    if not stated:
        raise RuleError("recurrence_missing")
    if _FOREIGN.search(stated):
        raise RuleError("recurrence_foreign")
    parts = _parts(stated)
    frequency = _frequency(parts)
    interval = _whole(parts.pop("INTERVAL", "1"), "recurrence_interval")
    if not 1 <= interval <= _WIDEST[frequency]:
        raise RuleError("recurrence_interval")
    count, until = parts.pop("COUNT", None), parts.pop("UNTIL", None)
    if count is None and until is None:
        raise RuleError("recurrence_endless")
    if count is not None and until is not None:
        raise RuleError("recurrence_malformed")
    return Rule(
        frequency=frequency,
        interval=interval,
        count=_counted(count) if count is not None else None,
        until=_until(until) if until is not None else None,
        until_utc=until is not None and until.endswith("Z"),
        by=tuple(_by(parts, frequency)),
    )


@lru_cache(maxsize=256)
def occurrences(rule: Rule, first: datetime, zone: ZoneInfo) -> tuple[datetime, ...]:
    """Every instant (UTC) at which the service begins, in order: `rule` counted from `first` (aware) by the clock
    on the wall of `zone`. `first` itself is one only if the rule says so. Raises RuleError.
    """
    start = first.astimezone(zone).replace(tzinfo=None, fold=0)
    last = start + LONGEST
    if rule.until is not None:
        until = rule.until
        if rule.until_utc:
            until = until.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
        if until < start:
            raise RuleError("recurrence_ends_before_start")
        if until > last:
            raise RuleError("recurrence_too_long")
        last = until
    found = _local(rule, start, last)
    if not found:
        raise RuleError("recurrence_never")
    if len(found) > MOST:
        raise RuleError("recurrence_too_many")
    if rule.count is not None and len(found) < rule.count:
        raise RuleError("recurrence_too_long")
    return tuple(one.replace(tzinfo=zone).astimezone(UTC) for one in found)


def _local(rule: Rule, start: datetime, last: datetime) -> list[datetime]:
    """dateutil looks for the next day until there are no more (the year 9999). So it is asked about two years at
    the end of time whose days fall as ours do: what never comes is known in milliseconds, not in minutes.
    """
    shift = date(_alike(start.year), 1, 1) - date(start.year, 1, 1)
    days = rrule(
        rule.frequency, dtstart=start + shift, interval=rule.interval, count=rule.count, **dict(rule.by)
    )
    return [one - shift for one in takewhile(lambda one: one <= last + shift, days)]


@lru_cache(maxsize=64)
def _alike(year: int) -> int:
    """The last year that, with the one after it, has the same weekdays and leap days as `year` and the next."""

    def shape(of: int) -> tuple[int, int, int]:
        ends = [date(of, 1, 1), date(of + 1, 1, 1), date(of + 1, 12, 31)]
        return ends[0].weekday(), (ends[1] - ends[0]).days, (ends[2] - ends[1]).days

    return next(late for late in range(MAXYEAR - 1, year, -1) if shape(late) == shape(year))


def _parts(stated: str) -> dict[str, str]:
    if len(stated) > LONGEST_TEXT:
        raise RuleError("recurrence_malformed")
    parts: dict[str, str] = {}
    for part in stated.split(";"):
        name, separator, value = part.partition("=")
        if not (name and separator and value) or name in parts:
            raise RuleError("recurrence_malformed")
        parts[name] = value
    return parts


def _frequency(parts: dict[str, str]) -> Frequency:
    named = parts.pop("FREQ", None)
    if named is None:
        raise RuleError("recurrence_malformed")
    if named not in _FREQUENCIES:
        raise RuleError("recurrence_frequency")
    return _FREQUENCIES[named]


def _whole(value: str, code: str) -> int:
    if not (value.isascii() and value.isdigit()):
        raise RuleError(code)
    return int(value)


def _counted(value: str) -> int:
    count = _whole(value, "recurrence_malformed")
    if count > MOST:
        raise RuleError("recurrence_too_many")
    if count == 0:
        raise RuleError("recurrence_never")
    return count


def _until(value: str) -> datetime:
    """A day without a time means all of it."""
    if not _UNTIL.fullmatch(value):
        raise RuleError("recurrence_malformed")
    if not _EARLIEST <= value[:4] <= _LATEST:
        raise RuleError("recurrence_too_long" if value[:4] > _LATEST else "recurrence_ends_before_start")
    try:
        if len(value) == len("20261126"):
            return datetime.strptime(f"{value}235959", "%Y%m%d%H%M%S")  # noqa: DTZ007
        return datetime.strptime(value.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007
    except ValueError:
        raise RuleError("recurrence_malformed") from None


def _by(parts: dict[str, str], frequency: int) -> list[tuple[str, Any]]:
    by: list[tuple[str, Any]] = []
    for name, value in parts.items():
        if name in ("BYHOUR", "BYMINUTE", "BYSECOND"):
            raise RuleError("recurrence_too_often")
        if name == "WKST" and value in _DAYS:
            by.append(("wkst", _DAYS[value]))
        elif name == "BYDAY":
            by.append(("byweekday", tuple(_weekday(one, frequency) for one in _listed(value))))
        elif name in _NUMBERS:
            by.append((name.lower(), tuple(_number(one, name) for one in _listed(value))))
        else:
            raise RuleError("recurrence_malformed" if name == "WKST" else "recurrence_part_unknown")
    names = [name for name, _ in by]
    if names == ["bysetpos"] or sorted(names) == ["bysetpos", "wkst"]:
        raise RuleError("recurrence_malformed")
    return by


def _listed(value: str) -> list[str]:
    listed = value.split(",")
    if len(set(listed)) != len(listed):
        raise RuleError("recurrence_malformed")
    return listed


def _weekday(value: str, frequency: int) -> weekday:
    matched = _DAY.fullmatch(value)
    if matched is None:
        raise RuleError("recurrence_malformed")
    number, name = matched.groups()
    if number is None:
        return weekday(_DAYS[name])
    if frequency not in (MONTHLY, YEARLY) or not 1 <= abs(int(number)) <= 53:
        raise RuleError("recurrence_malformed")
    return weekday(_DAYS[name], int(number))


def _number(value: str, name: str) -> int:
    sign, digits = (
        (-1, value[1:]) if value[0:1] == "-" and name != "BYMONTH" else (1, value.removeprefix("+"))
    )
    number = _whole(digits, "recurrence_malformed")
    if not 1 <= number <= _NUMBERS[name]:
        raise RuleError("recurrence_malformed")
    return sign * number
