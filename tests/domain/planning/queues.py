"""Queues to plan: drawn small and odd by hypothesis, or generated large with a seed."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from app.domain.planning.problem import NORMAL, Problem, worth

PLACES = [(29.40, 111.10), (29.41, 111.10), (29.45, 111.10), (29.60, 111.30), (float("nan"), float("nan"))]


def problem(**changes: Any) -> Problem:
    """One normal order of an hour between 9:00 and 10:00, one team that is free all day; or as changed."""
    given: dict[str, Any] = {
        "worth": [1_000_000],
        "first": [18],
        "last": [19],
        "duration": [2],
        "place": np.full((np.size(changes.get("worth", [0])), 2), PLACES[0]),
        "offsets": [0, 1],
        "team": [0],
        "score": [500] * np.size(changes.get("team", [0])),
        "free": [[1] * 48],
        "daily_limit": [5] * len(changes.get("free", [0])),
        "speed_kmh": [30.0] * len(changes.get("free", [0])),
    }
    return Problem(**given | changes)


def same(orders: int, teams: int = 1, **changes: Any) -> Problem:
    """Orders all alike, which every team can serve; or as changed."""
    alike: dict[str, Any] = {
        "worth": [1_000_000] * orders,
        "first": [18] * orders,
        "last": [19] * orders,
        "duration": [2] * orders,
        "offsets": np.arange(orders + 1) * teams,
        "team": list(range(teams)) * orders,
        "free": [[1] * 48] * teams,
    }
    return problem(**alike | changes)


@st.composite
def small(draw: st.DrawFn, most_orders: int = 6, most_teams: int = 3) -> Problem:
    """Two days around one midnight, few half hours open, so that everything gets in everything's way."""
    orders, teams = draw(st.integers(0, most_orders)), draw(st.integers(0, most_teams))
    opens, closes = 40, 58

    def ints(low: int, high: int, count: int) -> list[int]:
        return draw(st.lists(st.integers(low, high), min_size=count, max_size=count))

    edges = [draw(st.sets(st.integers(0, teams - 1))) if teams else set() for _ in range(orders)]
    chosen = [team for teams_of_order in edges for team in sorted(teams_of_order)]
    free = np.zeros((teams, 96), np.int8)
    for row in range(teams):
        uneven = draw(st.booleans())
        free[row, opens:closes] = ints(0, 2, closes - opens) if uneven else draw(st.integers(0, 2))
    first = np.array(ints(opens - 2, closes, orders), np.int64)
    given: dict[str, Any] = {
        "worth": [1_000_000 * n for n in ints(1, 4, orders)],
        "first": first,
        "last": first + np.array(ints(0, 9, orders), np.int64),
        "duration": ints(1, 4, orders),
        "place": np.array([PLACES[n] for n in ints(0, len(PLACES) - 1, orders)]).reshape(orders, 2),
        "offsets": np.cumsum([0, *map(len, edges)]),
        "team": chosen,
        "score": ints(0, 1000, len(chosen)),
        "free": free,
        "daily_limit": ints(0, 3, teams),
        "speed_kmh": [(5.0, 30.0)[n] for n in ints(0, 1, teams)],
    }
    return Problem(**given)


def generated(
    orders: int,
    teams: int,
    *,
    edges: int = 16,
    seed: int = 1,
    days: int = 1,
    longest: int = 3,
    slack: int = 0,
    most_a_day: int = 5,
    groups: int = 1,
    spread_km: float = 20.0,
) -> Problem:
    """A county's queue: windows in 8:00-22:00 of a day, `slack` half hours wider than the service at most.

    Durations of 1 to `longest` half hours, daily limits of 1 to `most_a_day`, 3 in 10 vulnerable, 1 in 10
    urgent or an emergency, waiting up to 100 hours against a guard of 72; each order may be served by `edges`
    teams, anywhere in a square of `spread_km`.
    """
    rng = np.random.default_rng(seed)
    duration = rng.integers(1, longest + 1, orders)
    opens = 48 * rng.integers(0, days, orders) + 16
    first = opens + rng.integers(0, 28 - duration + 1)
    last = np.minimum(first + duration - 1 + rng.integers(0, slack + 1, orders), opens + 27)
    chosen = [_some(rng, teams, edges, min(500, orders - done)) for done in range(0, orders, 500)]
    free = np.zeros((teams, 48 * days), np.int8)
    half_hour = np.arange(48 * days) % 48
    free[:, (half_hour >= 16) & (half_hour < 44)] = rng.integers(1, groups + 1, (teams, 1))
    urgency = rng.choice(3, orders, p=[0.9, 0.08, 0.02])
    return Problem(
        worth=worth(urgency, rng.random(orders) < 0.3, rng.uniform(0, 100, orders), 72),
        first=first,
        last=last,
        duration=duration,
        place=np.array([29.4, 111.1]) + rng.uniform(-0.5, 0.5, (orders, 2)) * spread_km / 111,
        offsets=np.arange(orders + 1) * edges,
        team=np.concatenate(chosen),
        score=rng.integers(0, 1001, orders * edges),
        free=free,
        daily_limit=rng.integers(1, most_a_day + 1, teams),
        speed_kmh=np.full(teams, 30.0),
    )


def _some(rng: np.random.Generator, teams: int, edges: int, orders: int) -> np.ndarray:
    """So many different teams for each of a few orders, ascending."""
    return np.sort(np.argpartition(rng.random((orders, teams)), edges - 1, axis=1)[:, :edges], axis=1).ravel()


def skilled(orders: int, teams: int, load: float, seed: int, specialties: int = 12) -> Problem:
    """A queue in which teams differ: each has one to four specialties, each order needs one of uneven demand.

    `load` is orders per place; all are equally urgent, so that who is served is a matter of who takes what.
    """
    rng = np.random.default_rng(seed)
    taste = rng.dirichlet(np.full(specialties, 2.0), teams)
    can = np.zeros((teams, specialties), np.bool_)
    for team in range(teams):
        can[team, rng.choice(specialties, rng.integers(1, 5), replace=False, p=taste[team])] = True
    needs = rng.choice(specialties, orders, p=rng.dirichlet(np.ones(specialties)))
    able = [np.flatnonzero(can[:, need]) for need in needs.tolist()]
    chosen = [np.sort(rng.permutation(row)[:16]) for row in able]
    duration = rng.integers(1, 4, orders)
    first = 16 + rng.integers(0, 28 - duration + 1)
    free = np.zeros((teams, 48), np.int8)
    free[:, 16:44] = 1
    return Problem(
        worth=np.full(orders, NORMAL),
        first=first,
        last=np.minimum(first + duration - 1 + rng.integers(0, 9, orders), 43),
        duration=duration,
        place=np.full((orders, 2), np.nan),
        offsets=np.cumsum([0, *map(len, chosen)]),
        team=np.concatenate(chosen),
        score=rng.integers(0, 1001, sum(map(len, chosen))),
        free=free,
        daily_limit=np.maximum(1, rng.poisson(orders / teams / load, teams)),
        speed_kmh=np.full(teams, 30.0),
    )
