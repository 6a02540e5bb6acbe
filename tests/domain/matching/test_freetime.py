"""When a team could begin, against the plain definition, in windows of every length."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.hours import Interval, pack_week
from app.domain.matching import freetime
from app.domain.matching.features import LONGEST_WINDOW
from app.domain.matching.freetime import on_duty, possible_starts, real_starts, starts
from tests.domain.matching import oracle
from tests.domain.matching.cases import ALWAYS, MORNINGS, TODAY, Case, Team, case, need

NIGHTS = pack_week([*(Interval(day, 22 * 60, 24 * 60) for day in (5, 6, 7)), Interval(1, 0, 2 * 60)])
NEVER = "0" * 84
DAY_ON, DAY_OFF = bytes([255] * 6), bytes(6)


def rows_of(one: Case) -> Any:
    """The rows in the order of the teams."""
    return np.argsort(one.number).astype(np.int32)


@given(
    seed=st.integers(0, 2**32),
    first_day=st.integers(TODAY - 3, TODAY + 3),
    first_slot=st.integers(0, 47),
    slots=st.sampled_from([0, 1, 2, 7, 30, 48, 100, 336, 340, 700, LONGEST_WINDOW]),
    duration=st.sampled_from([1, 2, 3, 5, 8, 24, 47, 60]),
)
@settings(max_examples=150, deadline=None)
def test_equals_the_plain_definition(
    seed: int, first_day: int, first_slot: int, slots: int, duration: int
) -> None:
    dice = np.random.default_rng(seed)

    def week() -> str:
        bits = dice.random(336) < dice.choice([0.5, 0.95])
        return np.packbits(bits).tobytes().hex()

    def dated() -> tuple[tuple[int, bytes], ...]:
        days = dice.permutation(40)[: int(dice.integers(0, 6))] + TODAY - 5
        return tuple((int(day), dice.integers(0, 256, 6).astype(np.uint8).tobytes()) for day in days)

    teams = [Team(week=week(), exceptions=dated(), capacity=int(dice.integers(1, 3))) for _ in range(5)]
    one = case(teams, slots)
    asked = need(first_day=first_day, first_slot=first_slot, slots=slots, duration_slots=duration)
    rows = rows_of(one)
    free = on_duty(one.index, asked, rows)
    plain = [oracle.on_duty(asked, team) for team in teams]
    assert free.tolist() == plain
    wanted = [oracle.starts(asked, bits) for bits in plain]
    assert possible_starts(one.index, asked, rows).tolist() == list(map(len, wanted))
    taken = dice.integers(0, 3, (5, slots)).astype(np.int16)
    busy = Case(teams, one.index, one.open_work, taken)
    real = real_starts(one.index, asked, rows, taken)
    assert real.shape == (5, asked.possible)
    assert [np.flatnonzero(bits).tolist() for bits in real] == [
        oracle.starts(asked, oracle.busy(busy, asked, team)) for team in range(5)
    ]


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 70))
@settings(max_examples=200, deadline=None)
def test_a_run_of_free_half_hours(bits: list[bool], duration: int) -> None:
    found = starts(np.array([bits], np.bool_).reshape(1, -1), duration)[0]
    assert found.tolist() == [
        all(bits[begin : begin + duration]) for begin in range(len(bits) - duration + 1)
    ]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"first_slot": 42, "slots": 12, "duration_slots": 4}, 1),
        ({"first_slot": 42, "slots": 12, "duration_slots": 5}, 0),
        ({"first_day": TODAY + 1, "first_slot": 44, "slots": 8, "duration_slots": 8}, 1),
        ({"first_day": TODAY + 1, "first_slot": 44, "slots": 9, "duration_slots": 9}, 0),
        ({"first_day": TODAY, "first_slot": 0, "slots": 14 * 48, "duration_slots": 8}, 2),
        ({"first_day": TODAY, "first_slot": 0, "slots": LONGEST_WINDOW, "duration_slots": 8}, 5),
    ],
    ids=["over midnight", "longer than the night", "over the week's end", "beyond", "a fortnight", "31 days"],
)
def test_nights_across_midnight_and_the_end_of_the_week(asked: dict[str, int], found: int) -> None:
    """Free from 22 to 24 on Friday to Sunday and from 0 to 2 on Monday: Sunday's night is one, of four hours."""
    one = case([Team(week=NIGHTS)])
    assert possible_starts(one.index, need(**asked), rows_of(one)).tolist() == [found]


def test_an_exception_replaces_its_day_in_the_middle_of_a_long_window() -> None:
    teams = [
        Team(week=MORNINGS, exceptions=((TODAY + 9, DAY_OFF),)),
        Team(week=NEVER, exceptions=((TODAY + 9, DAY_ON), (TODAY + 10, DAY_ON))),
        Team(week=MORNINGS, exceptions=((TODAY + 31, DAY_OFF), (TODAY - 1, DAY_OFF))),
    ]
    one, rows = case(teams), rows_of(case(teams))
    month = need(first_slot=0, slots=LONGEST_WINDOW, duration_slots=8)
    assert possible_starts(one.index, month, rows).tolist() == [30, 96 - 7, 31]
    inside = on_duty(one.index, need(first_slot=40, slots=9 * 48 + 20, duration_slots=1), rows)
    assert inside[0].sum() == 8 * 8
    assert inside[1].sum() == 48 + 12


def test_a_month_of_many_teams_is_looked_at_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same answer, and never more cells at once than allowed."""
    teams = [Team(week=ALWAYS if n % 3 else MORNINGS, km=n % 7) for n in range(101)]
    one, asked = case(teams), need(slots=LONGEST_WINDOW, duration_slots=4)
    rows = rows_of(one)
    whole = possible_starts(one.index, asked, rows)
    seen: list[int] = []
    plain = freetime.on_duty

    def watched(index: Any, need: Any, rows: Any) -> Any:
        seen.append(len(rows) * need.slots)
        return plain(index, need, rows)

    monkeypatch.setattr(freetime, "on_duty", watched)
    for cells, blocks in ((10 * LONGEST_WINDOW, 11), (1, 101), (101 * LONGEST_WINDOW, 1)):
        monkeypatch.setattr(freetime, "BLOCK_CELLS", cells)
        seen.clear()
        assert possible_starts(one.index, asked, rows).tolist() == whole.tolist()
        assert len(seen) == blocks
        assert max(seen) <= max(cells, LONGEST_WINDOW)


def test_no_window_holds_no_service() -> None:
    one = case([Team()])
    assert possible_starts(one.index, need(slots=0), rows_of(one)).tolist() == [0]
    assert possible_starts(one.index, need(slots=1, duration_slots=2), rows_of(one)).tolist() == [0]
