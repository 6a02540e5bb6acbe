"""An order's life as docs/lifecycle.md and docs/dispatching.md tell it: its state, who sees it, and who earns what.

Written from those pages and not from the code, so that the two can disagree. It knows no database and no clock:
what is agreed about times is told to it by the service, as to people, and held against what it may be.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

STAFF: Final = frozenset({"dispatcher", "admin", "supervisor"})
"""Who reads every order of the center."""
LEADERS: Final = {"leader": "team", "other_leader": "other_team", "far_leader": "far_team"}
LED_BY: Final = {team: who for who, team in LEADERS.items()}
MEMBERS: Final = {
    "team": ("volunteer", "helper", "leader"),
    "other_team": ("outsider", "other_leader"),
    "far_team": ("walker", "far_leader"),
}
AWAY: Final = {"team": 0, "other_team": 0, "far_team": 1}
"""How many levels above the order's station a team is within reach: one of them is at home in another station."""
PEOPLE: Final = (
    *("resident", "neighbour", "dispatcher", "leader", "volunteer", "helper"),
    *("other_leader", "outsider", "far_leader", "walker"),
    *("admin", "supervisor", "auditor", "grid_worker", "reporter", "stranger"),
)
"""The reporter dispatches at the department that reports for such orders."""
BEFORE_SERVICE: Final = ("submitted", "approved", "offered", "pooled", "accepted")
WAITING: Final = ("approved", "offered", "pooled")
OVER: Final = ("closed", "rejected", "cancelled", "unmet", "merged")
REFUSED: Final = frozenset({"accepted", "declined", "released"})
SPENT: Final = REFUSED | {"open", "asked", "standby"}
"""A team that is asked (`asked`: whether it stands by), has it, said no or gave it back is not asked again."""
TOP: Final = 2
"""The level of the center; the station is 0."""
SERVICE: Final = timedelta(hours=2)
CONFIRMS: Final = timedelta(hours=24)
"""Who agrees later than that before the start has said already that they come."""
LAST_CALL, NO_SHOW, SUBSTITUTE = timedelta(hours=2), timedelta(hours=1), timedelta(hours=1)
RATING: Final = timedelta(days=7)
_ROAD: Final = ("submitted", "approved", "offered", "pooled", "report")
LIMITS: Final = {
    "normal": dict.fromkeys(_ROAD, timedelta(hours=24)),
    "urgent": dict.fromkeys(_ROAD, timedelta(hours=2)) | dict.fromkeys(_ROAD[2:4], timedelta(hours=1)),
    "emergency": dict.fromkeys(_ROAD, timedelta(minutes=15))
    | dict.fromkeys(_ROAD[2:4], timedelta(minutes=10)),
}
"""The table of docs/dispatching.md."""


def quarter(at: datetime) -> datetime:
    """The next quarter of an hour."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    return hour + -((hour - at) // timedelta(minutes=15)) * timedelta(minutes=15)


@dataclass
class Stay:
    id: str
    person: str
    minutes: int = 0
    over: bool = False


@dataclass(frozen=True)
class Absence:
    """A team did not come: whoever was on its crew may still prove that they were there."""

    at: datetime
    crew: frozenset[str]


@dataclass
class Life:
    """One order. `offers` is what each team was last asked and said, `until` by when it may answer.

    `line` is what has happened, each with the role in which it was done; its length is the order's version.
    """

    id: str
    placer: str
    urgency: str
    window: tuple[datetime, datetime]
    line: list[tuple[str, str]] = field(default_factory=list)
    status: str = "submitted"
    since: datetime | None = None
    due: datetime | None = None
    marked: bool = False
    team: str | None = None
    offers: dict[str, str] = field(default_factory=dict)
    until: dict[str, datetime] = field(default_factory=dict)
    crew: set[str] = field(default_factory=set)
    silent_teams: set[str] = field(default_factory=set)
    """Who ever let a question lapse: a dispatcher may ask again, the clock does not."""
    level: int = 0
    called: datetime | None = None
    answered: bool = False
    silent: bool = False
    """A department was called, reported, or let the time for its report go by."""
    auto: bool = False
    """The clock dispatches it; then `circles` of the pool were opened, and `asked_at` it last asked somebody."""
    circles: int = 0
    circle: int | None = None
    asked_at: datetime | None = None
    suggestion: bool = False
    """The clock owes the desk its first choice."""
    start: datetime | None = None
    before: datetime | None = None
    """The time that was agreed with a team that has just left."""
    confirmed: bool = False
    rung: bool = False
    """The last call before the start was made; whoever confirms after it, or stands by, changes nothing by that."""
    again: bool = False
    """The window may have begun again, because a team has left and nobody comes instead."""
    interrupted: tuple[datetime, datetime] | None = None
    """When a service was left half done, and when it should have begun: presses up to then belong to it."""
    absences: list[Absence] = field(default_factory=list)
    asks: list[tuple[str, datetime]] = field(default_factory=list)
    takes: list[tuple[str, datetime]] = field(default_factory=list)
    """Which team was asked when, and which took it from the pool."""
    stays: list[Stay] = field(default_factory=list)
    declared: dict[str, int] = field(default_factory=dict)
    earned: dict[str, int] = field(default_factory=dict)
    stars: int | None = None
    complaint: bool = False
    urged_at: datetime | None = None

    def sees(self, who: str) -> bool:
        team = LEADERS.get(who, "")
        asked = self.offers.get(team) in {"open", "asked", "standby", "accepted"}
        pooled = self.status == "pooled" and (self.circle or 0) >= AWAY.get(team, TOP + 1)
        leads = who in LEADERS and (self.team == team or asked or pooled)
        called = who == "reporter" and self.called is not None
        return who in STAFF or who == self.placer or who in self.crew or leads or called

    def leaders(self) -> set[str]:
        return {who for who, team in LEADERS.items() if team == self.team}

    @property
    def present(self) -> set[str]:
        """Of the crew: who has arrived, or is said to have."""
        return ({stay.person for stay in self.stays} | self.declared.keys()) & self.crew

    @property
    def standby(self) -> str | None:
        return next((team for team, state in self.offers.items() if state == "standby"), None)

    @property
    def pooled(self) -> bool:
        """Whether it ever was in the pool: to claim what never was is to ask for what one does not see."""
        return any(action == "open_pool" for action, _ in self.line)

    @property
    def latest(self) -> datetime:
        """When the service must begin at the latest."""
        return self.window[1] - SERVICE

    @property
    def answer_limit(self) -> timedelta:
        return LIMITS[self.urgency]["offered"]

    def reaches(self, team: str) -> bool:
        """Teams of other stations may be asked once the order has climbed to what is above both."""
        return self.level >= AWAY[team]

    def open_to(self, *states: str) -> list[str]:
        return [team for team, state in self.offers.items() if state in states]

    def did(self, action: str, role: str) -> None:
        self.line.append((action, role))

    def enter(self, status: str, now: datetime) -> None:
        """Every state has its limit; what the docs give none for (`in_service`) is told."""
        self.status, self.since, self.marked = status, now, False
        self.circle, self.suggestion = None, False
        limit = RATING if status == "delivered" else LIMITS[self.urgency].get(status)
        self.due = now + limit if limit else None

    def question(self, team: str, now: datetime, until: datetime | None = None) -> None:
        """Asked by hand, there is the limit of the place; asked by the clock, `until`."""
        self.offers[team] = "open"
        self.asks.append((team, now))
        self.until[team] = until or now + self.answer_limit

    def agree(self, team: str, start: datetime, now: datetime) -> None:
        """Of the team that has it or takes it: it comes at `start`. The window gives way where it must."""
        self.enter("accepted", now)
        self.team, self.offers[team], self.start = team, "accepted", start
        self.due = max(now, start) + NO_SHOW
        self.confirmed, self.rung = start - now < CONFIRMS, False
        self.window = (min(self.window[0], start), max(self.window[1], start + SERVICE))

    def promote(self, now: datetime) -> None:
        """Who stands by comes at the agreed time, or an hour later, at the next quarter."""
        team = self.standby
        assert team is not None, "nobody stands by"
        start = max(self.before or self.window[0], quarter(now + SUBSTITUTE))
        self.again = False
        self.agree(team, start, now)

    def lose(self, became: str, now: datetime) -> None:
        """The team has it no more; nobody is asked any longer, but who stands by does."""
        if self.team:
            self.offers[self.team] = became
        self.take_back("open", "asked")
        self.team, self.crew, self.before, self.start = None, set(), self.start, None
        self.again, self.circles = self.standby is None, 0
        self.enter("approved", now)

    def take_back(self, *states: str) -> None:
        for team in self.open_to(*states):
            self.offers[team] = "recalled"

    def lapse(self, now: datetime, *states: str) -> None:
        for team in self.open_to(*states):
            if self.until[team] <= now:
                self.offers[team] = "lapsed"
                self.silent_teams.add(team)

    def by_hand(self) -> None:
        self.auto, self.suggestion = False, False

    def climb(self, now: datetime) -> None:
        """At the center the department is called that reports for such orders."""
        self.level += 1
        self.due, self.marked = now + LIMITS[self.urgency]["approved"], False
        self.called = now if self.level == TOP else None

    def report_due(self) -> datetime | None:
        """None where no report is waited for."""
        waits = self.called and not self.answered and not self.silent
        return self.called + LIMITS[self.urgency]["report"] if self.called and waits else None

    def end(self, status: str, now: datetime, gone: Iterable[str] = ("open", "asked", "standby")) -> None:
        self.take_back(*gone)
        self.by_hand()
        self.enter(status, now)

    def credit(self) -> None:
        """10 points an hour proven, 5 an hour declared, 5 for good stars, 60 at most; never less than before."""
        for person in {stay.person for stay in self.stays} | self.declared.keys():
            proven = sum(stay.minutes for stay in self.stays if stay.person == person)
            said = min(self.declared.get(person, 0), max(0, 120 - proven))
            bonus = 5 if (self.stars or 0) >= 5 and proven + said else 0
            owed = min((proven * 10 + said * 5) // 60 + bonus, 60)
            self.earned[person] = max(self.earned.get(person, 0), owed)
