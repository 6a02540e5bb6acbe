"""What people tend to do in a story: what leads on, mostly, and each time some other things besides.

If everybody did everything evenly, each order would be cancelled before a team had time to come. So each story has
its habits (swarm testing): some of the moves that lead aside, how willing teams are, how forgetful. What a long
run has hardly seen (`wanted`) is done wherever it can be.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from tests.attacks.doings import role_of
from tests.attacks.life import AWAY, BEFORE_SERVICE, LED_BY, WAITING, Life
from tests.attacks.promises import REPORTERS, Promises
from tests.attacks.town import Customs
from tests.attacks.verbs import VERBS, answer, can_be_asked

ASIDE: Final = {
    "cancel": 1.0,
    "reject": 1.5,
    "reschedule": 0.8,
    "urge": 0.8,
    "correct": 0.8,
    "merge": 1.0,
    "recall": 1.5,
    "escalate": 6.0,
    "give-up": 4.0,
    "take-over": 1.0,
    "reassign": 6.0,
    "release": 6.0,
    "complain": 30.0,
    "reopen": 8.0,
    "postpone": 3.0,
    "standby": 16.0,
    "miss": 40.0,
}
"""Each happens so often in some stories, and seldom in the others."""
SELDOM: Final = 12
WEIGHTS: Final = {
    "approve": 20.0,
    "dispatch": 8.0,
    "automate": 6.0,
    "pool": 3.0,
    "deliver": 14.0,
    "review": 9.0,
}
URGENCIES: Final = ("normal", "normal", "urgent", "emergency")
HOURS: Final = (1, 1, 3, 3, 7, 7, 30, 24 * 9)
Choice = tuple[float, Callable[[], None]]


@dataclass
class Habits:
    """`asides`: moves that are usual here; `willing`: how often a team says yes; `forgetful`: leaders rarely
    confirm and crews rarely come; `road`: how often the clock dispatches rather than the desk."""

    asides: frozenset[str]
    willing: float
    forgetful: bool
    road: float

    @classmethod
    def drawn(cls, dice: random.Random) -> "Habits":
        asides = frozenset(one for one in ASIDE if dice.random() < 0.3)
        return cls(
            asides, dice.choice((0.9, 0.9, 0.9, 0.5, 0.1)), dice.random() < 0.4, dice.choice((0.2, 0.7, 3))
        )

    def weight(self, name: str) -> float:
        if name in ASIDE:
            return ASIDE[name] / (1 if name in self.asides else SELDOM)
        return WEIGHTS[name] * (self.road if name == "automate" else 1)


def customs(dice: random.Random) -> Customs:
    mode = dice.choice(("manual", "manual", "suggest", "auto"))
    return Customs(mode, dice.choice((1, 5)), dice.random() < 0.15)


class Usual(Promises):
    """What is right now, by one of those who may do it."""

    habits: Habits
    wanted: frozenset[tuple[str, str]] = frozenset()

    def somebody_does_what_is_due(self, life: Life, team: str, dice: random.Random) -> None:
        choices = [
            *self.by_its_address(life, team),
            *self.answers(life, team, dice),
            *self.appointments(life, dice),
            *self.presence(life, dice),
            *self.patience(life, dice),
        ]
        if choices:
            weights = [weight for weight, _ in choices]
            dice.choices([deed for _, deed in choices], weights)[0]()

    def often(self, action: str, role: str) -> float:
        """What a long run has hardly seen is done wherever it can be."""
        return 12.0 if (action, role) in self.wanted else 1.0

    def by_its_address(self, life: Life, team: str) -> list[Choice]:
        found: list[Choice] = [
            (
                self.habits.weight(name) * self.often(verb.action or name, role_of(life, who)),
                partial(self.do, life, name, who, team),
            )
            for name, verb in VERBS.items()
            for who in sorted(verb.may(life))
            if answer(life, verb, who, team, self.now) == {200}
        ]
        if life.status in ("submitted", "approved"):
            others = [one for one in self.lives if one is not life and one.status in BEFORE_SERVICE]
            weight = self.habits.weight("merge")
            found += [(weight, partial(self.it_is_merged, life, "dispatcher", kept)) for kept in others]
        return found

    def answers(self, life: Life, team: str, dice: random.Random) -> list[Choice]:
        state, yes = life.offers.get(team), dice.random() < self.habits.willing
        reply = partial(self.a_question_is_answered, life, LED_BY[team], team)
        found: list[Choice] = []
        if state in ("open", "asked"):
            often = 10 if state == "open" else 30 * self.often("stand_by", "team_leader")
            found.append((often, partial(reply, yes=yes)))
        if life.standby:
            back = partial(self.a_question_is_answered, life, LED_BY[life.standby], life.standby, yes=False)
            found.append((9 * self.often("stand_down", "team_leader"), back))
        if life.status == "pooled" and yes:
            found.append((6, partial(self.it_is_claimed, life, LED_BY[team])))
        if life.called and not life.answered and life.status in WAITING:
            free = [one for one in AWAY if life.status == "approved" and can_be_asked(life, one, self.now)]
            sent, helps = dice.choice([None, *free]), dice.random() < 0.6
            who = dice.choice(sorted(REPORTERS))
            found.append((8, partial(self.the_department_reports, life, who, sent, helps=helps)))
        return found

    def appointments(self, life: Life, dice: random.Random) -> list[Choice]:
        if life.status not in ("accepted", "in_service") or not life.team:
            return []
        leader, served = LED_BY[life.team], life.status == "in_service"
        who, cause = dice.choice((leader, "dispatcher")), dice.choice(("weather", "agreed"))
        again = partial(
            self.it_is_postponed, life, who, dice.choice((1, 2, 3)), "half_done" if served else cause
        )
        found: list[Choice] = [(self.habits.weight("postpone"), again)]
        crew = partial(self.a_crew_is_named, life, leader, dice.randrange(4))
        found.append((1 if life.crew else 8, crew))
        if not served:
            often = 0.2 if self.habits.forgetful else 4
            found.append((1 if life.confirmed else often, partial(self.it_is_confirmed, life, leader)))
            minutes = dice.choice((-90, -30, 0, 20, 70) if self.habits.forgetful else (-30, 0, 10))
            found.append((6 if life.crew else 1.5, partial(self.the_hour_has_come, life, minutes)))
            if life.standby:
                failing = dice.choice((-90, -90, 70))
                often = 6 * self.often("promote", "system") * self.often("relieve", "system")
                found.append((often, partial(self.the_hour_has_come, life, failing)))
        return found

    def presence(self, life: Life, dice: random.Random) -> list[Choice]:
        found: list[Choice] = []
        if life.crew and life.status in ("accepted", "in_service"):
            one = dice.choice(sorted(life.crew))
            soon = life.start is not None and self.now >= life.start - timedelta(minutes=30)
            often = 10 if soon and not self.habits.forgetful else 2 if soon else 0.5
            found.append((often, partial(self.somebody_arrives, life, one)))
            if life.team:
                found.append((0.8, partial(self.minutes_are_declared, life, LED_BY[life.team], one)))
        if any(not stay.over for stay in life.stays):
            found.append((8, partial(self.somebody_leaves, life, dice.choice((1, 45, 150)))))
        return found

    def patience(self, life: Life, dice: random.Random) -> list[Choice]:
        """Where the clock dispatches, or a question waits, nothing need be done; and not everybody rates."""
        if life.status == "delivered":
            return [(self.often("close", "system"), partial(self.time_passes, timedelta(days=8)))]
        if life.status not in WAITING or not (life.auto or life.suggestion or life.called):
            return []
        steps = (10, 20, 60, 190) if life.urgency != "normal" else (60, 190, 7 * 60, 13 * 60)
        return [(9, partial(self.time_passes, timedelta(minutes=dice.choice(steps))))]
