"""Where teams stand, sorted so that those who might reach a place lie in a few runs of rows.

A team is sorted by how far it goes (its class: up to 4, 8, 16 … km), then by its band of latitude, a quarter of
that far, then by longitude; all three are one 64-bit key. Who might reach a place is then, for each class, some
nine bands, and in each one run of keys: sixty searches in one call, whatever the number of teams. A box is
wider than its circle, so exact distances still decide.
"""

from dataclasses import dataclass
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
    """`key` is int64[N], ascending; the other columns speak of the C classes that have a team at all."""

    key: Keys
    kind: Keys
    farthest_m: NDArray[np.int64]
    band: NDArray[np.int64]

    @property
    def nbytes(self) -> int:
        return self.key.nbytes

    def lon(self, rows: NDArray[Any] | slice) -> NDArray[np.float64]:
        return np.asarray(((self.key[rows] & (2**_LON_BITS - 1)) - _LON_0) * UNIT)

    def runs(self, lat: float, lon: float) -> tuple[Rows, Rows]:
        """First rows and last rows (exclusive) of the runs, ascending, that hold every team which may reach it."""
        reach = (self.farthest_m + 1) / (EARTH_KM * 1000)
        north = np.minimum(np.floor((lat + 90) / UNIT + reach / np.radians(UNIT)) + 2, 2 * _LAT_0).astype(
            np.int64
        )
        south = np.maximum(np.floor((lat + 90) / UNIT - reach / np.radians(UNIT)) - 2, 0).astype(np.int64)
        top = np.radians(abs(lat)) + reach
        narrow = np.sin(np.minimum(reach, np.pi / 2)) / np.cos(np.minimum(top, 1.57))
        wide = np.where((top < 1.57) & (narrow < 1), np.degrees(np.arcsin(np.minimum(narrow, 1))), 360.0)
        west, east = lon - wide, lon + wide
        around = (west < -180) | (east > 180)
        west_units = np.where(around, 0, np.floor(west / UNIT) + _LON_0 - 1).astype(np.int64)
        east_units = np.where(around, 2 * _LON_0 + 1, np.floor(east / UNIT) + _LON_0 + 2).astype(np.int64)
        first, last = south // self.band, north // self.band
        steps = np.arange(int((last - first).max(initial=-1)) + 1)
        bands = first[:, np.newaxis] + steps
        row = (self.kind[:, np.newaxis] + bands) << _LON_BITS
        low, high = row + west_units[:, np.newaxis], row + east_units[:, np.newaxis]
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
    farthest = np.array([radius_m[kind == one].max() for one in present], np.int64)
    return Grid(key[order], present << _BAND_BITS, farthest, height[present]), order


def units(degrees: Floats, zero: int = 0) -> NDArray[np.int64]:
    """Degrees in whole units, counted from `zero` units below nought."""
    return np.rint(np.asarray(degrees, np.float64) / UNIT).astype(np.int64) + zero
