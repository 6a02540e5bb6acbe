"""Places: how far, in which coordinates, and whether they can be meant at all.

Latitude and longitude are degrees. Phones in China send GCJ-02, the shifted datum of Chinese maps, and that
is what the service stores; only what says that it is WGS-84 is shifted on its way in.
"""

from math import cos, floor, pi, radians, sin, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

EARTH_KM = 6371.0088
"""IUGG mean radius."""

_A, _E2 = 6378245.0, 0.00669342162296594323
"""Krasovsky 1940: semi-major axis in metres and squared eccentricity, the ellipsoid behind GCJ-02."""

# A coarse outline, (lat, lon) clockwise from the Pamirs, with every town and island of China inside. It is
# there to catch swapped, missing and foreign coordinates, and is no statement on borders.
_OUTLINE = (
    *((39.5, 73.3), (40.7, 74.7), (41.2, 78.0), (42.3, 80.0), (44.3, 80.2), (45.2, 79.9)),
    *((45.5, 82.2), (47.2, 82.3), (47.3, 85.3), (49.3, 87.2), (48.0, 90.3), (45.3, 91.2)),
    *((44.6, 95.4), (43.0, 96.6), (42.8, 101.5), (42.0, 105.2), (42.7, 109.0), (44.0, 111.6)),
    *((45.3, 112.2), (46.9, 118.9), (48.2, 115.4), (50.0, 117.0), (53.6, 121.2), (53.7, 123.7)),
    *((51.4, 127.2), (49.7, 130.3), (47.9, 131.0), (48.5, 134.75), (45.0, 133.3), (42.3, 130.9)),
    *((41.3, 128.3), (41.2, 127.0), (39.7, 124.3), (37.5, 123.5), (30.5, 124.5), (26.0, 124.0)),
    *((21.5, 121.4), (18.0, 119.4), (10.0, 118.0), (3.5, 112.8), (8.0, 109.5), (12.0, 110.3)),
    *((17.5, 108.7), (21.4, 107.9), (22.0, 106.5), (23.3, 105.6), (22.4, 104.0), (22.4, 101.9)),
    *((21.1, 101.9), (21.7, 99.8), (23.9, 97.4), (27.7, 98.4), (28.0, 95.4), (26.8, 92.1)),
    *((27.9, 91.5), (28.1, 89.6), (27.2, 88.9), (27.8, 85.8), (30.1, 81.0), (32.5, 78.6)),
    *((35.6, 77.7), (37.0, 74.9)),
)


def distance_km(lat: float, lon: float, lats: ArrayLike, lons: ArrayLike) -> NDArray[np.float64]:
    """Great-circle kilometres from one place to many (haversine, stable down to a step and across 180°)."""
    phi, phis = np.radians(lat), np.radians(np.asarray(lats, np.float64))
    turn = np.radians(np.asarray(lons, np.float64) - lon)
    chord = np.sin((phis - phi) / 2) ** 2 + np.cos(phi) * np.cos(phis) * np.sin(turn / 2) ** 2
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(np.minimum(chord, 1.0))))


CELLS_A_DEGREE = (100, 50)
"""Of latitude and of longitude: a cell is at least a kilometre wide everywhere in China."""


def cell(lat: float, lon: float) -> str:
    """The name of the square of about a kilometre in which a place lies."""
    return _cell(lat, lon, 0, 0)


def cells_around(lat: float, lon: float) -> list[str]:
    """That square and the eight about it: whatever is within a kilometre lies in one of them."""
    return [_cell(lat, lon, north, east) for north in (-1, 0, 1) for east in (-1, 0, 1)]


def _cell(lat: float, lon: float, north: int, east: int) -> str:
    rows, columns = CELLS_A_DEGREE
    return f"{floor(lat * rows) + north},{floor(lon * columns) + east}"


def in_china(lat: float, lon: float) -> bool:
    """Whether a place can be in China at all, judged by a coarse outline; never true of a NaN."""
    inside = False
    for (y1, x1), (y2, x2) in zip(_OUTLINE, _OUTLINE[1:] + _OUTLINE[:1], strict=True):
        if (y1 > lat) != (y2 > lat) and lon < x1 + (lat - y1) * (x2 - x1) / (y2 - y1):
            inside = not inside
    return inside


def wgs84_to_gcj02(lat: float, lon: float) -> tuple[float, float]:
    """The place as Chinese maps draw it, 100-700 m off; a place outside China comes back as it is.

    The shift is the public approximation of the datum: a polynomial with sine waves about 35°N 105°E, in
    metres, turned into degrees on the Krasovsky ellipsoid.
    """
    if not in_china(lat, lon):
        return lat, lon
    x, y = lon - 105.0, lat - 35.0
    ripple = _waves(x, (20, 6), (20, 2))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + ripple
    north += _waves(y, (20, 1), (40, 1 / 3), (160, 1 / 12), (320, 1 / 30))
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + ripple
    east += _waves(x, (20, 1), (40, 1 / 3), (150, 1 / 12), (300, 1 / 30))
    flat = 1 - _E2 * sin(radians(lat)) ** 2
    metres_north = radians(1) * _A * (1 - _E2) / flat**1.5
    metres_east = radians(1) * _A / sqrt(flat) * cos(radians(lat))
    return lat + north / metres_north, lon + east / metres_east


def _waves(t: float, *waves: tuple[float, float]) -> float:
    """Two thirds of the summed sines of `t`, each (amplitude in metres, half periods a degree)."""
    return sum(amplitude * sin(frequency * pi * t) for amplitude, frequency in waves) * 2 / 3
