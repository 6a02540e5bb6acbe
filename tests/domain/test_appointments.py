"""What the clock does around an agreed time, minute by minute, and when a substitute is to come."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.domain.appointments import (
    Duty,
    confirms,
    last_call_at,
    look,
    reminders,
    said,
    soonest,
    standby_until,
    standby_wanted,
    substitute_start,
    window_again,
)
from app.domain.beneficiary import Circumstance
from app.domain.contentment import is_low
from app.domain.policy import AppointmentPolicy, Standby, Urgency
from app.domain.reminders import Reminder

START = datetime(2026, 11, 28, 1, 0, tzinfo=UTC)
MISSED = START + timedelta(minutes=60)
RULE = AppointmentPolicy()
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("at", "confirmed", "duty", "next_at"),
    [
        (START - 3 * DAY, False, Duty.WAIT, START - 2 * HOUR),
        (START - 2 * HOUR - MINUTE, False, Duty.WAIT, START - 2 * HOUR),
        (START - 2 * HOUR, False, Duty.LAST_CALL, MISSED),
        (START - 2 * HOUR, True, Duty.WAIT, MISSED),
        (MISSED - MINUTE, True, Duty.WAIT, MISSED),
        (MISSED - MINUTE, False, Duty.LAST_CALL, MISSED),
        (MISSED, True, Duty.MISS, None),
        (MISSED + 9 * DAY, False, Duty.MISS, None),
    ],
)
def test_what_is_to_be_done(at: datetime, confirmed: bool, duty: Duty, next_at: datetime | None) -> None:
    assert look(at, START, MISSED, confirmed=confirmed, policy=RULE) == (duty, next_at)


def test_the_clock_never_looks_back() -> None:
    """Whatever the hour, the next look lies ahead: a worker does not turn on the spot."""
    for minutes in range(-72 * 60, 60):
        at = START + minutes * MINUTE
        for confirmed in (True, False):
            _, next_at = look(at, START, MISSED, confirmed=confirmed, policy=RULE)
            assert next_at is not None
            assert next_at > at


def test_who_agrees_shortly_before_need_not_say_it_again() -> None:
    assert not confirms(START - DAY, START, RULE)
    assert confirms(START - DAY + MINUTE, START, RULE)


def test_nobody_is_relieved_before_being_asked() -> None:
    odd = AppointmentPolicy(confirm_hours=1, last_call_hours=2)
    assert last_call_at(START, odd) == START - HOUR
    assert not confirms(START - HOUR, START, odd)


def test_only_who_confirmed_hears_the_last_call() -> None:
    early = START - 3 * DAY
    assert reminders(early, START, confirmed=False, policy=RULE) == [
        (Reminder.TOMORROW, START - DAY),
        (Reminder.ASK_CONFIRM, START - DAY),
    ]
    assert reminders(START - 5 * HOUR, START, confirmed=True, policy=RULE) == [
        (Reminder.LAST_CALL, START - 2 * HOUR)
    ]
    assert reminders(START - HOUR, START, confirmed=True, policy=RULE) == []


def test_for_whom_a_second_team_is_ready() -> None:
    frail = [Circumstance.ADVANCED_AGE.value]
    assert standby_wanted(Standby.VULNERABLE, Urgency.NORMAL, frail)
    assert standby_wanted(Standby.VULNERABLE, Urgency.URGENT, [])
    assert not standby_wanted(Standby.VULNERABLE, Urgency.NORMAL, [Circumstance.MINOR.value])
    assert standby_wanted(Standby.ALWAYS, Urgency.NORMAL, [])
    assert not standby_wanted(Standby.NEVER, Urgency.EMERGENCY, frail)


def test_a_question_to_stand_by_ends_with_the_start() -> None:
    assert standby_until(START - DAY, START - HOUR, START) == START - HOUR
    assert standby_until(START - HOUR, START + DAY, START) == START
    assert standby_until(START, START + DAY, START) is None


def test_a_substitute_comes_at_the_agreed_time_or_as_soon_as_it_can() -> None:
    assert substitute_start(START - 2 * HOUR, START, START, 60) == START
    assert substitute_start(START + HOUR, START, START, 60) == START + 2 * HOUR
    assert substitute_start(START + 61 * MINUTE, START, START, 60) == START + timedelta(minutes=135)
    assert substitute_start(START - DAY, None, START, 60) == START


def test_times_are_quarters_of_an_hour() -> None:
    assert soonest(START) == START
    assert soonest(START + timedelta(seconds=1)) == START + 15 * MINUTE
    assert soonest(START + 46 * MINUTE, 10) == START + HOUR
    assert said(START, ZoneInfo("Asia/Shanghai")) == "11月28日 09:00"


def test_a_window_that_is_over_begins_anew_as_long_as_it_was() -> None:
    end = START + 3 * HOUR
    assert window_again(START - DAY, START, end, 120, 60) == (START, end)
    assert window_again(START + HOUR, START, end + HOUR, 120, 60) == (START + HOUR, end + HOUR)
    assert window_again(START + HOUR, START, end, 120, 60) == (START + HOUR, START + 4 * HOUR)
    assert window_again(START + DAY, START, START + 2 * HOUR, 120, 60) == (
        START + DAY,
        START + DAY + 3 * HOUR,
    )


def test_two_stars_on_any_dimension_are_low() -> None:
    assert is_low(5, 5, 2, 5)
    assert not is_low(3, 3, 3, 3)
