"""派单的路: what the clock does next for an order that it dispatches, when nobody stands in its way.

First the best teams, in waves; then the pool, circle by circle; then a level up (吹哨), where more may be asked; at
the center the department that answers for it is called; and only when all of that has failed is the order unmet.
Everything is a function of what is known now, so a clock that was stopped for an hour just goes on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final
from zoneinfo import ZoneInfo

from app.domain.lifecycle import OrderStatus
from app.domain.policy import Urgency, WavePolicy

PATIENCE: Final = 4
"""An offer may be answered for as long as so many waves take; and when time is short, so many still fit in."""

SHORTEST: Final = timedelta(minutes=1)

PRIOR: Final = 8
"""As in app/domain/matching/reliability.py: so many own answers weigh as much as the mean."""

BEGINNING: Final = (7, 10)
"""Of ten teams asked seven say yes (S4.8: 12,300 of 17,200), where nothing else is known."""


class Level(Enum):
    """What the handler of an order can still do besides asking: climb, call a department, wait for its report."""

    CLIMB = "climb"
    CALL = "call"
    REPORT = "report"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Situation:
    """`latest` is when the service must begin at the latest. `wave` counts the waves at this level, `ring` the
    circles of the pool tried so far, out of `rings`. `hopes` are the chances of a yes of the teams that could be
    asked now, best team first; `level` is what the handler can do, `until` when a report is due; it is None when
    that is past, and whoever says so calls the clock."""

    at: datetime
    latest: datetime
    status: OrderStatus
    urgency: Urgency
    wave: int
    ring: int
    rings: int
    hopes: Sequence[float]
    level: Level
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """Offer to the first `teams`, who may answer until `until`; look again at `look`."""

    teams: int
    until: datetime
    look: datetime


@dataclass(frozen=True, slots=True)
class OpenPool:
    """To the circle number `ring`, from 0, until `until`."""

    ring: int
    until: datetime


@dataclass(frozen=True, slots=True)
class ClosePool:
    """Every circle had its time, or there is none left."""


@dataclass(frozen=True, slots=True)
class Climb:
    """To the next level above."""


@dataclass(frozen=True, slots=True)
class Call:
    """The department that answers for such orders."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do before `until`; None when somebody's answer will call the clock."""

    until: datetime | None


@dataclass(frozen=True, slots=True)
class GiveUp:
    """`late`: there is no time left; else everybody was tried."""

    late: bool


Step = Ask | OpenPool | ClosePool | Climb | Call | Wait | GiveUp


def next_step(now: Situation, policy: WavePolicy, zone: ZoneInfo) -> Step:
    """What to do at `now.at` for an order in state approved, offered or pooled."""
    if now.at >= now.latest:
        return _too_late(now.status)
    morning = awake(now.at, policy, zone)
    if now.urgency is not Urgency.EMERGENCY and now.at < morning < now.latest:
        return Wait(morning)
    pace = policy.of(now.urgency)
    interval = _interval(now, timedelta(minutes=pace.wave))
    if now.status is OrderStatus.POOLED:
        return OpenPool(now.ring, _pool(now, pace.pool)) if now.ring < now.rings else ClosePool()
    if now.hopes and now.wave < policy.most:
        teams = wave_size(now.hopes, policy.target_percent / 100, policy.largest)
        return Ask(teams, min(now.at + PATIENCE * interval, now.latest), now.at + interval)
    if now.status is OrderStatus.OFFERED:
        return Wait(None)
    if now.ring < now.rings:
        return OpenPool(now.ring, _pool(now, pace.pool))
    match now.level:
        case Level.CLIMB:
            return Climb()
        case Level.CALL:
            return Call()
        case Level.REPORT:
            return Wait(now.until)
        case Level.NOTHING:
            return GiveUp(late=False)


def _too_late(status: OrderStatus) -> Step:
    """Nobody is asked any more: there is no time left to answer in. What was asked ends by itself."""
    match status:
        case OrderStatus.OFFERED:
            return Wait(None)
        case OrderStatus.POOLED:
            return ClosePool()
        case _:
            return GiveUp(late=True)


def wave_size(hopes: Sequence[float], target: float, largest: int) -> int:
    """How many of the teams, best first, it takes for somebody to say yes with the chance `target`."""
    nobody = 1.0
    for number, hope in enumerate(hopes[:largest], start=1):
        nobody *= 1 - hope
        if 1 - nobody >= target:
            return number
    return min(len(hopes), largest)


def hopes(answers: Sequence[tuple[int, int]]) -> list[float]:
    """The chance of a yes of each team, from how often it was asked and how often it accepted.

    A rate of a few answers says little: it is drawn toward the mean of those considered.
    """
    accepted_0, asked_0 = BEGINNING
    mean = (sum(yes for _, yes in answers) + accepted_0) / (sum(asked for asked, _ in answers) + asked_0)
    return [(yes + PRIOR * mean) / (asked + PRIOR) for asked, yes in answers]


def awake(at: datetime, policy: WavePolicy, zone: ZoneInfo) -> datetime:
    """`at`, if messages are read then, else the next morning (aware, UTC)."""
    local = at.astimezone(zone)
    if policy.awake_from <= local.time() < policy.awake_until:
        return at
    day = local.date() + timedelta(days=int(local.time() >= policy.awake_until))
    return datetime.combine(day, policy.awake_from, zone).astimezone(at.tzinfo)


def _interval(now: Situation, usual: timedelta) -> timedelta:
    """As usual, or so short that the rounds that are left still fit before it is too late."""
    rounds = PATIENCE + now.rings - now.ring
    return min(usual, max(SHORTEST, (now.latest - now.at) / rounds))


def _pool(now: Situation, minutes: int) -> datetime:
    return min(now.at + _interval(now, timedelta(minutes=minutes)), now.latest)
