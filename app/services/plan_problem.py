"""A queue in numbers, for the planner: orders, the teams each could go to, and when those have time.

No I/O: it is done in a thread, because thousands of orders are ranked one after the other.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.domain.beneficiary import VULNERABLE
from app.domain.hours import DAY_SLOTS, HALF_HOUR
from app.domain.matching.features import Rows, day_number
from app.domain.matching.freetime import on_duty
from app.domain.matching.index import TRAVEL_SHIFT
from app.domain.matching.rank import worths
from app.domain.planning.problem import MOST_DAYS, MOST_EDGES, TOP_SCORE, Problem, worth
from app.domain.policy import Urgency
from app.domain.travel import METRES_PER_HOUR
from app.services.queue import Queue

MOST_TEAMS: Final = 100
"""Teams that a plan weighs for one order, the best ones. Its bound speaks of plans that choose among these."""

_URGENCY: Final = {Urgency.NORMAL: 0, Urgency.URGENT: 1, Urgency.EMERGENCY: 2}


@dataclass(frozen=True)
class Horizon:
    """The half hours of a plan: whole days from today on (a freetime.Window)."""

    first_day: int
    slots: int
    midnight: datetime
    first_slot: int = 0

    @property
    def days(self) -> range:
        return range(self.first_day, self.first_day + self.slots // DAY_SLOTS)

    def instant(self, half_hour: int) -> datetime:
        return self.midnight + timedelta(minutes=half_hour * HALF_HOUR)


@dataclass(frozen=True)
class Posed:
    """`teams` are the rows of the index behind the problem's teams; `first_choice` the best of them for each
    order alone, as a row of the index, -1 for none."""

    problem: Problem
    horizon: Horizon
    teams: Rows
    first_choice: NDArray[np.int64]


def posed(queue: Queue) -> Posed:
    """Raises UnfitProblem."""
    horizon = _horizon(queue)
    kept = min(MOST_TEAMS, MOST_EDGES // max(1, len(queue.waiting)))
    lists = [_choices(queue, number, kept) for number in range(len(queue.waiting))]
    edges = np.concatenate([rows for rows, _ in lists] or [np.zeros(0, np.int32)])
    teams = np.unique(edges).astype(np.int32)
    needs = [one.need for one in queue.waiting]
    first = np.array(
        [(need.first_day - horizon.first_day) * DAY_SLOTS + need.first_slot for need in needs], np.int64
    )
    places = [need.place or (np.nan, np.nan) for need in needs]
    free, taken_days = _free(queue, horizon, teams)
    free[np.repeat(taken_days >= queue.policy.orders_a_day, DAY_SLOTS, axis=1)] = 0
    problem = Problem(
        worth=_worth(queue),
        first=first,
        last=first + np.array([need.slots for need in needs], np.int64) - 1,
        duration=np.array([need.duration_slots for need in needs], np.int64),
        place=np.array(places, np.float64).reshape(-1, 2),
        offsets=np.cumsum([0, *(len(rows) for rows, _ in lists)]),
        team=np.searchsorted(teams, edges),
        score=np.concatenate([points for _, points in lists] or [np.zeros(0, np.int64)]),
        free=free,
        daily_limit=np.full(len(teams), queue.policy.orders_a_day, np.int64),
        speed_kmh=METRES_PER_HOUR[queue.index.flags[teams] >> TRAVEL_SHIFT] / 1000,
    )
    return Posed(problem, horizon, teams, np.array([_best(*one) for one in lists], np.int64))


def _horizon(queue: Queue) -> Horizon:
    today = queue.at.astimezone(queue.zone)
    midnight = today.replace(hour=0, minute=0, second=0, microsecond=0)
    first = day_number(today.date())
    last = max((one.need.days[-1] for one in queue.waiting if one.need.days), default=first)
    return Horizon(first, min(MOST_DAYS, last - first + 1) * DAY_SLOTS, midnight)


def _choices(queue: Queue, number: int, kept: int) -> tuple[Rows, NDArray[np.int64]]:
    """The best teams of one order and their scores in thousandths; scarcity is the planner's own business."""
    one = queue.waiting[number]
    rows, points = worths(queue.index, one.need, replace(one.weights, scarcity=0.0))
    score = np.rint(points * TOP_SCORE).astype(np.int64)
    if len(rows) > kept:
        best = np.sort(np.argsort(-points, kind="stable")[:kept])
        rows, score = rows[best], score[best]
    return rows, np.clip(score, 0, TOP_SCORE)


def _best(rows: Rows, points: NDArray[np.int64]) -> int:
    return int(rows[points.argmax()]) if len(rows) else -1


def _worth(queue: Queue) -> NDArray[np.int64]:
    orders = [one.order for one in queue.waiting]
    waited = [max(0.0, (queue.at - order.created_at) / timedelta(hours=1)) for order in orders]
    return worth(
        np.array([_URGENCY[order.urgency] for order in orders], np.int64),
        np.array([not VULNERABLE.isdisjoint(order.circumstances) for order in orders], np.bool_),
        np.array(waited, np.float64),
        queue.policy.max_wait_hours,
    )


def _free(queue: Queue, horizon: Horizon, teams: Rows) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
    """Groups left in each half hour from now on, int8[M, H], and orders already promised on each day."""
    half = timedelta(minutes=HALF_HOUR)
    groups = queue.index.capacity[teams][:, np.newaxis].astype(np.int16)
    free = np.where(on_duty(queue.index, horizon, teams), groups, 0).astype(np.int16)
    days = np.zeros((len(teams), horizon.slots // DAY_SLOTS), np.int64)
    number = {row: place for place, row in enumerate(teams.tolist())}
    for promise in queue.promises:
        team = number.get(promise.row)
        begin, end = (promise.start - horizon.midnight) // half, -((horizon.midnight - promise.end) // half)
        if team is None or end <= 0 or begin >= horizon.slots:
            continue
        free[team, max(0, begin) : end] -= 1
        days[team, max(0, begin) // DAY_SLOTS] += 1
    free[:, : -((horizon.midnight - queue.at) // half)] = 0
    return np.clip(free, 0, 127).astype(np.int8), days
