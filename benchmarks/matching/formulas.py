"""The ten factors and the half hours once more, apart from the service's own: what peers in numpy are scored by.

Arrays of M teams in, arrays of M out, float64, each formula as it is written down and nothing left out.
"""

from collections.abc import Sequence
from math import fsum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.domain.geo import EARTH_KM
from app.domain.hours import DAY_SLOTS
from app.domain.matching.columns import Tree
from app.domain.matching.features import Need
from benchmarks.matching.teams import TODAY

Array = NDArray[Any]
Values = NDArray[np.float64]

WEIGHTS: Final = (0.22, 0.20, 0.12, 0.10, 0.14, 0.08, 0.06, 0.05, 0.03)
"""Of specialty, location, availability, load, reliability, continuity, affinity, fairness and wish."""
SHARES: Final = tuple(weight / fsum(WEIGHTS) for weight in WEIGHTS)
SCARCITY: Final = 0.5

METRES_A_MINUTE_780: Final = np.array([5_000, 18_000, 30_000])
"""Metres an hour of walking, an e-bike, a car; a road is 1.3 times the line, so 780/10 of it a minute."""
PARKING: Final = np.array([0, 0, 5])
CIRCLE_MINUTES: Final = 15
OUT: Final = 4


def metres(lat: Array, lon: Array, place: tuple[float, float]) -> Array:
    """Haversine, in whole metres."""
    phi, phis = np.radians(place[0]), np.radians(lat)
    turn = np.radians(lon - place[1])
    chord = np.sin((phis - phi) / 2) ** 2 + np.cos(phi) * np.cos(phis) * np.sin(turn / 2) ** 2
    km = 2 * EARTH_KM * np.arcsin(np.sqrt(np.minimum(chord, 1.0)))
    return np.asarray(np.rint(km * 1000).astype(np.int64))


def rings(tree: Tree, need: Need) -> Array:
    """The ring of each organisation for teams that are not lent; OUT where they would have to be."""
    path = np.array(tree.paths)
    own, placed = tree.paths[need.organisation], tree.paths[need.organisation]
    if tree.levels[need.organisation] == "point":
        own = own[: own.rstrip("/").rindex("/") + 1]
    ring = np.where(np.strings.startswith(path, tree.paths[need.handler]), 3, OUT)
    for row, (one, level) in enumerate(zip(tree.paths, tree.levels, strict=True)):
        if level in ("center", "office") and placed.startswith(one):
            ring[row] = 2 if level == "center" else 1
    ring[np.strings.startswith(path, own)] = 0
    return ring


def window_bits(weeks: Array, need: Need) -> Array:
    """bool[M, slots] of weeks uint8[M, 42]."""
    cell = (need.first_day - TODAY) % 7 * DAY_SLOTS + need.first_slot + np.arange(need.slots)
    cell %= 7 * DAY_SLOTS
    return np.asarray((weeks[:, cell >> 3] & (128 >> (cell & 7)).astype(np.uint8)) != 0)


def except_days(free: Array, need: Need, row: Array, day: Array, bits: Array) -> None:
    """Lay dated days (uint8[E, 6]) over `free`, in place."""
    slot = need.first_slot + np.arange(need.slots)
    for back in range(int(slot[-1]) // DAY_SLOTS + 1):
        hit = day == need.first_day + back
        columns = np.flatnonzero(slot // DAY_SLOTS == back)
        whole = np.unpackbits(bits[hit], axis=1).view(np.bool_)
        free[np.ix_(row[hit], columns)] = whole[:, slot[columns] % DAY_SLOTS]


def count_starts(free: Array, duration: int) -> Array:
    """How many half hours begin a run of `duration` free ones: int[M]."""
    possible = free.shape[1] - duration + 1
    if possible <= 0:
        return np.zeros(len(free), np.int64)
    begins = free[:, :possible].copy()
    for later in range(1, duration):
        begins &= free[:, later : later + possible]
    return np.asarray(np.count_nonzero(begins, axis=1))


def specialty(levels: Sequence[Array], kin: Array, besides: Array) -> Values | float:
    if not levels:
        return 1.0
    depth = np.sum(levels, axis=0) / (3 * len(levels))
    return np.asarray(0.75 * depth + 0.15 * (np.minimum(kin, 3) / 3) + 0.10 * (np.minimum(besides, 3) / 3))


def location(line: Array, travel: Array) -> Values:
    minutes = -(-line * 78 // METRES_A_MINUTE_780[travel]) + PARKING[travel]
    minutes[line == 0] = 0
    return np.asarray(CIRCLE_MINUTES / (CIRCLE_MINUTES + minutes.astype(np.float64)))


def wish(need: Need, women: Array, men: Array, languages: Array) -> Values | float:
    met: Any = 0
    wishes = 0
    if need.gender:
        met, wishes = met + (women if need.gender == 1 else men).astype(np.int64), wishes + 1
    if need.language >= 0:
        met, wishes = met + (languages >> need.language & 1).astype(np.int64), wishes + 1
    return np.asarray(met / wishes) if wishes else 1.0


def fairness(recent: Array, mean: int) -> Values:
    return np.asarray((mean + 1000) / (mean + 1000 + 1000 * recent.astype(np.float64)))


def score(values: Sequence[Values | float], price: Array) -> Values:
    """The nine shares in their order, then what the team's hour would be worth elsewhere."""
    total = SHARES[0] * values[0]
    for share, value in zip(SHARES[1:], values[1:], strict=True):
        total = total + share * value
    return np.asarray(total - SCARCITY * (price / 1000))


def best(scores: Values, halves: Array, limit: int) -> Array:
    """Positions of the `limit` best, ties by id; -inf is never among them."""
    if len(scores) > 4 * limit:
        least = -np.partition(-scores, limit - 1)[limit - 1]
        among = np.flatnonzero((scores >= least) & (scores > -np.inf))
    else:
        among = np.flatnonzero(scores > -np.inf)
    order = np.lexsort((halves[among, 1], halves[among, 0], -scores[among]))
    return np.asarray(among[order[:limit]])
