"""What lies between an order and the teams, whoever asks: how far it is, and how good they are at it."""

import numpy as np
from numpy.typing import NDArray

from app.domain.geo import distance_km
from app.domain.matching.features import TOP_LEVEL
from app.domain.taxonomy import specialties
from app.lab.county import County


class Ties:
    def __init__(self, county: County) -> None:
        self._columns, self._demand, self._kinds = county.columns, county.demand, county.kinds
        self._level = np.zeros((county.teams, len(specialties())), np.int8)
        self._level[county.columns.skill_team, county.columns.skill_specialty] = county.columns.skill_level

    def metres(self, order: int, teams: NDArray[np.integer]) -> NDArray[np.int64]:
        """Great-circle metres from each team to the place of the order; 0 online."""
        lat, lon = self._demand.place[order].tolist()
        if np.isnan(lat):
            return np.zeros(len(teams), np.int64)
        km = distance_km(lat, lon, self._columns.lat[teams], self._columns.lon[teams])
        return np.rint(km * 1000).astype(np.int64)

    def far(self, order: int, teams: NDArray[np.integer]) -> NDArray[np.float64]:
        """Which part of the radius that each team has named lies between it and the order; 0 online."""
        return np.asarray(self.metres(order, teams) / self._columns.radius_m[teams])

    def fit(self, order: int, teams: NDArray[np.integer]) -> NDArray[np.float64]:
        """0 beginners, 1 masters of all that the order asks for; a half where anybody will do."""
        required = self._kinds.required[int(self._demand.kind[order])]
        if not required:
            return np.full(len(teams), 0.5)
        level = self._level[np.ix_(teams, np.array(required))]
        return np.asarray((level.mean(axis=1) - 1) / (TOP_LEVEL - 1))
