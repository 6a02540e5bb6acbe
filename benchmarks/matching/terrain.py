"""Where things are: a province of cities, their offices and stations, growing with the number of teams.

The box grows slower than the teams in it, as provinces do that take up more of their counties: about ten times the
teams within reach of an address when there are a thousand times as many. A tenth of the offices is rural.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from app.domain.matching.columns import Tree
from app.domain.matching.grid import UNIT

MIDDLE = (27.5, 111.7)
TEAMS_AN_OFFICE = 400
STATIONS = 8
RURAL_SHARE = 0.1
CITY_SPREAD, OFFICE_SPREAD = 0.07, 0.03
"""Standard deviations in degrees: of a city's offices, and of an office's teams and orders."""


@dataclass(frozen=True, eq=False)
class Terrain:
    """The tree of organisations and, for each office, its row in it, its place and its share of what happens.

    `stations` are the rows int32[offices, STATIONS] of its stations; a station's point, if any, is the next row.
    """

    tree: Tree
    offices: NDArray[np.int32]
    stations: NDArray[np.int32]
    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    share: NDArray[np.float64]

    def pick(self, random: Generator, many: int) -> NDArray[np.intp]:
        """Offices, busy ones more often."""
        return random.choice(len(self.share), many, p=self.share)

    def near(
        self, random: Generator, office: NDArray[np.intp]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """A place about each of these offices, in degrees, as precise as an index keeps them."""
        lat = self.lat[office] + random.normal(0, OFFICE_SPREAD, len(office))
        lon = self.lon[office] + random.normal(0, OFFICE_SPREAD, len(office))
        return np.rint(lat / UNIT) * UNIT, np.rint(lon / UNIT) * UNIT


def terrain(random: Generator, teams: int) -> Terrain:
    offices = int(np.clip(teams // TEAMS_AN_OFFICE, 4, 2500))
    cities = round(40 * (teams / 1e6) ** 0.375)
    side = 5 * (teams / 1e6) ** 0.25
    city_lat = MIDDLE[0] + random.uniform(-side / 2, side / 2, cities)
    city_lon = MIDDLE[1] + random.uniform(-side / 2, side / 2, cities)
    size = 1 / np.arange(1, cities + 1) ** 0.5
    city = random.choice(cities, offices, p=size / size.sum())
    lat = city_lat[city] + random.normal(0, CITY_SPREAD, offices)
    lon = city_lon[city] + random.normal(0, CITY_SPREAD, offices)
    rural = random.random(offices) < RURAL_SHARE
    lat[rural] = MIDDLE[0] + random.uniform(-side / 2, side / 2, int(rural.sum()))
    lon[rural] = MIDDLE[1] + random.uniform(-side / 2, side / 2, int(rural.sum()))
    share = random.uniform(0.5, 1.5, offices)
    paths, levels = ["/c/"], ["center"]
    office_rows, station_rows = [], []
    for office in range(offices):
        office_rows.append(len(paths))
        paths.append(f"/c/o{office:04}/")
        levels.append("office")
        for station in range(STATIONS):
            station_rows.append(len(paths))
            paths.append(f"/c/o{office:04}/s{station}/")
            levels.append("station")
            if station % 2 == 0:
                paths.append(f"/c/o{office:04}/s{station}/p0/")
                levels.append("point")
    return Terrain(
        tree=Tree(tuple(paths), tuple(levels)),
        offices=np.array(office_rows, np.int32),
        stations=np.array(station_rows, np.int32).reshape(offices, STATIONS),
        lat=lat,
        lon=lon,
        share=share / share.sum(),
    )
