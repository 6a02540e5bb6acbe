from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.hours import (
    DAY_SLOTS,
    HOURS_ZH,
    WEEK_SLOTS,
    HoursError,
    Interval,
    Slot,
    free_in_window,
    pack_day,
    pack_week,
    slots_needed,
    teams_free_in_window,
    unpack_day,
    unpack_week,
    week_rows,
    window_slots,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 3, 2)
NEVER, ALWAYS = "0" * 84, "f" * 84

SPANS = (
    st.tuples(st.integers(0, 47), st.integers(1, 48))
    .filter(lambda s: s[0] < s[1])
    .map(lambda s: (s[0] * 30, s[1] * 30))
)
WEEKS = st.integers(0, 2**WEEK_SLOTS - 1).map("{:084x}".format)
DAYS = st.integers(0, 2**DAY_SLOTS - 1).map("{:012x}".format)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(SHANGHAI))  # noqa: DTZ001


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """March 2026, which has its Mondays on the 2nd, 9th, …"""
    return datetime(2026, 3, day, hour, minute, tzinfo=SHANGHAI)


def test_the_first_bit_is_monday_midnight_and_the_last_ends_sunday() -> None:
    assert pack_week([Interval(1, 0, 30)]) == "8" + "0" * 83
    assert pack_week([Interval(7, 1410, 1440)]) == "0" * 83 + "1"
    assert pack_week([Interval(2, 0, 1440)]) == "0" * 12 + "f" * 12 + "0" * 60
    assert pack_day([(540, 660)]) == "00003c000000"


@given(WEEKS)
def test_a_week_survives_unpacking(week: str) -> None:
    intervals = unpack_week(week)
    assert pack_week(intervals) == week
    assert pack_week(reversed(intervals)) == week
    assert list(intervals) == sorted(intervals)
    assert all(a.weekday < b.weekday or a.end_minute < b.start_minute for a, b in pairwise(intervals))


@given(st.lists(SPANS))
def test_a_day_is_the_union_of_its_spans(spans: list[tuple[int, int]]) -> None:
    free = {minute for start, end in spans for minute in range(start, end)}
    merged = unpack_day(pack_day(spans))
    assert {minute for start, end in merged for minute in range(start, end)} == free
    assert pack_day(merged) == pack_day(spans)


def test_touching_intervals_merge_and_midnight_divides() -> None:
    parts = [Interval(3, 600, 660), Interval(3, 540, 600), Interval(3, 570, 630), Interval(4, 0, 60)]
    assert unpack_week(pack_week([*parts, Interval(3, 1380, 1440)])) == (
        Interval(3, 540, 660),
        Interval(3, 1380, 1440),
        Interval(4, 0, 60),
    )


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: Interval(1, 545, 600), "hours_not_aligned"),
        (lambda: Interval(1, 540, 601), "hours_not_aligned"),
        (lambda: Interval(1, 600, 600), "hours_reversed"),
        (lambda: Interval(1, 630, 600), "hours_reversed"),
        (lambda: Interval(1, -30, 600), "hours_out_of_range"),
        (lambda: Interval(1, 0, 1470), "hours_out_of_range"),
        (lambda: Interval(0, 0, 30), "hours_out_of_range"),
        (lambda: Interval(8, 0, 30), "hours_out_of_range"),
        (lambda: pack_day([(0, 15)]), "hours_not_aligned"),
        (lambda: pack_day([(30, 0)]), "hours_reversed"),
        (lambda: unpack_week("f" * 83), "hours_malformed"),
        (lambda: unpack_week("g" * 84), "hours_malformed"),
        (lambda: unpack_week(" " * 84), "hours_malformed"),
        (lambda: unpack_week("f" * 82 + "é"), "hours_malformed"),
        (lambda: unpack_day("f" * 14), "hours_malformed"),
        (lambda: unpack_day("ff ff ff ff "), "hours_malformed"),
        (lambda: week_rows(["f" * 83, "f" * 85]), "hours_malformed"),
        (lambda: window_slots(at(2, 9), at(2, 9)), "hours_reversed"),
        (lambda: window_slots(at(2, 9).replace(tzinfo=None), at(2, 10)), "hours_naive"),
        (lambda: window_slots(at(2, 9), at(2, 10).replace(tzinfo=None)), "hours_naive"),
    ],
)
def test_what_does_not_fit_the_grid_says_why(make: Callable[[], object], code: str) -> None:
    with pytest.raises(HoursError) as caught:
        make()
    assert caught.value.code == code
    assert str(caught.value) == HOURS_ZH[code]


@pytest.mark.parametrize(("minutes", "slots"), [(0, 1), (1, 1), (30, 1), (31, 2), (90, 3), (720, 24)])
def test_a_service_fills_whole_half_hours(minutes: int, slots: int) -> None:
    assert slots_needed(minutes) == slots


def test_only_whole_half_hours_are_inside() -> None:
    assert window_slots(at(2, 9), at(2, 10)) == [(MONDAY, 18), (MONDAY, 19)]
    assert window_slots(at(2, 9, 1), at(2, 10, 29)) == [(MONDAY, 19)]
    assert window_slots(at(2, 9, 10), at(2, 9, 40)) == []
    assert window_slots(at(2, 23, 30), at(3, 0, 30)) == [(MONDAY, 47), (date(2026, 3, 3), 0)]


def test_the_end_is_read_on_the_clock_of_the_start() -> None:
    assert window_slots(at(2, 9), at(2, 10).astimezone(UTC)) == window_slots(at(2, 9), at(2, 10))


@given(MOMENTS, st.timedeltas(timedelta(seconds=1), timedelta(days=3)))
def test_a_window_holds_exactly_the_half_hours_it_covers(start: datetime, length: timedelta) -> None:
    end = start + length
    before = datetime.combine(start, datetime.min.time(), SHANGHAI) - timedelta(days=1)
    grid = (before + timedelta(minutes=30 * n) for n in range(48 * 6))
    inside = [s for s in grid if start <= s and s + timedelta(minutes=30) <= end]
    assert window_slots(start, end) == [(s.date(), s.hour * 2 + s.minute // 30) for s in inside]


def test_an_exception_replaces_its_day_only() -> None:
    week = pack_week([Interval(1, 540, 600), Interval(2, 540, 600)])
    slots = [(MONDAY, 18), (MONDAY, 20), (date(2026, 3, 3), 18), (date(2026, 3, 9), 18)]
    assert free_in_window(week, {}, slots).tolist() == [True, False, True, True]
    assert free_in_window(week, {MONDAY: pack_day([(600, 630)])}, slots).tolist() == [False, True, True, True]
    assert free_in_window(week, {MONDAY: pack_day([])}, slots).tolist() == [False, False, True, True]
    assert free_in_window(NEVER, {date(2026, 3, 4): "f" * 12}, slots).tolist() == [False] * 4


@given(
    st.lists(WEEKS | st.sampled_from([NEVER, ALWAYS]), max_size=4),
    st.dictionaries(st.tuples(st.integers(0, 3), st.integers(0, 3)), DAYS, max_size=6),
    MOMENTS,
    st.timedeltas(timedelta(seconds=1), timedelta(days=3)),
)
def test_many_teams_are_as_free_as_each_one(
    weeks: list[str], exceptions: dict[tuple[int, int], str], start: datetime, length: timedelta
) -> None:
    slots = window_slots(start, start + length)
    dated = [
        (team, start.date() + timedelta(days=day), text)
        for (team, day), text in exceptions.items()
        if team < len(weeks)
    ]
    together = teams_free_in_window(week_rows(weeks), dated, slots)
    assert together.shape == (len(weeks), len(slots))
    for team, week in enumerate(weeks):
        own = {day: text for row, day, text in dated if row == team}
        assert together[team].tolist() == [_free(week, own, slot) for slot in slots]
        assert np.array_equal(together[team], free_in_window(week, own, slots))


def _free(week: str, exceptions: dict[date, str], slot: Slot) -> bool:
    """The definition, read off the digits."""
    day, number = slot
    digits = exceptions.get(day, week[day.weekday() * 12 : day.weekday() * 12 + 12])
    return bool(int(digits, 16) >> (47 - number) & 1)
