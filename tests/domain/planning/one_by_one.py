"""A queue dispatched one order after the other by the real ranking, with or without the prices of a plan."""

from dataclasses import replace

import numpy as np

from app.domain.hours import DAY_SLOTS
from app.domain.matching.features import Need, Rows, Work
from app.domain.matching.index import TeamIndex
from app.domain.matching.pricing import Span, slot_prices
from app.domain.matching.rank import top, worths
from app.domain.matching.score import Weights
from app.domain.planning.losses import losses
from app.domain.planning.plan import solve
from app.domain.planning.problem import NORMAL, Problem
from app.domain.planning.result import Plan
from tests.domain.matching.cases import TODAY


def pose(index: TeamIndex, needs: list[Need]) -> Problem:
    """The queue as the planner takes it: one day, every able team, all orders worth the same."""
    lists = [worths(index, need, replace(Weights(), scarcity=0)) for need in needs]
    first = np.array([need.first_slot for need in needs])
    return Problem(
        worth=np.full(len(needs), NORMAL),
        first=first,
        last=first + np.array([need.slots for need in needs]) - 1,
        duration=np.array([need.duration_slots for need in needs]),
        place=np.array([need.place or (np.nan, np.nan) for need in needs]).reshape(-1, 2),
        offsets=np.cumsum([0, *(len(rows) for rows, _ in lists)]),
        team=np.concatenate([rows for rows, _ in lists]).astype(np.int64),
        score=np.rint(1000 * np.concatenate([points for _, points in lists])).astype(np.int64),
        free=np.repeat(index.capacity[:, np.newaxis], DAY_SLOTS, axis=1).astype(np.int8),
        daily_limit=np.full(index.size, 8),
        speed_kmh=np.full(index.size, 1000.0),
    )


def planned(index: TeamIndex, needs: list[Need]) -> tuple[Plan, list[Span]]:
    """The plan, and for each order the half hours of the day that it means for it (none: an empty span)."""
    problem = pose(index, needs)
    plan = solve(problem)
    lost = losses(problem, plan).tolist()
    spans = [
        (team, start, start + need.duration_slots, price)
        for need, team, start, price in zip(needs, plan.team.tolist(), plan.start.tolist(), lost, strict=True)
    ]
    return plan, spans


def served(index: TeamIndex, needs: list[Need], spans: list[Span] | None = None) -> int:
    """How many orders find a team when each, in turn, is given to the first of its ranking."""
    taken = np.zeros((index.size, DAY_SLOTS), np.int16)
    count = 0
    for number, need in enumerate(needs):
        window = slice(need.first_slot, need.first_slot + need.slots)
        later = [span for span in (spans or [])[number + 1 :] if span[0] >= 0]

        def standing(rows: Rows, window: slice = window, later: list[Span] = later) -> Work:
            place = {row: n for n, row in enumerate(rows.tolist())}
            near = [
                (place[row], max(0, begin - window.start), max(0, end - window.start), price)
                for row, begin, end, price in later
                if row in place
            ]
            mine = taken[rows, window]
            return Work(np.zeros(len(rows), np.int64), mine, slot_prices(mine, index.capacity[rows], near))

        best = top(index, need, standing, Weights(), 1)
        if len(best.rows):
            start = need.first_slot + int(best.first[0])
            taken[best.rows[0], start : start + need.duration_slots] += 1
            count += 1
    return count


def day(**asked: int) -> dict[str, int]:
    """A window of Saturday."""
    return {"first_day": TODAY, "day": TODAY} | asked
