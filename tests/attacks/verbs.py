"""What people may do to an order by its address, when, and what becomes of it: docs/lifecycle.md, by hand."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tests.attacks.life import BEFORE_SERVICE, REFUSED, SPENT, TOP, WAITING, Absence, Life

REPORTABLE: Final = timedelta(minutes=15)
URGE_REST, REGRET = timedelta(hours=6), timedelta(days=15)


@dataclass(frozen=True)
class Verb:
    """`may`: who, of those who see it; `states`: when; `ready`: what else must hold; `does`: what becomes of it;
    `action`: what the timeline calls it."""

    may: Callable[[Life], set[str]]
    states: tuple[str, ...]
    does: Callable[[Life, str, datetime], None] = lambda life, team, now: None
    ready: Callable[[Life, str, datetime], bool | None] = lambda life, team, now: True
    action: str = ""


def becomes(status: str) -> Callable[[Life, str, datetime], None]:
    return lambda life, team, now: life.enter(status, now)


def by_hand(life: Life, team: str, now: datetime) -> None:
    life.by_hand()


def asked(life: Life, team: str, now: datetime) -> None:
    life.by_hand()
    life.enter("offered", now)
    life.question(team, now)


def pooled(life: Life, team: str, now: datetime) -> None:
    life.by_hand()
    life.enter("pooled", now)
    life.circle = TOP


def recalled(life: Life, team: str, now: datetime) -> None:
    life.by_hand()
    life.take_back("open")
    life.enter("approved", now)


def reassigned(life: Life, team: str, now: datetime) -> None:
    life.lose("recalled", now)
    life.before, life.again = None, False
    asked(life, team, now)


def given_back(life: Life, team: str, now: datetime) -> None:
    """Whoever stands by comes."""
    life.lose("released", now)
    if life.standby:
        life.promote(now)
        life.did("promote", "system")


def missed(life: Life, team: str, now: datetime) -> None:
    life.absences.append(Absence(now, frozenset(life.crew)))
    given_back(life, team, now)


def invited(life: Life, team: str, now: datetime) -> None:
    """To answer within the limit of any offer, at the latest when the service begins."""
    assert life.start is not None
    life.offers[team] = "asked"
    life.asks.append((team, now))
    life.until[team] = min(now + life.answer_limit, life.start)


def cancelled(life: Life, team: str, now: datetime) -> None:
    life.end("cancelled", now, ("open", "asked", "standby", "accepted"))
    life.team = life.start = None


def reviewed(life: Life, team: str, now: datetime) -> None:
    life.enter("closed", now)
    life.stars = 5
    life.credit()


def complained(life: Life, team: str, now: datetime) -> None:
    life.complaint = True


def urged(life: Life, team: str, now: datetime) -> None:
    life.urged_at = now


def climbed(life: Life, team: str, now: datetime) -> None:
    life.by_hand()
    life.climb(now)


def can_be_asked(life: Life, team: str, now: datetime) -> bool | None:
    """None where the page does not say: the window has passed, but nobody has given up."""
    if life.offers.get(team) in SPENT or not life.reaches(team):
        return False
    return True if now <= life.latest else None


def can_be_sent(life: Life, team: str, now: datetime) -> bool | None:
    """Instead of another team: also who stands by, or is asked whether it would."""
    if life.offers.get(team) in REFUSED or not life.reaches(team):
        return False
    return True if now <= life.latest else None


def can_stand_by(life: Life, team: str, now: datetime) -> bool | None:
    in_time = life.start is not None and now < life.start
    return False if life.standby or not in_time else can_be_asked(life, team, now)


def regrettable(life: Life, team: str, now: datetime) -> bool:
    return life.since is not None and now - life.since <= REGRET


def absent(life: Life, team: str, now: datetime) -> bool:
    return bool(life.start and life.since and now >= max(life.start, life.since) + REPORTABLE)


def complainable(life: Life, team: str, now: datetime) -> bool:
    return not life.complaint and (life.status == "delivered" or regrettable(life, team, now))


def desk(life: Life) -> set[str]:
    return {"dispatcher"}


def caller(life: Life) -> set[str]:
    return {life.placer}


def either(life: Life) -> set[str]:
    return {life.placer, "dispatcher"}


def whoever_calls(life: Life) -> set[str]:
    return life.leaders() | {"dispatcher"}


VERBS: Final[dict[str, Verb]] = {
    "approve": Verb(desk, ("submitted",), becomes("approved")),
    "reject": Verb(desk, ("submitted",), lambda life, team, now: life.end("rejected", now)),
    "reschedule": Verb(either, ("submitted", "approved")),
    "correct": Verb(caller, (*BEFORE_SERVICE, "in_service", "delivered")),
    "dispatch": Verb(desk, ("approved",), asked, can_be_asked),
    "pool": Verb(desk, ("approved",), pooled, action="open_pool"),
    "automate": Verb(desk, ("approved",)),
    "take-over": Verb(desk, WAITING, by_hand, action="take_over"),
    "recall": Verb(desk, ("offered", "pooled"), recalled),
    "reassign": Verb(desk, ("accepted",), reassigned, can_be_sent),
    "escalate": Verb(desk, ("approved",), climbed, lambda life, team, now: life.level < TOP),
    "give-up": Verb(
        desk,
        ("approved",),
        lambda life, team, now: life.end("unmet", now),
        lambda life, team, now: life.level == TOP,
        "give_up",
    ),
    "standby": Verb(desk, ("accepted",), invited, can_stand_by, "ask_standby"),
    "release": Verb(Life.leaders, ("accepted",), given_back),
    "miss": Verb(either, ("accepted",), missed, absent),
    "deliver": Verb(Life.leaders, ("in_service",), becomes("delivered")),
    "review": Verb(caller, ("delivered",), reviewed),
    "reopen": Verb(desk, ("delivered", "closed"), becomes("in_service"), regrettable),
    "complain": Verb(either, ("delivered", "closed"), complained, complainable),
    "cancel": Verb(either, BEFORE_SERVICE, cancelled),
    "urge": Verb(
        caller,
        BEFORE_SERVICE,
        urged,
        lambda life, team, now: life.urged_at is None or now - life.urged_at >= URGE_REST,
    ),
}
"""What is done to an order by its address; offers, claims, crews and presence are played by the machine itself."""


def answer(life: Life, verb: Verb, who: str, team: str, now: datetime) -> set[int]:
    """What the service must say: 200, or by which statuses it may refuse."""
    if not life.sees(who):
        return {404}
    if who not in verb.may(life):
        return {403}
    if life.status not in verb.states:
        return {409, 422, 429} if verb.does is urged else {409, 422}
    ready = verb.ready(life, team, now)
    return {200, 409, 422} if ready is None else {200} if ready else {409, 422, 429}
