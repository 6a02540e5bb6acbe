"""Ours, the whole queue at once: planned every few hours, offered as planned, and the rest by ranking.

What the plan charges for scarce teams stays on the index until the next plan, so that the ranking of single orders
does not spend them on what others can do.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.domain.hours import DAY_SLOTS, WEEK_SLOTS
from app.domain.matching.rank import Top
from app.domain.planning.plan import solve
from app.domain.planning.problem import MOST_DAYS, TOP_SCORE, Problem, worth
from app.domain.planning.result import Plan
from app.domain.travel import METRES_PER_HOUR
from app.lab.almanac import DAY, weekday
from app.lab.demand import NORMAL
from app.lab.desk import Desk
from app.lab.gate import earliest
from app.lab.ours_rank import ByRank

HOURS: Final = (480, 630, 780, 930, 1080, 1200)
"""8:00, 10:30, 13:00, 15:30, 18:00, 20:00: often enough that an order can be planned several times a day."""

PLAN: Final = -1
"""The token of the alarm for the next plan; any other is an order of the ranking."""

CANDIDATES: Final = 16
DAILY: Final = 2
"""Orders that each group of a team starts on one day at most."""

MAX_WAIT_HOURS: Final = 48.0
SHORT: Final = 6 * 60
"""An order with so few minutes left is not kept for the next plan."""


class ByPlan(ByRank):
    name = "plan"

    def begin(self, desk: Desk, rng: np.random.Generator) -> None:
        super().begin(desk, rng)
        self._queue: dict[int, None] = {}
        columns = desk.county.columns
        self._week = np.unpackbits(columns.weeks, axis=1).reshape(-1, 7, DAY_SLOTS).astype(np.int16)
        self._speed = METRES_PER_HOUR[columns.travel] / 1000.0
        desk.wake(HOURS[0], PLAN)

    def placed(self, desk: Desk, order: int) -> None:
        if desk.urgency(order) == NORMAL and desk.left(order) > SHORT:
            self._queue[order] = None
        else:
            super().placed(desk, order)

    def returned(self, desk: Desk, order: int) -> None:
        """Back into the queue; when its time is short, to the ranking at once."""
        if order in self._waves:
            super().returned(desk, order)
        elif not desk.pending(order):
            self.placed(desk, order)

    def woken(self, desk: Desk, token: int) -> None:
        if token != PLAN:
            super().woken(desk, token)
            return
        self._plan(desk)
        day, minute = divmod(desk.now, DAY)
        later = [hour for hour in HOURS if hour > minute]
        if day < desk.county.days + MOST_DAYS:
            desk.wake(day * DAY + later[0] if later else (day + 1) * DAY + HOURS[0], PLAN)

    def _plan(self, desk: Desk) -> None:
        orders = [order for order in self._queue if order in desk.waiting]
        found = {order: one for order in orders if (one := desk.able(order, CANDIDATES)) and len(one.rows)}
        self._queue = {order: None for order in orders if order not in found}
        if not found:
            return
        plan, teams = self._solved(desk, found)
        for n, order in enumerate(found):
            if plan.team[n] >= 0:
                start = desk.now // DAY * DAY_SLOTS + int(plan.start[n])
                desk.ask(order, int(teams[plan.team[n]]), start=start)
            else:
                super().placed(desk, order)
        team, day = np.nonzero(plan.prices)
        desk.gate.charge(teams[team], desk.now // DAY + day, np.minimum(plan.prices[team, day], 1000))

    def _solved(self, desk: Desk, found: dict[int, Top]) -> tuple[Plan, NDArray[np.int64]]:
        """The plan over the teams that any of these orders could have, numbered as in the second answer."""
        demand, orders = desk.county.demand, np.array(list(found))
        teams = np.unique(np.concatenate([one.rows for one in found.values()])).astype(np.int64)
        today = desk.now // DAY
        horizon = min(
            MOST_DAYS * DAY_SLOTS, int((demand.first + demand.slots)[orders].max()) - today * DAY_SLOTS
        )
        waited = (desk.now - demand.placed[orders]) / 60
        scores = np.concatenate([one.scores for one in found.values()])
        problem = Problem(
            worth=worth(demand.urgency[orders], demand.vulnerable[orders], waited, MAX_WAIT_HOURS),
            first=np.maximum(demand.first[orders], earliest(desk.now)) - today * DAY_SLOTS,
            last=(demand.first + demand.slots)[orders] - 1 - today * DAY_SLOTS,
            duration=demand.duration[orders],
            place=demand.place[orders],
            offsets=np.cumsum([0, *(len(one.rows) for one in found.values())]),
            team=np.searchsorted(teams, np.concatenate([one.rows for one in found.values()])),
            score=np.rint(np.clip(scores, 0, 1) * TOP_SCORE).astype(np.int64),
            free=self._free(desk, teams, today, horizon),
            daily_limit=desk.county.columns.capacity[teams] * DAILY,
            speed_kmh=self._speed[teams],
        )
        return solve(problem), teams

    def _free(self, desk: Desk, teams: NDArray[np.int64], today: int, horizon: int) -> NDArray[np.int8]:
        """Groups left in each half hour from midnight on."""
        begin = weekday(today, desk.county.day_zero) * DAY_SLOTS
        on_duty = self._week[teams].reshape(len(teams), WEEK_SLOTS)[
            :, np.arange(begin, begin + horizon) % WEEK_SLOTS
        ]
        taken = desk.gate.books.work(teams.astype(np.int32), today * DAY_SLOTS, horizon).taken
        left = np.maximum(desk.county.columns.capacity[teams][:, np.newaxis] - taken, 0)
        free = left * on_duty
        free[:, : earliest(desk.now) - today * DAY_SLOTS] = 0
        return np.asarray(free, np.int8)
