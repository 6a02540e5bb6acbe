"""A replay: every order ends once, nobody is in two places, all meet the same fate, nothing hidden is seen."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from app.domain.matching.features import NO_END
from app.domain.matching.index import TeamIndex
from app.lab.behaviour import Says, Volunteers
from app.lab.books import Books, Overbooked
from app.lab.county import County
from app.lab.demand import NORMAL
from app.lab.desk import Desk, Policy, Request
from app.lab.gate import Gate
from app.lab.habits import Habits
from app.lab.lineup import POLICIES
from app.lab.outcome import End, Outcome
from app.lab.replay import replay
from tests.lab.conftest import SEED


@pytest.fixture(scope="module")
def outcomes(small: County) -> dict[str, Outcome]:
    return {name: replay(small, policy(), Habits(), SEED) for name, policy in POLICIES.items()}


@pytest.mark.parametrize("name", POLICIES)
def test_the_same_seed_gives_the_same_year(name: str, small: County, outcomes: dict[str, Outcome]) -> None:
    again = replay(small, POLICIES[name](), Habits(), SEED)
    for field, value in vars(outcomes[name]).items():
        assert np.array_equal(value, getattr(again, field)), field
    other = replay(small, POLICIES[name](), Habits(), SEED + 1)
    assert not np.array_equal(other.end, again.end)


@pytest.mark.parametrize("name", POLICIES)
def test_every_order_ends_once_and_is_counted(name: str, small: County, outcomes: dict[str, Outcome]) -> None:
    of = outcomes[name]
    served = of.end == End.SERVED
    assert (of.end != End.OPEN).all()
    assert served.sum() == of.load.sum() > 0
    assert ((of.team >= 0) == served).all()
    assert np.array_equal(np.bincount(of.team[served], minlength=small.teams), of.load)
    assert (of.asked[served] >= 1).all()
    assert (of.asked[of.end == End.NOT_REACHED] == 0).all()
    assert ((of.stars > 0) == served).all()
    assert of.ever_accepted[served].all()
    assert ((of.accepted >= small.demand.placed) | ~served).all()


@pytest.mark.parametrize("name", POLICIES)
def test_nobody_is_in_two_places(name: str, small: County, outcomes: dict[str, Outcome]) -> None:
    """Services kept, and what teams hold of their own, never exceed a team's groups; all lie in their windows."""
    of, demand = outcomes[name], small.demand
    busy = small.engaged.astype(np.int64)
    for order in np.flatnonzero(of.end == End.SERVED).tolist():
        start, duration = int(of.start[order]), int(demand.duration[order])
        assert demand.first[order] <= start
        assert start + duration <= demand.first[order] + demand.slots[order]
        assert start * 30 > of.accepted[order]
        busy[of.team[order], start : start + duration] += 1
    assert (busy <= small.capacity[:, np.newaxis]).all()


@pytest.mark.parametrize("name", POLICIES)
def test_only_the_able_serve(name: str, small: County, outcomes: dict[str, Outcome]) -> None:
    of, gate = outcomes[name], Gate(small, Books(np.zeros_like(small.engaged), small.capacity))
    for order in np.flatnonzero(of.end == End.SERVED)[::7].tolist():
        need = gate.need(order, int(small.demand.placed[order]), frozenset(), {})
        assert need is not None
        assert of.team[order] in gate.able(need).rows


def test_a_promise_beyond_capacity_is_an_error() -> None:
    books = Books(np.zeros((1, 48), np.int16), np.array([1]))
    books.promise(0, 10, 4)
    with pytest.raises(Overbooked):
        books.promise(0, 13, 2)
    books.promise(0, 14, 2)
    books.free(0, 10, 4)
    books.promise(0, 12, 2)
    assert books.open_work[0] == 2
    books.done(0)
    assert books.open_work[0] == 1
    assert books.work(np.array([0], np.int32), 40, 20).taken.shape == (1, 20), "what lies beyond is free"


class Spy:
    """A policy whose requests are written down, and when an answer first made a difference."""

    def __init__(self, policy: Policy) -> None:
        self.policy, self.name = policy, policy.name
        self.requests: list[tuple[int, Request]] = []
        self.answered_at: int | None = None
        self.desk: Desk | None = None

    def begin(self, desk: Desk, rng: np.random.Generator) -> None:
        self.desk = desk
        self.policy.begin(desk, rng)

    def _after(self, desk: Desk) -> None:
        self.requests += [(desk.now, request) for request in desk.requests]

    def placed(self, desk: Desk, order: int) -> None:
        self.policy.placed(desk, order)
        self._after(desk)

    def returned(self, desk: Desk, order: int) -> None:
        self.answered_at = desk.now if self.answered_at is None else self.answered_at
        self.policy.returned(desk, order)
        self._after(desk)

    def woken(self, desk: Desk, token: int) -> None:
        self.policy.woken(desk, token)
        self._after(desk)


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_asks_alike_whoever_is_eager_until_somebody_answers(name: str, small: County) -> None:
    """Readiness is hidden: with all moods turned round, nothing differs before the first answer that could tell."""
    cold, keen = Spy(POLICIES[name]()), Spy(POLICIES[name]())
    replay(small, cold, Habits(), SEED, eager=np.full(small.teams, -50.0))
    replay(small, keen, Habits(), SEED, eager=np.full(small.teams, 50.0))
    assert cold.answered_at is not None
    before = [[one for one in spy.requests if one[0] < (cold.answered_at or 0)] for spy in (cold, keen)]
    assert before[0] == before[1]
    assert before[0]
    assert cold.requests != keen.requests or name == "broadcast", "who asks everybody need not learn"


@pytest.mark.parametrize("name", POLICIES)
def test_nothing_that_a_policy_can_reach_knows_a_mood(name: str, small: County) -> None:
    spy = Spy(POLICIES[name]())
    replay(small, spy, Habits(), SEED)
    found = list(reachable([spy.policy, spy.desk]))
    assert any(isinstance(one, TeamIndex) for one in found), "the search does not see far enough"
    assert not any(isinstance(one, Volunteers | Habits | Says) for one in found)


def reachable(roots: list[Any]) -> Iterator[Any]:
    """Every object that attributes and containers lead to."""
    seen: set[int] = set()
    while roots:
        one = roots.pop()
        if id(one) in seen or isinstance(one, str | bytes | int | float | np.ndarray | type):
            continue
        seen.add(id(one))
        yield one
        slots = [
            getattr(one, slot, None) for kind in type(one).__mro__ for slot in getattr(kind, "__slots__", ())
        ]
        inside = [*one.keys(), *one.values()] if isinstance(one, dict) else []
        inside += list(one) if isinstance(one, list | tuple | set | frozenset) else []
        roots += [*slots, *inside, *getattr(one, "__dict__", {}).values()]


def test_what_the_center_learns_enters_the_index_as_the_service_would_build_it(small: County) -> None:
    gate = Gate(small, Books(small.engaged, small.capacity))
    reliability, recent = np.arange(small.teams) * 7 % 10_000, np.arange(small.teams) % 5
    gate.learn(reliability, recent)
    assert np.array_equal(gate.index.reliability, reliability)
    assert np.array_equal(gate.index.recent, recent)
    assert gate.index.mean_recent == 1000 * recent.sum() // small.teams
    permille = np.zeros((2, 3), np.int32)
    permille[1, 2] = 4000
    gate.charge(np.array([3, 8], np.int32), 5, permille)
    ((day, (rows, dear)),) = gate.index.prices.items()
    assert (day, rows.tolist(), dear.tolist()) == (small.day_zero + 7, [8], [1000])
    assert day < NO_END


def test_a_team_that_stays_silent_may_be_asked_again_and_one_that_declined_may_not(small: County) -> None:
    spy = Spy(POLICIES["nearest"]())
    replay(small, spy, Habits(unread=0.9), SEED)
    asked: dict[tuple[int, int], list[int]] = {}
    for _, request in spy.requests:
        asked.setdefault((request.order, request.team), []).append(request.attempt)
    assert max(map(len, asked.values())) == 3
    assert all(attempts == list(range(len(attempts))) for attempts in asked.values())
    never = Spy(POLICIES["nearest"]())
    replay(
        small,
        never,
        Habits(unread=0.0, numb=0.0, night=1.0, delay=0.01),
        SEED,
        eager=np.full(small.teams, -50.0),
    )
    calm = small.demand.urgency == NORMAL
    pairs = [(request.order, request.team) for _, request in never.requests if calm[request.order]]
    assert len(pairs) == len(set(pairs))


def test_moods_make_the_difference_that_they_should(small: County) -> None:
    keen = replay(small, POLICIES["rank"](), Habits(), SEED, eager=np.full(small.teams, 5.0))
    cold = replay(small, POLICIES["rank"](), Habits(), SEED, eager=np.full(small.teams, -50.0))
    assert (cold.end != End.SERVED).all()
    assert (keen.end == End.SERVED).mean() > 0.7


def test_ours_serve_more_than_the_office(outcomes: dict[str, Outcome]) -> None:
    served = {name: (of.end == End.SERVED).mean() for name, of in outcomes.items()}
    assert served["rank"] > served["first_come"]
    assert served["plan"] > served["first_come"]
    per_service = {name: of.asked.sum() / (of.end == End.SERVED).sum() for name, of in outcomes.items()}
    assert max(per_service["rank"], per_service["plan"]) < per_service["broadcast"]
