"""Everybody does anything to any order, right or wrong, and the service and the model of a life agree at each step.

Hypothesis draws the stories; one that fails is shortened, and each of its steps is told in words. In the suite a
few stories, the same every time; `make attack` tells new ones for minutes.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import text

from app import clock
from app.services.verify import verify
from tests.attacks.clockwork import Town
from tests.attacks.doings import LED_BY, OVER
from tests.attacks.life import BEFORE_SERVICE, PEOPLE, VERBS, Life, answer
from tests.attacks.minutes import FIRST_SEED, MINUTES
from tests.attacks.promises import Promises
from tests.conftest import ENGINES, new_url
from tests.factories import NOW, District, plant

STORIES, STEPS = (4, 40) if not MINUTES else (25, 60)
TEAMS: Final = ("team", "other_team")
CALLERS: Final = ("resident", "neighbour", "grid_worker")
WEIGHTS: Final = {
    **dict.fromkeys(("approve", "dispatch", "deliver", "miss", "review"), 14),
    **dict.fromkeys(("cancel", "reject", "reschedule", "urge"), 1),
}
"""How often what may be done is done: a story in which everybody cancels is soon over."""
SUCCEED: Final = (
    *VERBS,
    *("accept", "decline", "claim", "names", "arrives", "leaves", "declares"),
    *("merges", "confirms", "reconfirms", "postpones"),
)
"""What is done at least once in any long run, on each engine: a rule that is never right is no attack."""


class Lives(Promises):
    """A story: something happens, and everything is as it should be."""

    @initialize()
    def begin(self) -> None:
        self.now = NOW
        self.lives: list[Life] = []
        self.told, self.lucks = 0, Counter[int]()
        with clock.at(self.now):
            self.district: District = self.town.loop.run(plant(self.town.house))
        self.place("resident")

    @rule(luck=st.integers(0, 2**32 - 1))
    def something_happens(self, luck: int) -> None:
        """One rule, so that no story goes without one of these; what happens is drawn evenly."""
        self.lucks[luck] += 1
        dice = random.Random(luck + self.lucks[luck])
        living = [life for life in self.lives if life.status not in OVER] or self.lives
        life, team = dice.choice(living if dice.random() < 0.85 else self.lives), dice.choice(TEAMS)
        kind = dice.random()
        if kind < 0.62:
            self.somebody_does_what_is_due(life, team, dice)
        elif kind < 0.86:
            self.anybody_does_anything(life, dice.choice(PEOPLE), team, dice)
        elif kind < 0.94:
            self.place(dice.choice(CALLERS))
        else:
            self.time_passes(dice.choice([1, 7, 30, 24 * 9]))

    def somebody_does_what_is_due(self, life: Life, team: str, dice: random.Random) -> None:
        """One of the moves that are right now, by one of those who may make it; those that lead on more often."""
        choice, leader = dice.randrange(1000), LED_BY[team]
        deeds: list[Callable[[], None]] = []
        for name, verb in VERBS.items():
            for who in sorted(verb.may(life)):
                if answer(life, verb, who, team, self.now) == {200}:
                    deeds += [partial(self.do, life, name, who, team)] * WEIGHTS.get(name, 4)
        if life.offers.get(team) == "open":
            deeds += [partial(self.an_offer_is_answered, life, leader, team, yes=bool(choice % 4))] * 16
        if life.status == "pooled":
            deeds += [partial(self.it_is_claimed, life, leader)] * 8
        if life.status in ("accepted", "in_service") and life.team:
            crew = partial(self.a_crew_is_named, life, LED_BY[life.team], both=bool(choice % 2))
            deeds += [crew] * (1 if life.crew else 14)
        if life.crew and life.status in ("accepted", "in_service"):
            one = sorted(life.crew)[choice % len(life.crew)]
            deeds += [partial(self.somebody_arrives, life, one)] * 8
            deeds += [partial(self.the_hour_has_come, life, (-30, 0, 20)[choice % 3])] * 6
            if life.team:
                deeds.append(partial(self.minutes_are_declared, life, LED_BY[life.team], one))
        if life.status in ("accepted", "in_service") and life.team:
            who, cause = (LED_BY[life.team], "dispatcher")[choice % 2], ("weather", "agreed")[choice % 2]
            half = "half_done" if life.status == "in_service" else cause
            deeds.append(partial(self.it_is_postponed, life, who, 1 + choice % 3, half))
        if life.status == "accepted" and life.team:
            deeds += [partial(self.it_is_confirmed, life, LED_BY[life.team])] * (1 if life.confirmed else 4)
            deeds += [partial(self.the_hour_has_come, life, 20)] * 4
        for kept in self.lives:
            if (
                kept is not life
                and kept.status in BEFORE_SERVICE
                and life.status in ("submitted", "approved")
            ):
                deeds += [partial(self.it_is_merged, life, "dispatcher", kept)] * 3
        if any(not stay.over for stay in life.stays):
            deeds += [partial(self.somebody_leaves, life, (1, 45, 150)[choice % 3])] * 10
        if deeds:
            dice.choice(deeds)()

    def anybody_does_anything(self, life: Life, who: str, team: str, dice: random.Random) -> None:
        """Right or wrong."""
        choice, other = dice.randrange(1000), dice.choice(self.lives)
        whose = ("volunteer", "helper", "outsider")[choice % 3]
        deeds: list[Callable[[], None]] = [partial(self.do, life, name, who, team) for name in VERBS]
        deeds += [
            partial(self.an_offer_is_answered, life, who, team, yes=bool(choice % 2)),
            partial(self.it_is_claimed, life, who),
            partial(self.a_crew_is_named, life, who, both=bool(choice % 2)),
            partial(self.somebody_arrives, life, who),
            partial(self.minutes_are_declared, life, who, whose),
            partial(self.it_is_confirmed, life, who),
            partial(self.it_is_postponed, life, who, choice % 4, ("weather", "half_done")[choice % 2]),
            partial(self.it_is_merged, life, who, other),
            partial(self.it_is_merged, life, "dispatcher", other),
        ]
        dice.choice(deeds)()

    @invariant()
    def everything_is_as_it_should_be(self) -> None:
        if not hasattr(self, "lives"):
            return
        self.told += 1
        life = self.lives[self.told % len(self.lives)]
        shown = self.told_of(life)
        assert (shown["status"], shown["version"]) == (life.status, life.version), life
        self.sees_its_own(PEOPLE[self.told % len(PEOPLE)])

    def sees_its_own(self, who: str) -> None:
        """All that is theirs, as it stands, and nothing else."""
        listed = self.call(who, "GET", "/orders?limit=100")
        assert listed.status_code == 200, listed.text
        seen = {one["id"]: one["status"] for one in listed.json()["items"]}
        assert seen == {life.id: life.status for life in self.lives if life.sees(who)}, who

    def teardown(self) -> None:
        if not hasattr(self, "lives"):
            return
        for life in self.lives:
            self.has_no_gap(life)
        for who in PEOPLE:
            self.sees_its_own(who)
        self.town.loop.run(self.points_agree())

    def has_no_gap(self, life: Life) -> None:
        line = self.call("dispatcher", "GET", f"/orders/{life.id}/events").json()
        assert [one["seq"] for one in line] == list(range(1, life.version + 1))
        assert [one["from_status"] for one in line[1:]] == [one["to_status"] for one in line[:-1]]
        assert line[-1]["to_status"] == life.status

    async def points_agree(self) -> None:
        """Credited once, and every point comes from somewhere."""
        earned: Counter[str] = Counter()
        for life in self.lives:
            earned.update(life.earned)
        async with self.town.house.database.engine.connect() as connection:
            total = (
                await connection.execute(text("SELECT COALESCE(SUM(amount), 0) FROM points_entry"))
            ).scalar()
            rows = await connection.execute(
                text("SELECT person_id, balance FROM points_account WHERE balance > 0")
            )
            held = {UUID(str(person)): balance for person, balance in rows if person}
        assert total == 0
        have = {who: held.get(self.district[who].id, 0) for who in PEOPLE}
        assert have == {who: earned[who] for who in PEOPLE}


@pytest.fixture(params=ENGINES)
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    made = Town(new_url(request.param, request, tmp_path), tmp_path)
    yield made
    made.close()


def test_the_service_and_the_model_of_a_life_agree(town: Town) -> None:
    began, number = time.monotonic(), 0
    machine: Any = type("Lives", (Lives,), {"town": town})
    while True:
        told = settings(
            max_examples=STORIES,
            stateful_step_count=STEPS,
            derandomize=not MINUTES,
            database=None,
            deadline=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )
        run_state_machine_as_test(seed(FIRST_SEED + number)(machine), settings=told, _min_steps=STEPS)
        number += 1
        if time.monotonic() - began >= MINUTES * 60 / len(ENGINES):
            break
    assert town.loop.run(verify(town.house.database)) == []
    spent = time.monotonic() - began
    stories = f"{STORIES * number} stories from seed {FIRST_SEED}"
    print(f"\n{stories} in {spent:.0f} s: {dict(sorted(town.steps.items()))}")  # noqa: T201
    assert town.steps.keys() >= {"200", "201", "403", "404"}
    if MINUTES:
        assert {"409", *(f"{verb} done" for verb in SUCCEED)} - town.steps.keys() == set()
