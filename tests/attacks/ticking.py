"""What the clock may do to an order, and what it owes: the road of docs/dispatching.md, step by step.

The jobs run in any order, and which of two steps comes first is theirs to say. So each step is judged when it is
heard of, and only what must have happened by now is asked for afterwards.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from tests.attacks.life import AWAY, LAST_CALL, SPENT, TOP, WAITING, Absence, Life

HERE: Final = ZoneInfo("Asia/Shanghai")
AWAKE: Final = (8, 21)
WAVE: Final = {
    "normal": timedelta(hours=3),
    "urgent": timedelta(minutes=20),
    "emergency": timedelta(minutes=5),
}
CIRCLE: Final = {
    "normal": timedelta(hours=12),
    "urgent": timedelta(hours=1),
    "emergency": timedelta(minutes=10),
}
CIRCLES: Final = 3
PATIENCE: Final = 4
"""An offer may be answered for as long as so many waves take."""
A_DAY: Final = 6
"""No team is asked more often than that, but for an emergency."""


@dataclass(frozen=True)
class Asked:
    until: datetime
    standby: bool


@dataclass
class Told:
    """`asks`: how often each team was asked within a day, before this very moment; `rows`: at most so often, with
    what it took from the pool and with this moment. `asked`: whom a question waits for now."""

    now: datetime
    asks: dict[str, int]
    rows: dict[str, int]
    largest: int = 5
    asked: dict[str, Asked] = field(default_factory=dict)

    def asleep(self, life: Life) -> bool:
        """Nobody is asked at night but in an emergency, or where the morning would be too late."""
        here = self.now.astimezone(HERE)
        if life.urgency == "emergency" or AWAKE[0] <= here.hour < AWAKE[1]:
            return False
        morning = here.replace(hour=AWAKE[0], minute=0) + timedelta(days=int(here.hour >= AWAKE[1]))
        return morning < life.latest

    def may_ask(self, life: Life, team: str) -> bool:
        known = life.offers.get(team) in SPENT or team in life.silent_teams
        tired = life.urgency != "emergency" and self.asks[team] >= A_DAY
        return not known and life.reaches(team) and not tired

    def must_ask(self, life: Life) -> list[str]:
        """Who can be asked, and is not tired by any way to count."""
        fresh = [team for team in AWAY if life.urgency == "emergency" or self.rows[team] < A_DAY]
        return [team for team in fresh if self.may_ask(life, team)]


def lapses(life: Life, told: Told) -> None:
    if life.status == "offered":
        assert all(life.until[team] <= told.now for team in life.open_to("open")), "somebody may still answer"
        life.lapse(told.now, "open")
    else:
        assert life.status == "pooled"
        tried = life.auto and (life.circles == CIRCLES or told.now >= life.latest)
        assert tried or (life.due and life.due <= told.now), "the pool has its time"
    life.enter("approved", told.now)


def misses(life: Life, told: Told) -> None:
    assert life.status == "accepted"
    assert life.due is not None
    assert life.due <= told.now, "they may still come"
    life.absences.append(Absence(told.now, frozenset(life.crew)))
    life.lose("released", told.now)


def relieves(life: Life, told: Told) -> None:
    assert life.status == "accepted"
    assert life.start is not None
    assert not life.confirmed, "they said that they come"
    assert life.standby, "nobody comes instead"
    assert told.now >= life.start - LAST_CALL, "they may still confirm"
    life.lose("recalled", told.now)


def promotes(life: Life, told: Told) -> None:
    assert life.status == "approved"
    life.promote(told.now)


def asks(life: Life, told: Told) -> None:
    """The best teams, as many as it takes; earlier offers stay open."""
    _may_step(life, told)
    new = [team for team in told.asked if life.offers.get(team) != "open"]
    assert 0 < len(new) <= told.largest, new
    assert told.now < life.latest, "too late to be served"
    for team in new:
        until = told.asked[team].until
        assert told.may_ask(life, team), f"{team} is not to be asked: {life.offers}"
        assert told.now < until <= min(told.now + PATIENCE * WAVE[life.urgency], life.latest), until
        assert not told.asked[team].standby
        life.question(team, told.now, until)
    life.asked_at = told.now


def dispatches(life: Life, told: Told) -> None:
    assert life.status == "approved"
    life.enter("offered", told.now)
    asks(life, told)


def widens(life: Life, told: Told) -> None:
    assert life.status == "offered"
    asks(life, told)


def opens_pool(life: Life, told: Told) -> None:
    """Circle by circle, when nobody is left to be asked."""
    _may_step(life, told)
    assert not told.must_ask(life), f"{told.must_ask(life)} could be asked"
    assert life.circles < CIRCLES, "every circle was open"
    assert told.now < life.latest, "too late to be served"
    if life.status == "approved":
        life.enter("pooled", told.now)
    assert life.status == "pooled"
    life.circle, life.asked_at = life.circles, told.now
    life.circles += 1


def climbs(life: Life, told: Told) -> None:
    _may_step(life, told)
    assert life.status == "approved"
    assert not told.must_ask(life), f"{told.must_ask(life)} could be asked"
    assert life.circles == CIRCLES, "not every circle was open"
    assert life.level < TOP, "the department was called already"
    life.climb(told.now)


def gives_up(life: Life, told: Told) -> None:
    """Everything was tried, or there is no time left."""
    assert life.auto
    assert life.status == "approved"
    tried = life.level == TOP and not life.report_due() and life.circles == CIRCLES
    assert told.now >= life.latest or (tried and not told.must_ask(life)), "not everything was tried"
    life.end("unmet", told.now)


def suggests(life: Life, told: Told) -> None:
    assert life.suggestion, "nobody waits for that"
    life.suggestion = False


def marks_overdue(life: Life, told: Told) -> None:
    assert life.status in ("submitted", "approved", "in_service")
    assert _late(life, told.now), "once, when it is overdue"
    life.marked = True


def misses_report(life: Life, told: Told) -> None:
    assert life.status in WAITING
    due = life.report_due()
    assert due, "nobody is called"
    assert due <= told.now, "they may still report"
    life.silent = True


def closes(life: Life, told: Told) -> None:
    assert life.status == "delivered"
    assert life.due, "no limit"
    assert life.due <= told.now, "it may still be rated"
    life.enter("closed", told.now)
    life.credit()


DEEDS: Final[dict[str, Callable[[Life, Told], None]]] = {
    "lapse": lapses,
    "miss": misses,
    "relieve": relieves,
    "promote": promotes,
    "dispatch": dispatches,
    "widen": widens,
    "open_pool": opens_pool,
    "widen_pool": opens_pool,
    "escalate": climbs,
    "give_up": gives_up,
    "suggest": suggests,
    "overdue": marks_overdue,
    "unreported": misses_report,
    "close": closes,
}
"""All that the clock does, by what the timeline calls it."""


def owed(life: Life, told: Told) -> list[str]:
    """What must have happened by now."""
    left = {
        "an answer": any(life.until[team] <= told.now for team in life.open_to("open", "asked")),
        "dispatching": life.status == "offered" and not life.open_to("open"),
        "the end of the pool": life.status == "pooled" and bool(life.due and life.due <= told.now),
        "a no-show": life.status == "accepted" and bool(life.due and life.due <= told.now),
        "whoever stands by": life.status == "approved" and bool(life.standby),
        "relief": _forgotten(life, told.now),
        "a mark": life.status in ("submitted", "approved", "in_service") and _late(life, told.now),
        "a report": life.status in WAITING and bool((due := life.report_due()) and due <= told.now),
        "closing": life.status == "delivered" and bool(life.due and life.due <= told.now),
        "a suggestion": life.suggestion,
        "its next step": life.auto and _could_step(life, told),
    }
    return [what for what, is_left in left.items() if is_left]


def _may_step(life: Life, told: Told) -> None:
    assert life.auto, "a dispatcher decides"
    assert not told.asleep(life), "nobody is asked at night"


def _late(life: Life, now: datetime) -> bool:
    return bool(life.due and life.due <= now and not life.marked)


def _forgotten(life: Life, now: datetime) -> bool:
    """Nobody said again that they come, and somebody else would."""
    last = life.status == "accepted" and not life.confirmed and not life.rung and life.standby
    return bool(last and life.start and now >= life.start - LAST_CALL)


def _could_step(life: Life, told: Told) -> bool:
    """An order that the clock dispatches rests at night, while a department has still to report, and between two
    waves or circles; the docs name the longest time between them."""
    if told.now >= life.latest:
        return life.status in ("approved", "pooled")
    if life.status not in WAITING or told.asleep(life):
        return False
    ask = bool(told.must_ask(life))
    if life.status == "approved":
        return ask or life.circles < CIRCLES or life.report_due() is None
    if life.asked_at is None:
        return False
    pace = WAVE if life.status == "offered" else CIRCLE
    slept = life.asked_at + pace[life.urgency] <= told.now
    return slept and (ask or life.status == "pooled")
