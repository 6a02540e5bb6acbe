from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.attendance import (
    MARK_ZH,
    AttendanceRule,
    Judgement,
    Mark,
    Stamp,
    declared_limit,
    judge,
    judge_stamp,
)

RULE = AttendanceRule()
START = datetime(2026, 3, 7, 1, tzinfo=UTC)
END = START + timedelta(hours=2)
HOME = (28.2280, 112.9390)
METRE = 1 / 111_195
"""Degrees of latitude."""


def stamp(minute: float, *, metres: float | None = 0, accuracy: float | None = None, lag: float = 0) -> Stamp:
    """Pressed `minute` minutes after the start, `metres` north of the place, received `lag` minutes later."""
    at = START + timedelta(minutes=minute)
    place = None if metres is None else (HOME[0] + metres * METRE, HOME[1])
    return Stamp(at, at + timedelta(minutes=lag), place, accuracy)


def judged(check_in: Stamp, check_out: Stamp, rule: AttendanceRule = RULE) -> Judgement:
    return judge(check_in, check_out, START, END, HOME, rule)


@pytest.mark.parametrize(
    ("came", "left", "minutes"),
    [
        (0, 120, 120),
        (10, 100, 90),
        (-20, 120, 140),
        (0, 145, 145),
        (-30, 150, 150),
        (-300, 500, 150),
        (-30, 130, 150),
        (-300, -30, 0),
        (150, 300, 0),
        (-45, -29, 1),
        (0, 59.99, 59),
        (0.5, 60.4, 59),
    ],
)
def test_minutes_within_the_agreed_time_and_its_grace(came: float, left: float, minutes: int) -> None:
    assert judged(stamp(came), stamp(left)) == Judgement(minutes, ())


@pytest.mark.parametrize(
    ("metres", "accuracy", "marks"),
    [
        (499, None, ()),
        (501, None, (Mark.AWAY,)),
        (-501, None, (Mark.AWAY,)),
        (599, 100, ()),
        (601, 100, (Mark.AWAY,)),
        (999, 5000, ()),
        (1001, 5000, (Mark.AWAY,)),
        (1001, inf, (Mark.AWAY,)),
        (501, -50, (Mark.AWAY,)),
        (501, nan, (Mark.AWAY,)),
        (499, nan, ()),
        (nan, 10, (Mark.AWAY,)),
        (None, None, (Mark.NO_PLACE,)),
    ],
)
def test_a_stay_is_proven_only_at_the_place(
    metres: float | None, accuracy: float | None, marks: tuple[Mark, ...]
) -> None:
    there, elsewhere = stamp(0), stamp(120, metres=metres, accuracy=accuracy)
    minutes = 0 if marks else 120
    assert judge_stamp(elsewhere, HOME, RULE) == marks
    assert judged(there, elsewhere) == Judgement(minutes, marks)
    swapped = judged(stamp(0, metres=metres, accuracy=accuracy), stamp(120))
    assert swapped == Judgement(minutes, marks)


def test_online_nobody_asks_where() -> None:
    apart = judge(stamp(0, metres=None), stamp(120, metres=10**6), START, END, None, RULE)
    assert apart == Judgement(120, ())


def test_a_late_upload_counts_and_is_marked() -> None:
    assert judged(stamp(0, lag=120), stamp(120)) == Judgement(120, ())
    assert judged(stamp(0, lag=120.1), stamp(120)) == Judgement(120, (Mark.LATE,))


def test_a_clock_ahead_is_overruled_by_the_receipt() -> None:
    assert judged(stamp(0), stamp(65, lag=-5)) == Judgement(65, ())
    assert judged(stamp(0), stamp(66, lag=-6)) == Judgement(60, (Mark.CLOCK_AHEAD,))
    assert judged(stamp(600, lag=-580), stamp(120)) == Judgement(100, (Mark.CLOCK_AHEAD,))


def test_leaving_before_coming_proves_nothing() -> None:
    assert judged(stamp(60), stamp(30)) == Judgement(0, (Mark.OUT_BEFORE_IN,))
    assert judged(stamp(60), stamp(60)) == Judgement(0, (Mark.OUT_BEFORE_IN,))


def test_every_mark_is_named_once_in_one_order() -> None:
    first = stamp(90, metres=None, lag=-60)
    second = stamp(20, metres=9000, lag=300)
    noticed = tuple(mark for mark in Mark if mark is not Mark.PROOF_ONLY)
    assert judged(first, second) == Judgement(0, noticed)
    assert set(MARK_ZH) == set(Mark)


def test_no_length_no_judgement() -> None:
    with pytest.raises(ValueError, match="ends after"):
        judge(stamp(0), stamp(1), START, START, HOME, RULE)
    with pytest.raises(ValueError, match="ends after"):
        declared_limit(END, START)


def test_the_word_fills_what_the_proof_leaves() -> None:
    assert declared_limit(START, END) == 120
    assert declared_limit(START, END, 45) == 75
    assert declared_limit(START, END, 150) == 0
    assert declared_limit(START, START + timedelta(minutes=90, seconds=59)) == 90


@pytest.mark.parametrize(
    "field", ["grace_minutes", "radius_m", "accuracy_cap_m", "late_minutes", "ahead_minutes"]
)
def test_a_rule_has_no_negative_number(field: str) -> None:
    with pytest.raises(ValueError, match="negative"):
        AttendanceRule(**{field: -1})


MINUTE = st.integers(-600, 600)
LAG = st.integers(-30, 600)
RULES = st.builds(AttendanceRule, grace_minutes=st.integers(0, 240), late_minutes=st.integers(1, 600))


@given(MINUTE, MINUTE, LAG, LAG, st.integers(1, 720), RULES)
def test_never_more_than_was_stayed_or_agreed(
    came: int, left: int, lag_in: int, lag_out: int, length: int, rule: AttendanceRule
) -> None:
    end = START + timedelta(minutes=length)
    minutes = judge(
        stamp(came, lag=lag_in), stamp(left, lag=lag_out), START, end, HOME, rule
    ).verified_minutes
    assert 0 <= minutes <= length + rule.grace_minutes
    began, ended = (at + lag if lag < -5 else at for at, lag in ((came, lag_in), (left, lag_out)))
    assert minutes <= max(0, ended - began)
    assert minutes + declared_limit(START, end, minutes) == max(minutes, length)


@given(MINUTE, MINUTE)
def test_the_clock_on_the_wall_does_not_matter(came: int, left: int) -> None:
    zone = timezone(timedelta(hours=8))
    first, second = stamp(came), stamp(left)
    moved = replace(first, at=first.at.astimezone(zone)), replace(second, at=second.at.astimezone(zone))
    assert judged(moved[0], moved[1]) == judged(first, second)
