"""What lies between an order and the teams, whoever asks: how far it is, and how good they are at it."""

import numpy as np
from numpy.typing import NDArray

from app.domain.matching.features import TOP_LEVEL, Rows
from app.domain.matching.index import RADIUS_STEP_M
from app.lab.county import County


class Ties:
    def __init__(self, county: County) -> None:
        self._index, self._needs = county.index, county.demand.needs
        self._radius = np.maximum(1, county.index.radius.astype(np.int64) * RADIUS_STEP_M)
        self._level = np.zeros((county.teams, len(county.index.holders)), np.int8)
        for column, holders in enumerate(county.index.holders):
            self._level[holders.rows, column] = holders.skills[0] & TOP_LEVEL

    def metres(self, order: int, teams: Rows) -> NDArray[np.int64]:
        """Great-circle metres from each team to the place of the order; 0 online."""
        place = self._needs[order].place
        return np.zeros(len(teams), np.int64) if place is None else self._index.metres(teams, place)

    def far(self, order: int, teams: Rows) -> NDArray[np.float64]:
        """Which part of the radius that each team has named lies between it and the order, at most 1; 0 online."""
        return np.asarray(np.minimum(self.metres(order, teams) / self._radius[teams], 1.0))

    def fit(self, order: int, teams: Rows) -> NDArray[np.float64]:
        """0 beginners, 1 masters of all that the order asks for; a half where anybody will do."""
        required = self._needs[order].required
        if not required:
            return np.full(len(teams), 0.5)
        level = self._level[np.ix_(teams, np.array(required))]
        return np.asarray((level.mean(axis=1) - 1) / (TOP_LEVEL - 1))
