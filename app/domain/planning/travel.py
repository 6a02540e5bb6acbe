"""How many half hours a group needs from one order's place to the next."""

from collections.abc import Callable
from math import asin, ceil, cos, isnan, pi, radians, sin, sqrt
from typing import Final

import numpy as np

from app.domain.geo import EARTH_KM
from app.domain.hours import HALF_HOUR
from app.domain.planning.problem import Floats, Ints
from app.domain.travel import DETOUR_TENTHS

DETOUR: Final = DETOUR_TENTHS / 10
ON_FOOT_MINUTES: Final = 10.0
"""A way this short fits into the margin of any service, and costs no half hour."""

Gap = Callable[[int, int], int]
"""Half hours that must lie between the end of one order and the start of another, by their numbers."""


def gap(place: Floats, speed_kmh: float) -> Gap:
    """The gaps of a team of this speed: great-circle km × 1.3 / speed, rounded up to half hours.

    Up to ten minutes count as none, and a service online (NaN) needs no way. The same in both directions. All
    orders of a lane must be apart, not only neighbours: who serves online in between still has to get there.
    """
    known: dict[tuple[int, int], int] = {}
    lats, lons = place[:, 0], place[:, 1]

    def between(one: int, other: int) -> int:
        pair = (one, other) if one < other else (other, one)
        found = known.get(pair)
        if found is None:
            a, b = pair
            found = known[pair] = half_hours(
                (float(lats[a]), float(lons[a])), (float(lats[b]), float(lons[b])), speed_kmh
            )
        return found

    return between


def half_hours(here: tuple[float, float], there: tuple[float, float], speed_kmh: float) -> int:
    """The rule of `gap` for two (lat, lon)."""
    if isnan(here[0] + here[1] + there[0] + there[1]):
        return 0
    phi, phi_there = radians(here[0]), radians(there[0])
    turn = radians(there[1] - here[1])
    chord = sin((phi_there - phi) / 2) ** 2 + cos(phi) * cos(phi_there) * sin(turn / 2) ** 2
    minutes = 2 * EARTH_KM * asin(sqrt(min(chord, 1.0))) * DETOUR / speed_kmh * 60
    return 0 if minutes <= ON_FOOT_MINUTES else ceil(minutes / HALF_HOUR)


def widest(place: Floats, speed_kmh: Floats) -> Ints:
    """At each speed, half hours that no way between any two of the places exceeds."""
    known = place[~np.isnan(place).any(axis=1)]
    span = float(np.radians(np.ptp(known, axis=0)).sum()) if len(known) else 0.0
    minutes = EARTH_KM * min(span, pi) * DETOUR / speed_kmh * 60
    return np.asarray(np.ceil(minutes / HALF_HOUR), np.int64)
