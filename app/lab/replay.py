"""One policy lives through the county's year: an agenda of events, a desk, and people who answer.

The same county, the same hidden moods and the same draws for each (team, order) whichever policy runs: what
differs between two replays is what was asked of whom and when.
"""

from collections.abc import Callable
from dataclasses import replace
from enum import IntEnum
from heapq import heapify, heappop, heappush
from itertools import count

import numpy as np

from app.domain.hours import HALF_HOUR
from app.domain.matching.score import Weights
from app.lab.almanac import DAY
from app.lab.behaviour import Moods, Says, Volunteers
from app.lab.books import Books
from app.lab.county import County
from app.lab.desk import Desk, Policy, Request
from app.lab.gate import Gate
from app.lab.habits import Habits
from app.lab.outcome import End, Outcome
from app.lab.records import Records
from app.lab.ties import Ties

NOTICED: int = 30
"""Minutes after which a resident who waits in vain calls the station."""


class Event(IntEnum):
    """In this order within one minute: who answers in the last minute is still in time."""

    DAWN = 0
    ANSWER = 1
    RELEASE = 2
    BEGIN = 3
    MISSED = 4
    END = 5
    EXPIRE = 6
    CLOSE = 7
    PLACED = 8
    WAKE = 9


def replay(
    county: County,
    policy: Policy,
    habits: Habits,
    seed: int,
    weights: Weights | None = None,
    eager: Moods | None = None,
    tell: Callable[[int], None] = lambda placed: None,
) -> Outcome:
    """Run the policy over the whole county; `tell` hears of each order placed.

    `eager` are moods that a history tells of; without them they are drawn.
    """
    return _Replay(county, policy, habits, seed, weights or Weights(), eager).run(tell)


class _Replay:
    def __init__(
        self, county: County, policy: Policy, habits: Habits, seed: int, weights: Weights, eager: Moods | None
    ) -> None:
        hidden, own = (np.random.default_rng([seed, part]) for part in (10, 11))
        self._county, self._policy = county, policy
        self._volunteers = Volunteers(county.teams, habits, hidden, eager)
        self._books = Books(county.engaged, county.capacity)
        self._records = Records(county.teams)
        gate = Gate(county, self._books)
        self._desk = Desk(county, gate, self._records, weights)
        self._ties = Ties(county)
        self._outcome = Outcome.blank(county.demand.size, county.teams)
        self._held: dict[int, Request] = {}
        self._dropped: set[int] = set()
        self._numbers = count()
        self._agenda: list[tuple[int, int, int, int, int, int]] = []
        policy.begin(self._desk, own)

    def run(self, tell: Callable[[int], None]) -> Outcome:
        demand, latest = self._county.demand, self._county.demand.latest
        for order, (placed, last) in enumerate(zip(demand.placed.tolist(), latest.tolist(), strict=True)):
            self._agenda.append((placed, Event.PLACED, next(self._numbers), order, -1, 0))
            self._agenda.append((max(last, placed + 1), Event.CLOSE, next(self._numbers), order, -1, 0))
        for day in range(1, self._county.days):
            self._agenda.append((day * DAY, Event.DAWN, next(self._numbers), day, -1, 0))
        heapify(self._agenda)
        self._collect()
        deeds_of: dict[Event, Callable[[int, int, int], None]] = {
            Event.DAWN: self._dawn,
            Event.ANSWER: self._answer,
            Event.RELEASE: self._release,
            Event.BEGIN: self._begin,
            Event.MISSED: self._missed,
            Event.END: self._end,
            Event.EXPIRE: self._expire,
            Event.CLOSE: self._close,
            Event.PLACED: self._placed,
            Event.WAKE: self._wake,
        }
        while self._agenda:
            minute, kind, _, order, team, extra = heappop(self._agenda)
            self._desk.now = minute
            deeds_of[Event(kind)](order, team, extra)
            if self._desk.requests or self._desk.wakes:
                self._collect()
            if kind == Event.PLACED:
                tell(1)
        return self._outcome

    def _at(self, minute: int, kind: Event, order: int, team: int = -1, extra: int = 0) -> None:
        heappush(self._agenda, (minute, kind, next(self._numbers), order, team, extra))

    def _collect(self) -> None:
        """Carry the policy's requests to the people, and their answers into the agenda."""
        requests, self._desk.requests = self._desk.requests, []
        by_order: dict[int, list[Request]] = {}
        for request in requests:
            by_order.setdefault(request.order, []).append(request)
        for order, some in by_order.items():
            self._carry(order, some)
        wakes, self._desk.wakes = self._desk.wakes, []
        for at, token in wakes:
            self._at(at, Event.WAKE, token)

    def _carry(self, order: int, requests: list[Request]) -> None:
        desk = self._desk
        teams = np.array([request.team for request in requests], np.int32)
        far, fit = self._ties.far(order, teams), self._ties.fit(order, teams)
        attempts = np.array([request.attempt for request in requests])
        says, at = self._volunteers.answers(teams, order, attempts, desk.now, desk.urgency(order), far, fit)
        self._outcome.asked[order] += len(requests)
        for request, word, minute in zip(requests, says.tolist(), at.tolist(), strict=True):
            if word != Says.NOTHING and minute <= request.until:
                self._at(minute, Event.ANSWER, order, request.team, word)
            else:
                self._at(request.until, Event.EXPIRE, order, request.team, request.until)

    def _placed(self, order: int, _: int, __: int) -> None:
        self._desk.waiting.add(order)
        self._policy.placed(self._desk, order)

    def _wake(self, token: int, _: int, __: int) -> None:
        self._policy.woken(self._desk, token)

    def _dawn(self, day: int, _: int, __: int) -> None:
        """Overnight the center's standings are counted anew and its index is rebuilt."""
        self._records.new_day(day)
        self._desk.gate.learn(self._records.reliability, self._records.recent)

    def _answer(self, order: int, team: int, word: int) -> None:
        request = self._desk.offers[order].pop(team, None)
        if request is None:
            return
        self._records.answered(team)
        if word != Says.YES or not self._promise(request):
            self._policy.returned(self._desk, order)

    def _expire(self, order: int, team: int, until: int) -> None:
        request = self._desk.offers[order].get(team)
        if request is not None and request.until == until:
            self._desk.lapse(request)
            self._records.answered(team)
            if order in self._desk.waiting:
                self._policy.returned(self._desk, order)

    def _promise(self, request: Request) -> bool:
        """The team has said yes; False when meanwhile it promised its time to somebody else."""
        order, team, desk = request.order, request.team, self._desk
        start = desk.gate.start(desk.need(order, frozenset()), team, request.start)
        if start is None:
            return False
        duration = int(self._county.demand.duration[order])
        self._books.promise(team, start, duration)
        self._volunteers.serve(team, desk.now)
        self._records.promised(team, desk.now // DAY)
        self._outcome.ever_accepted[order] = True
        self._outcome.accepted[order] = desk.now
        desk.waiting.discard(order)
        for other in desk.offers.pop(order, {}):
            desk.asked[order].discard(other)
        self._held[order] = replace(request, start=start)
        begins = start * HALF_HOUR
        part = self._volunteers.gives_back(team, order)
        if part is not None:
            self._at(desk.now + int(part * (begins - desk.now)), Event.RELEASE, order, team)
        elif self._volunteers.comes(team, order):
            self._at(begins, Event.BEGIN, order, team)
        else:
            self._at(begins + NOTICED, Event.MISSED, order, team)
        return True

    def _begin(self, order: int, team: int, _: int) -> None:
        self._records.began(team)
        held, duration = self._held[order], int(self._county.demand.duration[order])
        self._outcome.end[order] = End.SERVED
        self._outcome.team[order], self._outcome.start[order] = team, held.start
        self._outcome.metres[order] = self._ties.metres(order, np.array([team]))[0]
        self._outcome.load[team] += 1
        self._at((held.start + duration) * HALF_HOUR, Event.END, order, team)

    def _end(self, order: int, team: int, _: int) -> None:
        stars = self._volunteers.stars(team, order, float(self._ties.fit(order, np.array([team]))[0]))
        self._records.rated(team, int(self._county.demand.home[order]), stars)
        self._outcome.stars[order] = stars
        self._books.done(team)

    def _release(self, order: int, team: int, _: int) -> None:
        self._books.free(team, self._held[order].start, int(self._county.demand.duration[order]))
        self._lost(order, team)

    def _missed(self, order: int, team: int, _: int) -> None:
        """Nobody came: the time is gone, the team's as well."""
        self._books.done(team)
        self._lost(order, team)

    def _lost(self, order: int, team: int) -> None:
        self._records.failed(team)
        del self._held[order]
        self._dropped.add(order)
        self._outcome.accepted[order] = -1
        if self._desk.now < self._county.demand.latest[order]:
            self._desk.waiting.add(order)
            self._policy.returned(self._desk, order)
        else:
            self._outcome.end[order] = End.DROPPED

    def _close(self, order: int, _: int, __: int) -> None:
        desk = self._desk
        if order not in desk.waiting:
            return
        desk.waiting.discard(order)
        desk.offers.pop(order, None)
        if order in self._dropped:
            end = End.DROPPED
        elif not desk.asked[order]:
            end = End.NO_TEAM if order in desk.known else End.NOT_REACHED
        else:
            end = End.REFUSED if len(desk.asked[order]) >= desk.known[order] else End.TIME_UP
        self._outcome.end[order] = end
