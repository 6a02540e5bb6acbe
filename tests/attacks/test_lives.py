"""Everybody does anything to any order, right or wrong, and the service and the model of a life agree at each step.

Hypothesis draws the stories; one that fails is shortened, and each of its steps is told in words. In the suite a
few stories, the same every time; `make attack` tells new ones for minutes.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import text

from app.domain.lifecycle import MOVES, Action
from app.domain.roles import GRANTS, Role
from app.services.verify import verify
from tests.attacks.habits import HOURS, URGENCIES, Habits, Usual, customs
from tests.attacks.life import OVER, PEOPLE, Life
from tests.attacks.minutes import FIRST_SEED, MINUTES
from tests.attacks.town import Town
from tests.attacks.verbs import VERBS
from tests.conftest import ENGINES, new_url
from tests.factories import NOW

STORIES, STEPS = (4, 40) if not MINUTES else (10, 60)
TEAMS: Final = ("team", "other_team", "far_team")
CALLERS: Final = ("resident", "neighbour", "grid_worker")
SELDOM: Final = 3
"""What was seen less often than this in as many stories as are told at once is done oftener in the next."""
LONGEST: Final = 2
"""So many times its minutes a long run goes on while it has not seen everything: another's machine may be busy."""
SUCCEED: Final = (
    *VERBS,
    *("accept", "accepts-standby", "decline", "declines-standby", "claim", "sends", "helps", "cannot-help"),
    *("names", "arrives", "leaves", "declares", "merges", "confirms", "reconfirms", "postpones"),
)
"""What is done at least once in any long run, on each engine: a rule that is never right is no attack."""
NEVER_PLAYED: Final = {
    (Action.REJECT, Role.SYSTEM): "nobody is refused by the clock; it only holds what approving needs",
    (Action.MERGE, Role.SYSTEM): "as above",
    (Action.JOIN, Role.SYSTEM): "as above",
    (
        Action.AUTOMATE,
        Role.SYSTEM,
    ): "the clock does not hand orders to itself: the place's custom does, at approval",
    (Action.TAKE_OVER, Role.SYSTEM): "only where a specialty was retired: tests/test_waves.py",
    (Action.RECALL, Role.SYSTEM): "the clock lets questions lapse",
    (Action.REASSIGN, Role.SYSTEM): "the clock lets promises be",
    (Action.SUGGEST, Role.DISPATCHER): "whoever decides need not suggest",
    (Action.WIDEN, Role.DISPATCHER): "a dispatcher asks one team at a time",
    (Action.WIDEN_POOL, Role.DISPATCHER): "a dispatcher opens the pool to all at once",
}
"""Of what docs/lifecycle.md allows: what nobody can ask for, each with the reason."""


def moves() -> set[tuple[str, str]]:
    """Every move, in every role in which docs/lifecycle.md allows it."""
    allowed = {
        (action, role)
        for action, move in MOVES.items()
        for role in Role
        if move.permission in GRANTS[role] and role is not Role.GRID_WORKER
    }
    assert NEVER_PLAYED.keys() <= allowed
    return {(action.value, role.value) for action, role in allowed - NEVER_PLAYED.keys()}


def unseen(town: Town) -> set[str]:
    """What a long run should have seen by its end, and has not."""
    steps = {"409", *(f"{verb} done" for verb in SUCCEED)} - town.steps.keys()
    return steps | {f"{action} ({role})" for action, role in moves() - town.moves.keys()}


class Lives(Usual):
    """A story: something happens, and everything is as it should be. Hypothesis likes to draw the same numbers
    again; with another `salt` they mean something else."""

    salt = 0

    @initialize(luck=st.integers(0, 2**32 - 1))
    def begin(self, luck: int) -> None:
        dice = random.Random(f"{self.salt} {luck}")
        self.now, self.lives = NOW, []
        self.told_so_far, self.lucks = 0, Counter[int]()
        self.habits, self.customs = Habits.drawn(dice), customs(dice)
        self.district, self.teams = self.town.settle(self.customs, self.now)
        self.place("resident", dice.choice(URGENCIES))

    @rule(luck=st.integers(0, 2**32 - 1))
    def something_happens(self, luck: int) -> None:
        """One rule, so that no story goes without one of these; what happens is drawn evenly."""
        self.lucks[luck] += 1
        dice = random.Random(f"{self.salt} {luck} {self.lucks[luck]}")
        living = [life for life in self.lives if life.status not in OVER] or self.lives
        life = dice.choice(living if dice.random() < 0.85 else self.lives)
        asked = life.open_to("open", "asked") if dice.random() < 0.7 else ()
        team = dice.choice(list(asked) or TEAMS)
        kind = dice.random()
        if kind < 0.74 and living is not self.lives:
            self.somebody_does_what_is_due(life, team, dice)
        elif kind < 0.86:
            self.anybody_does_anything(life, dice.choice(PEOPLE), team, dice)
        elif kind < 0.95 or living is self.lives:
            self.place(dice.choice(CALLERS), dice.choice(URGENCIES))
        else:
            self.time_passes(timedelta(hours=dice.choice(HOURS)))

    def anybody_does_anything(self, life: Life, who: str, team: str, dice: random.Random) -> None:
        """Right or wrong."""
        choice, other = dice.randrange(1000), dice.choice(self.lives)
        whose = ("volunteer", "helper", "outsider")[choice % 3]
        deeds: list[Callable[[], None]] = [partial(self.do, life, name, who, team) for name in VERBS]
        deeds += [
            partial(self.a_question_is_answered, life, who, team, yes=bool(choice % 2)),
            partial(self.it_is_claimed, life, who),
            partial(self.a_crew_is_named, life, who, choice % 4),
            partial(self.somebody_arrives, life, who),
            partial(self.minutes_are_declared, life, who, whose),
            partial(self.the_department_reports, life, who, (team, None)[choice % 2], helps=bool(choice % 3)),
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
        self.told_so_far += 1
        self.sees_its_own(PEOPLE[self.told_so_far % len(PEOPLE)])

    def sees_its_own(self, who: str) -> None:
        """All that is theirs, as it stands, and nothing else."""
        listed = self.call(who, "GET", "/orders?limit=100")
        assert listed.status_code == 200, listed.text
        seen = {one["id"]: (one["status"], one["version"]) for one in listed.json()["items"]}
        mine = {life.id: (life.status, len(life.line)) for life in self.lives if life.sees(who)}
        assert seen == mine, f"{who} sees {seen}, not {mine}"

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
        assert [one["seq"] for one in line] == list(range(1, len(line) + 1))
        assert [one["from_status"] for one in line[1:]] == [one["to_status"] for one in line[:-1]]
        assert line[-1]["to_status"] == life.status
        assert [(one["action"], one["actor_role"]) for one in line] == life.line
        self.town.moves.update(life.line)

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
    while True:
        wanted = {move for move in moves() if town.moves[move] < SELDOM * number}
        more = {"town": town, "wanted": frozenset(wanted), "salt": FIRST_SEED + number}
        machine: Any = type("Lives", (Lives,), more)
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
        spent = time.monotonic() - began
        share = MINUTES * 60 / len(ENGINES)
        if spent >= share and (not MINUTES or not unseen(town) or spent >= share * LONGEST):
            break
    assert town.loop.run(verify(town.house.database)) == []
    stories = f"{STORIES * number} stories from seed {FIRST_SEED}"
    print(f"\n{stories} in {spent:.0f} s: {dict(sorted(town.steps.items()))}")  # noqa: T201
    print(dict(sorted((f"{action} ({role})", times) for (action, role), times in town.moves.items())))  # noqa: T201
    assert town.steps.keys() >= {"200", "201", "403", "404"}
    if MINUTES:
        assert unseen(town) == set()
