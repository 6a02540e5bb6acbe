"""An order's life as docs/lifecycle.md tells it: who may do what when, who sees it, and who earns what.

Written from that page and not from the code, so that the two can disagree. It knows no database and no clock: what
is agreed about times is told to it by the service, as it would be told to people.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

STAFF: Final = frozenset({"dispatcher", "admin", "supervisor"})
"""Who reads every order of the center."""
LEADERS: Final = {"leader": "team", "other_leader": "other_team"}
MEMBERS: Final = {"team": ("volunteer", "helper"), "other_team": ("outsider",)}
PEOPLE: Final = (
    *("resident", "neighbour", "dispatcher", "leader", "volunteer", "helper"),
    *("other_leader", "outsider", "admin", "supervisor", "auditor", "grid_worker", "stranger"),
)
BEFORE_SERVICE: Final = ("submitted", "approved", "offered", "pooled", "accepted")
SPENT: Final = frozenset({"open", "accepted", "declined", "released"})
"""A team that is asked, has it, said no or gave it back is not asked again."""
EARLY, REPORTABLE = timedelta(days=1), timedelta(minutes=15)
URGE_REST, REGRET = timedelta(hours=6), timedelta(days=15)
SERVICE: Final = timedelta(hours=2)
CONFIRMS: Final = timedelta(hours=24)
"""Who agrees later than that before the start has said already that they come."""


@dataclass
class Stay:
    id: str
    person: str
    minutes: int = 0
    over: bool = False


@dataclass
class Life:
    """One order. `offers` is what each team was last asked and said."""

    id: str
    placer: str
    window_end: datetime
    status: str = "submitted"
    version: int = 1
    team: str | None = None
    offers: dict[str, str] = field(default_factory=dict)
    crew: set[str] = field(default_factory=set)
    level: int = 0
    stays: list[Stay] = field(default_factory=list)
    declared: dict[str, int] = field(default_factory=dict)
    earned: dict[str, int] = field(default_factory=dict)
    stars: int | None = None
    complaint: bool = False
    urged_at: datetime | None = None
    since: datetime | None = None
    start: datetime | None = None
    due: datetime | None = None
    pooled: bool = False
    """Whether it ever was in the pool: to claim what never was is to ask for what one does not see."""
    confirmed: bool = False
    promised: str | None = None
    """The team that `confirmed` is about."""

    def sees(self, who: str) -> bool:
        asked = self.offers.get(LEADERS.get(who, "")) in {"open", "accepted"}
        leads = who in LEADERS and (self.team == LEADERS[who] or asked or self.status == "pooled")
        return who in STAFF or who == self.placer or who in self.crew or leads

    def leaders(self) -> set[str]:
        return {who for who, team in LEADERS.items() if team == self.team}

    def leave(self, became: str) -> None:
        """The team has it no more."""
        if self.team:
            self.offers[self.team] = became
        self.team, self.crew = None, set()

    def take_back(self, *states: str) -> None:
        for team, state in self.offers.items():
            if state in states:
                self.offers[team] = "recalled"

    def credit(self) -> None:
        """10 points an hour proven, 5 an hour declared, 5 for good stars, 60 at most; never less than before."""
        for person in {stay.person for stay in self.stays} | self.declared.keys():
            proven = sum(stay.minutes for stay in self.stays if stay.person == person)
            said = min(self.declared.get(person, 0), max(0, 120 - proven))
            bonus = 5 if (self.stars or 0) >= 5 and proven + said else 0
            owed = min((proven * 10 + said * 5) // 60 + bonus, 60)
            self.earned[person] = max(self.earned.get(person, 0), owed)


@dataclass(frozen=True)
class Verb:
    """`may`: who, of those who see it; `states`: when; `ready`: what else must hold; `does`: what becomes."""

    may: Callable[[Life], set[str]]
    states: tuple[str, ...]
    does: Callable[[Life, str], None]
    ready: Callable[[Life, str, datetime], bool | None] = lambda life, team, now: True


def becomes(status: str) -> Callable[[Life, str], None]:
    def does(life: Life, team: str) -> None:
        life.status = status

    return does


def nothing(life: Life, team: str) -> None:
    """A mark: the state stays."""


def asked(life: Life, team: str) -> None:
    life.status, life.offers[team] = "offered", "open"


def taken(life: Life, team: str) -> None:
    life.status, life.team, life.offers[team] = "accepted", team, "accepted"


def declined(life: Life, team: str) -> None:
    life.status, life.offers[team] = "approved", "declined"


def recalled(life: Life, team: str) -> None:
    life.status = "approved"
    life.take_back("open")


def reassigned(life: Life, team: str) -> None:
    life.leave("recalled")
    asked(life, team)


def given_back(life: Life, team: str) -> None:
    life.leave("released")
    life.status = "approved"


def cancelled(life: Life, team: str) -> None:
    life.status, life.team = "cancelled", None
    life.take_back("open", "accepted")


def reviewed(life: Life, team: str) -> None:
    life.status, life.stars = "closed", 5
    life.credit()


def complained(life: Life, team: str) -> None:
    life.complaint = True


def climbed(life: Life, team: str) -> None:
    life.level += 1


def can_be_asked(life: Life, team: str, now: datetime) -> bool | None:
    """None where the page does not say: the window has passed, but nobody has given up."""
    if life.offers.get(team) in SPENT:
        return False
    return True if now + SERVICE <= life.window_end else None


def regrettable(life: Life, team: str, now: datetime) -> bool:
    return life.since is not None and now - life.since <= REGRET


def desk(life: Life) -> set[str]:
    return {"dispatcher"}


def caller(life: Life) -> set[str]:
    return {life.placer}


def either(life: Life) -> set[str]:
    return {life.placer, "dispatcher"}


VERBS: Final[dict[str, Verb]] = {
    "approve": Verb(desk, ("submitted",), becomes("approved")),
    "reject": Verb(desk, ("submitted",), becomes("rejected")),
    "reschedule": Verb(either, ("submitted", "approved"), nothing),
    "dispatch": Verb(desk, ("approved",), asked, can_be_asked),
    "pool": Verb(desk, ("approved",), becomes("pooled")),
    "recall": Verb(desk, ("offered", "pooled"), recalled),
    "reassign": Verb(desk, ("accepted",), reassigned, can_be_asked),
    "escalate": Verb(desk, ("approved",), climbed, lambda life, team, now: life.level < 2),
    "give-up": Verb(desk, ("approved",), becomes("unmet"), lambda life, team, now: life.level == 2),
    "release": Verb(Life.leaders, ("accepted",), given_back),
    "miss": Verb(
        either,
        ("accepted",),
        given_back,
        lambda life, team, now: (
            life.start is not None
            and life.since is not None
            and now >= max(life.start, life.since) + REPORTABLE
        ),
    ),
    "deliver": Verb(Life.leaders, ("in_service",), becomes("delivered")),
    "review": Verb(caller, ("delivered",), reviewed),
    "reopen": Verb(desk, ("delivered", "closed"), becomes("in_service"), regrettable),
    "complain": Verb(
        either,
        ("delivered", "closed"),
        complained,
        lambda life, team, now: (
            not life.complaint and (life.status == "delivered" or regrettable(life, team, now))
        ),
    ),
    "cancel": Verb(either, BEFORE_SERVICE, cancelled),
    "urge": Verb(
        caller,
        BEFORE_SERVICE,
        nothing,
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
        return {409, 422}
    ready = verb.ready(life, team, now)
    return {200, 409, 422} if ready is None else {200} if ready else {409, 422, 429}
