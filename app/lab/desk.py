"""What a policy sees and may do: the queue, the engine's answers, the center's own records; and two verbs.

The volunteers' moods are not here, nor anything that leads to them: the replay takes what was asked from the desk
and brings the answers back.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Final, Protocol

import numpy as np

from app.domain.matching.features import Need
from app.domain.matching.rank import Top
from app.domain.matching.score import Weights
from app.domain.matching.screen import Able
from app.domain.policy import TimePolicy
from app.lab.county import County
from app.lab.demand import URGENCIES
from app.lab.gate import Gate
from app.lab.records import Records

LIMITS: Final = TimePolicy()
MOST_ATTEMPTS: Final = 3


@dataclass(frozen=True, slots=True)
class Request:
    """An offer: open until the minute `until`. `start`, a half hour, is what a plan had in mind; -1 nothing."""

    order: int
    team: int
    until: int
    start: int = -1
    attempt: int = 0


class Desk:
    """`now` is the minute; `waiting` the orders that nobody has and whose window is still open.

    For each order: `asked` are the teams that were asked, `silent` those of them that let it lapse and how often,
    `offers` what may still be answered, `known` how many could have been asked when the policy last looked.
    """

    def __init__(self, county: County, gate: Gate, records: Records, weights: Weights) -> None:
        self.county, self.gate, self.records, self.weights = county, gate, records, weights
        self.now = 0
        self.waiting: set[int] = set()
        self.asked: defaultdict[int, set[int]] = defaultdict(set)
        self.offers: defaultdict[int, dict[int, Request]] = defaultdict(dict)
        self.silent: defaultdict[int, dict[int, int]] = defaultdict(dict)
        self.known: dict[int, int] = {}
        self.requests: list[Request] = []
        self.wakes: list[tuple[int, int]] = []
        self._latest = county.demand.latest

    def need(self, order: int, but: frozenset[int]) -> Need | None:
        served = self.records.at_home(int(self.county.demand.home[order]))
        return self.gate.need(order, self.now, but, served)

    def able(self, order: int) -> Able | None:
        """Who may serve the order and was not asked yet; when nobody is left, who let it lapse.

        None when its window has no room left.
        """
        asked = frozenset(self.asked[order])
        need = self.need(order, asked)
        if need is None:
            return None
        found = self.gate.able(need)
        self.known[order] = len(asked) + len(found.rows)
        if not len(found.rows) and self.silent[order]:
            found = self.gate.able(replace(need, declined=asked - set(self.silent[order])))
        return found

    def ranked(self, order: int, limit: int, weights: Weights | None = None) -> Top | None:
        """The best of `able`, best first; by the place's weights unless others are given."""
        weights = weights or self.weights
        asked = frozenset(self.asked[order])
        need = self.need(order, asked)
        if need is None:
            return None
        found = self.gate.best(need, weights, limit)
        self.known[order] = len(asked) + self.county.teams - sum(found.excluded.values())
        if not len(found.rows) and self.silent[order]:
            again = replace(need, declined=asked - set(self.silent[order]))
            found = self.gate.best(again, weights, limit)
        return found

    def ask(self, order: int, team: int, until: int | None = None, start: int = -1) -> None:
        """Offer the order, until the place's time limit has passed unless said otherwise."""
        until = min(self.now + self.limit(order) if until is None else until, int(self._latest[order]))
        request = Request(order, team, until, start, self.silent[order].pop(team, 0))
        self.asked[order].add(team)
        self.offers[order][team] = request
        self.requests.append(request)

    def lapse(self, request: Request) -> None:
        """Nobody answered. The team may be asked again, a few times (lifecycle.NEVER_AGAIN says who may not)."""
        del self.offers[request.order][request.team]
        if request.attempt + 1 < MOST_ATTEMPTS:
            self.silent[request.order][request.team] = request.attempt + 1

    def wake(self, at: int, token: int) -> None:
        """Call the policy again in that minute."""
        self.wakes.append((max(at, self.now), token))

    def limit(self, order: int) -> int:
        """Minutes that an offer may stay unanswered (app/domain/policy.py)."""
        return LIMITS.of(URGENCIES[int(self.county.demand.urgency[order])]).accept

    def left(self, order: int) -> int:
        """Minutes until the service must begin."""
        return int(self._latest[order]) - self.now

    def urgency(self, order: int) -> int:
        return int(self.county.demand.urgency[order])

    def pending(self, order: int) -> bool:
        """Whether somebody is asked and has not answered."""
        return bool(self.offers[order])


class Policy(Protocol):
    """`placed`: a new order. `returned`: an offer of a waiting order ended, or its team gave it up."""

    name: str

    def begin(self, desk: Desk, rng: np.random.Generator) -> None: ...

    def placed(self, desk: Desk, order: int) -> None: ...

    def returned(self, desk: Desk, order: int) -> None: ...

    def woken(self, desk: Desk, token: int) -> None: ...
