"""Where teams stand, sorted so that those who might reach a place lie in a few runs of rows.

A team is sorted by how far it goes (its class: up to 4, 8, 16 … km), then by its band of latitude, a quarter of
that far, then by longitude; all three are one 64-bit key. Who might reach a place is then, for each class, some
nine bands, and in each one run of keys: sixty searches in one call, whatever the number of teams. A box is
wider than its circle, so exact distances still decide.
"""

from dataclasses import dataclass
from math import cos, floor, radians
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.domain.geo import EARTH_KM
from app.domain.matching.columns import Floats
from app.domain.matching.features import Ints, Rows

Keys = NDArray[np.int64]

UNIT: Final = 1e-7
"""Degrees are kept in units of about a centimetre."""

_CLASSES_M: Final = np.array([4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 1_000_000])
_LON_BITS, _BAND_BITS = 32, 20
_LON_0: Final = round(180 / UNIT)
_LAT_0: Final = round(90 / UNIT)
_METRES_PER_UNIT: Final = np.radians(UNIT) * EARTH_KM * 1000


@dataclass(frozen=True, eq=False, slots=True)
class Grid:
    """`key` is int64[N], ascending; the other columns speak of the C classes that have a team at all: their part of
    the key, the height of their bands, how far their teams go (in units of latitude, and the sine of that angle).
    `farthest` is the largest of these angles.
    """

    key: Keys
    kind: Keys
    band: NDArray[np.int64]
    reach: NDArray[np.int64]
    sine: NDArray[np.float64]
    farthest: float

    @property
    def nbytes(self) -> int:
        return self.key.nbytes

    def lon(self, rows: NDArray[Any] | slice) -> NDArray[np.float64]:
        return np.asarray(((self.key[rows] & (2**_LON_BITS - 1)) - _LON_0) * UNIT)

    def runs(self, lat: float, lon: float) -> tuple[Rows, Rows]:
        """First rows and last rows (exclusive) of the runs, ascending, that hold every team which may reach it."""
        at, along = floor((lat + 90) / UNIT), floor((lon + 180) / UNIT)
        north = np.minimum(at + self.reach, 2 * _LAT_0)
        south = np.maximum(at - self.reach, 0)
        northmost = radians(abs(lat)) + self.farthest
        ratio = np.minimum(self.sine / cos(northmost) if northmost < 1.57 else 1.0 + self.sine, 1.0)
        wide = (np.arcsin(ratio) / radians(UNIT)).astype(np.int64) + 2
        west, east = along - wide, along + wide
        around = (west < 0) | (east > 2 * _LON_0) | (ratio == 1.0)
        if around.any():
            west, east = np.where(around, 0, west), np.where(around, 2 * _LON_0 + 1, east)
        first, last = south // self.band, north // self.band
        steps = np.arange(int((last - first).max(initial=-1)) + 1)
        bands = first[:, np.newaxis] + steps
        row = (self.kind[:, np.newaxis] + bands) << _LON_BITS
        low, high = row + west[:, np.newaxis], row + east[:, np.newaxis]
        wanted = bands <= last[:, np.newaxis]
        ends = self.key.searchsorted(np.concatenate((low[wanted], high[wanted]))).astype(np.int32)
        starts, stops = ends[: len(ends) // 2], ends[len(ends) // 2 :]
        some = starts < stops
        return starts[some], stops[some]


def grid(lat: Floats, lon: Floats, radius_m: Ints) -> tuple[Grid, NDArray[np.intp]]:
    """The grid of N teams, and the order (rows of the input) in which it keeps them."""
    kind = np.searchsorted(_CLASSES_M, radius_m).astype(np.int64)
    bands_m = _CLASSES_M // 4
    height = (bands_m / _METRES_PER_UNIT).astype(np.int64)
    band = units(lat, _LAT_0) // height[kind]
    key = (((kind << _BAND_BITS) + band) << _LON_BITS) + units(lon, _LON_0)
    order = np.argsort(key, kind="stable")
    present = np.unique(kind)
    metres = np.array([radius_m[kind == one].max() for one in present], np.float64) + 1
    angle = np.minimum(metres / (EARTH_KM * 1000), np.pi / 2)
    return Grid(
        key=key[order],
        kind=present << _BAND_BITS,
        band=height[present],
        reach=np.ceil(metres / _METRES_PER_UNIT).astype(np.int64) + 2,
        sine=np.sin(angle),
        farthest=float(angle.max(initial=0)),
    ), order


def units(degrees: Floats, zero: int = 0) -> NDArray[np.int64]:
    """Degrees in whole units, counted from `zero` units below nought."""
    return np.rint(np.asarray(degrees, np.float64) / UNIT).astype(np.int64) + zero
