"""The county's tree and map: one center, townships on a loose grid, stations around each.

慈利 has 25 townships on about 3,480 km², so one every 12 km; three of them make up the town. A smaller county has
fewer townships and less land, never thinner ones.
"""

from dataclasses import dataclass
from functools import cached_property
from math import ceil, sqrt
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.domain.matching.columns import Tree

Floats = NDArray[np.float64]

MIDDLE: Final = (28.3, 112.7)
"""Where the fictional district lies (app/demo/district.json)."""

KM_A_DEGREE: Final = 111.2
TEAMS_AN_OFFICE: Final = 40
STATIONS_AN_OFFICE: Final = 8
TOWN_OFFICES: Final = 3
SPACING_KM: Final = 11.8
TOWN_SPACING_KM: Final = 2.5
STATION_SPREAD_KM: Final = (1.0, 3.0)
"""How far stations lie from their office, in the town and outside (one standard deviation)."""

TOWN_WEIGHT: Final = 3.0
"""A township of the town has as many people as three others."""

HOME_SPREAD_KM: Final = 0.8
"""How far people and teams live from their station."""


@dataclass(frozen=True, eq=False)
class Territory:
    """O offices and S stations. `tree` rows: `office_rows`, `station_rows`, the center is row 0.

    `office_of` gives each station's office; `weight` is the part of the county's people at each station.
    """

    tree: Tree
    offices: Floats
    stations: Floats
    office_of: NDArray[np.intp]
    weight: Floats

    @cached_property
    def office_rows(self) -> NDArray[np.int64]:
        return np.array([self.tree.rows[office_path(n)] for n in range(len(self.offices))])

    @cached_property
    def station_rows(self) -> NDArray[np.int64]:
        pairs = enumerate(self.office_of.tolist())
        return np.array([self.tree.rows[f"{office_path(office)}s{n:04d}/"] for n, office in pairs])


def office_path(number: int) -> str:
    return f"/county/o{number:03d}/"


def near(places: Floats, km: Any, rng: np.random.Generator) -> Floats:
    """Places scattered about each of `places` (lat, lon) with a standard deviation of `km`."""
    step = rng.normal(size=places.shape) * np.asarray(km).reshape(-1, 1)
    return np.asarray(places + step / KM_A_DEGREE / np.array([1.0, np.cos(np.radians(MIDDLE[0]))]))


def found(teams: int, rng: np.random.Generator) -> Territory:
    """A county fit for so many teams."""
    count = max(2, round(teams / TEAMS_AN_OFFICE))
    town = max(1, round(count * TOWN_OFFICES / 25))
    side = ceil(sqrt(count))
    cells = np.array([(y - (side - 1) / 2, x - (side - 1) / 2) for y in range(side) for x in range(side)])
    cells = cells[np.argsort((cells**2).sum(axis=1), kind="stable")][:count]
    km = cells * SPACING_KM
    km[:town] = (np.arange(town)[:, np.newaxis] - (town - 1) / 2) * TOWN_SPACING_KM
    jitter = np.where(np.arange(count) < town, 0.3, 1.5)
    scale = KM_A_DEGREE * np.array([1.0, np.cos(np.radians(MIDDLE[0]))])
    offices = near(np.array(MIDDLE) + km / scale, jitter, rng)
    office_of = np.repeat(np.arange(count), STATIONS_AN_OFFICE)
    spread = np.where(office_of < town, *STATION_SPREAD_KM)
    weight = np.where(office_of < town, TOWN_WEIGHT, 1.0) * rng.lognormal(0, 0.3, len(office_of))
    return Territory(
        tree=_tree(count, office_of),
        offices=offices,
        stations=near(offices[office_of], spread, rng),
        office_of=office_of,
        weight=weight / weight.sum(),
    )


def _tree(offices: int, office_of: NDArray[np.intp]) -> Tree:
    levels = {"/county/": "center"} | {office_path(n): "office" for n in range(offices)}
    levels |= {f"{office_path(office)}s{n:04d}/": "station" for n, office in enumerate(office_of.tolist())}
    paths = tuple(sorted(levels))
    return Tree(paths, tuple(levels[path] for path in paths))
