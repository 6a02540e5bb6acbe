"""What “every Thursday for eight weeks” comes to, and what a rule may not say."""

import random
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr

from app.domain.recurrence import LONGEST, RULES_ZH, RuleError, occurrences, parse

CHINA = ZoneInfo("Asia/Shanghai")
THURSDAY = datetime(2026, 11, 26, 14, 0, tzinfo=CHINA)


def starts(text: str, first: datetime = THURSDAY, zone: ZoneInfo = CHINA) -> list[str]:
    return [f"{one.astimezone(zone):%m-%d %H:%M}" for one in occurrences(parse(text), first, zone)]


def test_eight_thursdays() -> None:
    expected = "11-26 12-03 12-10 12-17 12-24 12-31 01-07 01-14"
    assert starts("RRULE:FREQ=WEEKLY;BYDAY=TH;COUNT=8") == [f"{day} 14:00" for day in expected.split()]
    found = occurrences(parse("freq=weekly;count=8"), THURSDAY, CHINA)
    assert found[0] == datetime(2026, 11, 26, 6, 0, tzinfo=UTC)
    assert {one.utcoffset() for one in found} == {timedelta()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FREQ=WEEKLY;BYDAY=MO,TH;UNTIL=20261204", "11-26 11-30 12-03"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TH;COUNT=3", "11-26 12-10 12-24"),
        ("FREQ=MONTHLY;BYDAY=-1TH;COUNT=3", "11-26 12-31 01-28"),
        ("FREQ=MONTHLY;BYMONTHDAY=31;COUNT=3", "12-31 01-31 03-31"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=2", "11-30 12-31"),
        ("FREQ=DAILY;UNTIL=20261127T060000Z", "11-26 11-27"),
        ("FREQ=DAILY;UNTIL=20261127T055959Z", "11-26"),
        ("FREQ=DAILY;UNTIL=20261127T140000", "11-26 11-27"),
        ("FREQ=DAILY;BYDAY=SA,SU;COUNT=2", "11-28 11-29"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=17;COUNT=1", "02-17"),
    ],
)
def test_what_people_mean(text: str, expected: str) -> None:
    assert starts(text) == [f"{day} 14:00" for day in expected.split()]


def test_the_clock_on_the_wall_does_not_drift() -> None:
    """Where summer time ends the instant moves, and the hour does not."""
    berlin = ZoneInfo("Europe/Berlin")
    first = datetime(2026, 10, 22, 14, 0, tzinfo=berlin)
    found = occurrences(parse("FREQ=WEEKLY;COUNT=2"), first, berlin)
    assert [one.hour for one in found] == [12, 13]
    assert starts("FREQ=WEEKLY;COUNT=2", first, berlin) == ["10-22 14:00", "10-29 14:00"]


BAD = {
    "": "recurrence_missing",
    "RRULE:": "recurrence_missing",
    "每周四": "recurrence_malformed",
    "FREQ": "recurrence_malformed",
    "FREQ=WEEKLY;FREQ=DAILY;COUNT=2": "recurrence_malformed",
    "COUNT=8": "recurrence_malformed",
    "FREQ=WEEKLY;COUNT=2;": "recurrence_malformed",
    "FREQ=WEEKLY;COUNT=-1": "recurrence_malformed",
    "FREQ=WEEKLY;COUNT=８": "recurrence_malformed",
    "FREQ=WEEKLY;COUNT=8;UNTIL=20270101": "recurrence_malformed",
    "FREQ=WEEKLY;UNTIL=20261301": "recurrence_malformed",
    "FREQ=WEEKLY;UNTIL=tomorrow": "recurrence_malformed",
    "FREQ=WEEKLY;BYDAY=XX;COUNT=2": "recurrence_malformed",
    "FREQ=WEEKLY;BYDAY=2TH;COUNT=2": "recurrence_malformed",
    "FREQ=WEEKLY;BYDAY=TH,TH;COUNT=2": "recurrence_malformed",
    "FREQ=MONTHLY;BYMONTHDAY=0;COUNT=2": "recurrence_malformed",
    "FREQ=MONTHLY;BYMONTHDAY=32;COUNT=2": "recurrence_malformed",
    "FREQ=WEEKLY;BYMONTH=13;COUNT=2": "recurrence_malformed",
    "FREQ=MONTHLY;BYSETPOS=1;COUNT=2": "recurrence_malformed",
    "FREQ=WEEKLY;COUNT=2;WKST=1": "recurrence_malformed",
    "FREQ=WEEKLY;COUNT=2;" + "BYMONTHDAY=1," * 30: "recurrence_malformed",
    "DTSTART:20000101T000000Z\nRRULE:FREQ=DAILY;COUNT=2": "recurrence_foreign",
    "FREQ=DAILY;COUNT=2\nEXDATE:20261126": "recurrence_foreign",
    "FREQ=DAILY;COUNT=2;DTSTART=20000101T000000": "recurrence_foreign",
    "FREQ=DAILY;COUNT=2;EXDATE=20261126": "recurrence_foreign",
    "FREQ=HOURLY;COUNT=2": "recurrence_frequency",
    "FREQ=SECONDLY;COUNT=1000000": "recurrence_frequency",
    "FREQ=FORTNIGHTLY;COUNT=2": "recurrence_frequency",
    "FREQ=WEEKLY;INTERVAL=0;COUNT=2": "recurrence_interval",
    "FREQ=WEEKLY;INTERVAL=-1;COUNT=2": "recurrence_interval",
    "FREQ=WEEKLY;INTERVAL=27;COUNT=2": "recurrence_interval",
    "FREQ=YEARLY;INTERVAL=99999999999999999999;COUNT=2": "recurrence_interval",
    "FREQ=DAILY;BYHOUR=9,14;COUNT=2": "recurrence_too_often",
    "FREQ=DAILY;BYMINUTE=0;COUNT=2": "recurrence_too_often",
    "FREQ=YEARLY;BYWEEKNO=20;COUNT=1": "recurrence_part_unknown",
    "FREQ=YEARLY;BYEASTER=1;COUNT=1": "recurrence_part_unknown",
    "FREQ=WEEKLY;BYDAY=TH": "recurrence_endless",
    "FREQ=DAILY;COUNT=1000000": "recurrence_too_many",
    "FREQ=DAILY;COUNT=367": "recurrence_too_many",
    "FREQ=DAILY;UNTIL=20271127T140000": "recurrence_too_many",
    "FREQ=WEEKLY;COUNT=54": "recurrence_too_long",
    "FREQ=WEEKLY;UNTIL=20271201": "recurrence_too_long",
    "FREQ=WEEKLY;UNTIL=99991231T235959Z": "recurrence_too_long",
    "FREQ=WEEKLY;UNTIL=20261125": "recurrence_ends_before_start",
    "FREQ=WEEKLY;UNTIL=00010101": "recurrence_ends_before_start",
    "FREQ=WEEKLY;COUNT=0": "recurrence_never",
    "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=1": "recurrence_never",
    "FREQ=DAILY;INTERVAL=7;BYDAY=FR;COUNT=1": "recurrence_never",
    "FREQ=DAILY;BYDAY=TH;BYSETPOS=2;COUNT=1": "recurrence_never",
    "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=-31;COUNT=5": "recurrence_never",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;COUNT=1": "recurrence_never",
}


@pytest.mark.parametrize("text", BAD)
def test_a_rule_that_is_not_followed_says_why_at_once(text: str) -> None:
    begun = time.perf_counter()
    with pytest.raises(RuleError) as caught:
        occurrences(parse(text), THURSDAY, CHINA)
    assert caught.value.code == BAD[text]
    assert time.perf_counter() - begun < 1


def test_every_refusal_is_tried() -> None:
    assert set(BAD.values()) == set(RULES_ZH)


def test_the_end_of_time_falls_like_our_years() -> None:
    """Against dateutil counting in our own years, for rules that do come."""
    dice = random.Random(4)
    for _ in range(150):
        text = dice.choice(
            [
                f"FREQ=DAILY;INTERVAL={dice.randint(2, 9)}",
                f"FREQ=WEEKLY;INTERVAL={dice.randint(1, 5)};BYDAY={dice.choice(['MO', 'SU,TU', 'WE,FR'])};WKST=SU",
                f"FREQ=MONTHLY;BYDAY={dice.choice(['1MO', '-1SU', '2TU,4TU', '5FR'])}",
                f"FREQ=MONTHLY;BYMONTHDAY={dice.choice(['1', '-1', '30', '29,31'])}",
                f"FREQ=YEARLY;BYMONTH={dice.randint(1, 12)};BYDAY={dice.choice(['1SA', '-2WE', 'TH'])}",
            ]
        )
        first = datetime(dice.randint(2026, 2098), 1, 1, 9, 30, tzinfo=CHINA) + timedelta(
            dice.randint(0, 365)
        )
        wall = first.replace(tzinfo=None)
        until = wall + LONGEST
        expected = [*rrulestr(text, dtstart=wall).between(wall, until, inc=True)]
        found = occurrences(parse(f"{text};UNTIL={until:%Y%m%dT%H%M%S}"), first, CHINA)
        assert [one.astimezone(CHINA).replace(tzinfo=None) for one in found] == expected, (text, first)
