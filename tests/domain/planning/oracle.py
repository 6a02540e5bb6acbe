"""What a plan is judged by, written a second time from the rules alone: clashes, and the true optimum."""

from collections import defaultdict
from collections.abc import Iterator
from math import ceil, isnan

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from app.domain.geo import distance_km
from app.domain.planning.problem import Problem
from app.domain.planning.result import Plan

Place = tuple[int, int, int]
"""Team, group of the team, first half hour."""


def way(problem: Problem, one: int, other: int, team: int) -> int:
    (lat, lon), (lat2, lon2) = problem.place[one].tolist(), problem.place[other].tolist()
    if isnan(lat + lon + lat2 + lon2):
        return 0
    minutes = float(distance_km(lat, lon, lat2, lon2)) * 1.3 / float(problem.speed_kmh[team]) * 60
    return 0 if minutes <= 10 else ceil(minutes / 30)


def places(problem: Problem, order: int) -> Iterator[tuple[Place, int]]:
    """Everywhere that an order could be served by itself, each with the score of the team."""
    duration, width = int(problem.duration[order]), problem.half_hours
    for edge in range(problem.offsets[order], problem.offsets[order + 1]):
        team = int(problem.team[edge])
        begin = max(0, int(problem.first[order]))
        for start in range(begin, min(int(problem.last[order]) + 1, width) - duration + 1):
            groups = int(problem.free[team, start : start + duration].min())
            yield from (((team, group, start), int(problem.score[edge])) for group in range(groups))


def collide(problem: Problem, one: int, here: Place, other: int, there: Place) -> bool:
    """Whether two orders cannot both be where they are."""
    if here[:2] != there[:2]:
        return False
    between = way(problem, one, other, here[0])
    first_leads = here[2] + int(problem.duration[one]) + between <= there[2]
    return not first_leads and there[2] + int(problem.duration[other]) + between > here[2]


def faults(problem: Problem, plan: Plan) -> list[str]:
    """Everything that is wrong with a plan, in words; groups are looked for exhaustively."""
    found, by_team = [], defaultdict(list)
    for order in np.flatnonzero(plan.team >= 0).tolist():
        team, start = int(plan.team[order]), int(plan.start[order])
        if not any(place[0] == team and place[2] == start for place, _ in places(problem, order)):
            found.append(f"order {order} cannot be served by team {team} at {start}")
        by_team[team].append(order)
    for team, orders in by_team.items():
        days = np.bincount(plan.start[orders] // 48)
        if days.max() > problem.daily_limit[team]:
            found.append(f"team {team} has {days.max()} orders on one day")
        if not _groups(problem, plan, team, sorted(orders, key=lambda order: int(plan.start[order])), []):
            found.append(f"team {team} cannot be in all places: {orders}")
    for order in np.flatnonzero(plan.team < 0).tolist():
        if plan.start[order] != -1 or plan.reason[order] == 0:
            found.append(f"order {order} is neither served nor unserved")
    if plan.objective != total(problem, plan):
        found.append(f"the objective is {total(problem, plan)}, not {plan.objective}")
    return found


def _groups(
    problem: Problem, plan: Plan, team: int, orders: list[int], given: list[tuple[int, Place]]
) -> bool:
    if not orders:
        return True
    order, *rest = orders
    start, duration = int(plan.start[order]), int(problem.duration[order])
    for group in range(int(problem.free[team, start : start + duration].min(initial=127))):
        here = (team, group, start)
        if not any(collide(problem, order, here, other, there) for other, there in given) and _groups(
            problem, plan, team, rest, [*given, (order, here)]
        ):
            return True
    return False


def total(problem: Problem, plan: Plan) -> int:
    """The worth and score of what a plan serves."""
    value = 0
    for order in np.flatnonzero(plan.team >= 0).tolist():
        edges = slice(problem.offsets[order], problem.offsets[order + 1])
        scores = problem.score[edges][problem.team[edges] == plan.team[order]]
        value += int(problem.worth[order] + scores.max(initial=-(10**9)))
    return value


def optimum(problem: Problem, seconds: float = float("inf"), gap: float = 0.0) -> tuple[int, int]:
    """The best objective and a bound on it, by HiGHS on a model with a variable for every half hour."""
    by_order: dict[int, list[int]] = defaultdict(list)
    by_day: dict[tuple[int, int], list[int]] = defaultdict(list)
    by_group: dict[tuple[int, int], list[tuple[int, Place, int]]] = defaultdict(list)
    values: list[int] = []
    for order in range(problem.orders):
        for place, score in places(problem, order):
            by_order[order].append(len(values))
            by_day[place[0], place[2] // 48].append(len(values))
            by_group[place[:2]].append((order, place, len(values)))
            values.append(int(problem.worth[order]) + score)
    if not values:
        return 0, 0
    rows = [(1, columns) for columns in by_order.values()]
    rows += [(int(problem.daily_limit[team]), columns) for (team, _), columns in by_day.items()]
    rows += [(1, columns) for group in by_group.values() for columns in _cliques(problem, group)]
    most, members = [row[0] for row in rows], [columns for _, columns in rows]
    begins = np.cumsum([0, *map(len, members)])
    indices = np.concatenate(members)
    matrix = csr_array((np.ones(len(indices)), indices, begins), shape=(len(rows), len(values)))
    found = milp(
        -np.array(values, np.float64),
        integrality=np.ones(len(values)),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(matrix, -np.inf, most),
        options={"mip_rel_gap": gap, "time_limit": seconds},
    )
    best = 0 if found.x is None else round(-found.fun)
    return best, int(-found.mip_dual_bound + 0.5) if found.mip_dual_bound is not None else sum(values)


def _cliques(problem: Problem, group: list[tuple[int, Place, int]]) -> Iterator[list[int]]:
    """Columns of one group of which at most one can be: those at work in a half hour, and far pairs."""
    at_work: dict[int, list[int]] = defaultdict(list)
    for order, place, column in group:
        for half_hour in range(place[2], place[2] + int(problem.duration[order])):
            at_work[half_hour].append(column)
    yield from at_work.values()
    group = sorted(group, key=lambda chosen: chosen[1][2])
    ways: dict[tuple[int, int], int] = {}
    for at, (one, here, column) in enumerate(group):
        end = here[2] + int(problem.duration[one])
        for other, there, column2 in group[at + 1 :]:
            if one != other and there[2] >= end:
                if (one, other) not in ways:
                    ways[one, other] = way(problem, one, other, here[0])
                if there[2] < end + ways[one, other]:
                    yield [column, column2]
