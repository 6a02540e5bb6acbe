"""Ours, the whole queue at once: planned every few hours, offered as planned, and the rest by ranking.

What the plan charges for scarce teams stays on the index until the next plan, so that the ranking of single orders
does not spend them on what others can do.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from app.domain.hours import DAY_SLOTS
from app.domain.matching.features import Rows
from app.domain.matching.index import TRAVEL_SHIFT
from app.domain.matching.rank import Top
from app.domain.planning.plan import solve
from app.domain.planning.problem import MOST_DAYS, TOP_SCORE, Problem, worth
from app.domain.planning.result import Plan
from app.domain.policy import PlanningPolicy
from app.domain.travel import METRES_PER_HOUR
from app.lab.almanac import DAY
from app.lab.demand import NORMAL
from app.lab.desk import Desk
from app.lab.gate import earliest
from app.lab.ours_rank import LOOK_AGAIN, ByRank

HOURS: Final = (480, 630, 780, 930, 1080, 1200)
"""8:00, 10:30, 13:00, 15:30, 18:00, 20:00: often enough that an order can be planned several times a day."""

PLAN: Final = -1
"""The token of the alarm for the next plan; any other is an order of the ranking."""

CANDIDATES: Final = 16
RULES: Final = PlanningPolicy()
PATIENCE: Final = 150
"""Minutes after which an order that was offered and not answered is planned again, the offer still open."""

SHORT: Final = 6 * 60
"""An order with so few minutes left is not kept for the next plan."""


class ByPlan(ByRank):
    name = "plan"

    def begin(self, desk: Desk, rng: np.random.Generator) -> None:
        super().begin(desk, rng)
        self._queue: dict[int, int] = {}
        desk.wake(HOURS[0], PLAN)

    def placed(self, desk: Desk, order: int) -> None:
        if desk.urgency(order) == NORMAL and desk.left(order) > SHORT:
            self._queue[order] = desk.now
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
        found = self._candidates(desk)
        if not found:
            return
        plan, teams = self._solved(desk, found)
        for n, order in enumerate(found):
            if plan.team[n] >= 0:
                start = desk.now // DAY * DAY_SLOTS + int(plan.start[n])
                desk.ask(order, int(teams[plan.team[n]]), start=start)
                self._queue[order] = desk.now + PATIENCE
            else:
                del self._queue[order]
                super().placed(desk, order)
        desk.gate.charge(teams, desk.now // DAY, plan.prices)

    def _candidates(self, desk: Desk) -> dict[int, Top]:
        """The orders to be planned now, each with its best teams by what they are worth free of charge."""
        free_of_charge = replace(desk.weights, scarcity=0.0)
        found: dict[int, Top] = {}
        for order, since in list(self._queue.items()):
            if order not in desk.waiting:
                del self._queue[order]
            elif desk.left(order) <= SHORT:
                del self._queue[order]
                super().placed(desk, order)
            elif since <= desk.now:
                able = desk.ranked(order, CANDIDATES, free_of_charge)
                if able is not None and len(able.rows):
                    found[order] = able
                else:
                    self._queue[order] = desk.now + LOOK_AGAIN
        return found

    def _solved(self, desk: Desk, found: dict[int, Top]) -> tuple[Plan, Rows]:
        """The plan over the teams that any of these orders could have, numbered as in the second answer."""
        demand, orders, index = desk.county.demand, np.array(list(found)), desk.county.index
        edges = np.concatenate([one.rows for one in found.values()])
        teams = np.unique(edges).astype(np.int32)
        midnight = desk.now // DAY * DAY_SLOTS
        first = np.maximum(demand.first[orders], earliest(desk.now)) - midnight
        last = (demand.first + demand.slots)[orders] - 1 - midnight
        days = min(MOST_DAYS, int(last.max()) // DAY_SLOTS + 1)
        places = [demand.needs[order].place or (np.nan, np.nan) for order in found]
        scores = np.concatenate([one.scores for one in found.values()])
        problem = Problem(
            worth=worth(
                demand.urgency[orders],
                demand.vulnerable[orders],
                (desk.now - demand.placed[orders]) / 60,
                RULES.max_wait_hours,
            ),
            first=first,
            last=last,
            duration=demand.duration[orders],
            place=np.array(places),
            offsets=np.cumsum([0, *(len(one.rows) for one in found.values())]),
            team=np.searchsorted(teams, edges),
            score=np.rint(np.clip(scores, 0, 1) * TOP_SCORE).astype(np.int64),
            free=desk.gate.free(teams, midnight, days * DAY_SLOTS, earliest(desk.now)),
            daily_limit=np.full(len(teams), RULES.orders_a_day),
            speed_kmh=METRES_PER_HOUR[index.flags[teams] >> TRAVEL_SHIFT] / 1000,
        )
        return solve(problem), teams
