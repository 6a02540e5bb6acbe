"""What the clock does next: every branch of the road, and the numbers of a wave."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.lifecycle import OrderStatus
from app.domain.policy import Urgency, WavePolicy
from app.domain.waves import (
    Ask,
    Call,
    Climb,
    ClosePool,
    GiveUp,
    Level,
    OpenPool,
    Situation,
    Step,
    Wait,
    hopes,
    next_step,
    wave_size,
)

MONDAY_9 = datetime(2026, 11, 23, 1, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
POLICY = WavePolicy()
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = Situation(
    at=MONDAY_9,
    latest=MONDAY_9 + 5 * DAY,
    status=OrderStatus.APPROVED,
    urgency=Urgency.NORMAL,
    wave=0,
    ring=0,
    rings=3,
    hopes=(0.7, 0.7, 0.7),
    level=Level.CLIMB,
)
OFFERED, POOLED = {"status": OrderStatus.OFFERED}, {"status": OrderStatus.POOLED}
NOBODY = {"hopes": ()}
ASKED_OUT = NOBODY | {"ring": 3}
WAVE = timedelta(minutes=POLICY.normal.wave)
POOL = timedelta(minutes=POLICY.normal.pool)


@pytest.mark.parametrize(
    ("changes", "step"),
    [
        ({}, Ask(2, MONDAY_9 + 4 * WAVE, MONDAY_9 + WAVE)),
        (OFFERED | {"wave": 1}, Ask(2, MONDAY_9 + 4 * WAVE, MONDAY_9 + WAVE)),
        (OFFERED | NOBODY, Wait(None)),
        (OFFERED | {"wave": POLICY.most}, Wait(None)),
        (NOBODY, OpenPool(0, MONDAY_9 + POOL)),
        (POOLED | {"ring": 1}, OpenPool(1, MONDAY_9 + POOL)),
        (POOLED | {"ring": 3}, ClosePool()),
        (ASKED_OUT, Climb()),
        (ASKED_OUT | {"level": Level.CALL}, Call()),
        (ASKED_OUT | {"level": Level.REPORT, "until": MONDAY_9 + HOUR}, Wait(MONDAY_9 + HOUR)),
        (ASKED_OUT | {"level": Level.NOTHING}, GiveUp(late=False)),
        ({"latest": MONDAY_9}, GiveUp(late=True)),
        (OFFERED | {"latest": MONDAY_9} | NOBODY, Wait(None)),
        (OFFERED | {"latest": MONDAY_9, "wave": 1}, Wait(None)),
        (POOLED | {"latest": MONDAY_9, "ring": 1}, ClosePool()),
        ({"at": MONDAY_9 + 13 * HOUR}, Wait(MONDAY_9 + DAY - HOUR)),
        ({"at": MONDAY_9 - 4 * HOUR}, Wait(MONDAY_9 - HOUR)),
    ],
)
def test_the_next_step(changes: dict[str, object], step: Step) -> None:
    assert next_step(replace(NOW, **changes), POLICY, ZONE) == step  # type: ignore[arg-type]


def test_an_emergency_wakes_people_and_so_does_a_service_before_breakfast() -> None:
    night = MONDAY_9 + 14 * HOUR
    asked = next_step(replace(NOW, at=night, urgency=Urgency.EMERGENCY), POLICY, ZONE)
    assert asked == Ask(2, night + timedelta(minutes=20), night + timedelta(minutes=5))
    assert isinstance(next_step(replace(NOW, at=night, latest=night + 4 * HOUR), POLICY, ZONE), Ask)


def test_when_time_is_short_the_rounds_are_short() -> None:
    step = next_step(replace(NOW, latest=MONDAY_9 + timedelta(minutes=70)), POLICY, ZONE)
    assert step == Ask(2, MONDAY_9 + timedelta(minutes=40), MONDAY_9 + timedelta(minutes=10))


@pytest.mark.parametrize(
    ("chances", "size"),
    [((0.9, 0.9), 1), ((0.7, 0.7, 0.7), 2), ((0.3,) * 9, 5), ((0.3,) * 3, 3), ((), 0)],
)
def test_a_wave_is_as_large_as_it_takes(chances: tuple[float, ...], size: int) -> None:
    assert wave_size(chances, 0.8, 5) == size


def test_little_is_known_of_who_was_asked_little() -> None:
    new, keen, unwilling = hopes([(0, 0), (100, 95), (100, 5)])
    assert unwilling < 0.1 < 0.4 < new < 0.6 < 0.9 < keen


SOON = st.integers(0, 30 * 24 * 60).map(lambda minutes: MONDAY_9 + timedelta(minutes=minutes))


@given(
    st.builds(
        Situation,
        at=SOON,
        latest=SOON,
        status=st.sampled_from((OrderStatus.APPROVED, OrderStatus.OFFERED, OrderStatus.POOLED)),
        urgency=st.sampled_from(Urgency),
        wave=st.integers(0, 9),
        ring=st.integers(0, 3),
        rings=st.just(3),
        hopes=st.lists(st.floats(0.01, 1), max_size=6),
        level=st.sampled_from((Level.CLIMB, Level.CALL, Level.NOTHING)),
    )
)
def test_every_road_goes_on(now: Situation) -> None:
    """Whatever is known: a look that is later, or a change; who is only waited for may still answer."""
    match next_step(now, POLICY, ZONE):
        case Ask(teams, until, look):
            assert 1 <= teams <= len(now.hopes)
            assert look > now.at
            assert now.at < until <= now.latest
        case Wait(until):
            assert until is None or now.at < until
            assert until is not None or now.status is OrderStatus.OFFERED
        case OpenPool(ring, until):
            assert ring == now.ring < now.rings
            assert now.at < until <= now.latest
        case GiveUp(late):
            assert late == (now.at >= now.latest)
            assert now.status is OrderStatus.APPROVED
