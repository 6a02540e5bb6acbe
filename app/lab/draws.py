"""Fate, the same for every policy: what a team would have drawn for an order, whenever and by whomever it is asked.

Policies are compared on common random numbers. So a draw is not taken from a stream, which would depend on who
was asked before, but computed from (seed, team, order, purpose) by a mixing function: splitmix64, by Steele, Lea
and Flood (OOPSLA 2014), whose output is uniform for any set of distinct inputs.
"""

from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

Uniforms = NDArray[np.float64]

_STEP: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX: Final = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_UNIT: Final = 2.0**-53


class Purpose(IntEnum):
    READ = 1
    SAY = 2
    DELAY = 3
    RELEASE = 4
    RELEASE_WHEN = 5
    COME = 6
    RATE = 7


class Draws:
    """Uniform numbers in [0, 1) by team, order and purpose; `key` comes from a generator."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._key = rng.integers(2**64, dtype=np.uint64)

    def uniform(
        self,
        teams: NDArray[np.integer],
        order: int,
        purpose: Purpose,
        attempts: NDArray[np.integer] | int = 0,
    ) -> Uniforms:
        where = np.atleast_1d(np.asarray(attempts) | order << 8 | purpose << 4).astype(np.uint64)
        word = _mixed(_mixed(_mixed(where * _STEP + self._key) + teams.astype(np.uint64) * _STEP))
        return np.asarray((word >> np.uint64(11)) * _UNIT)

    def one(self, team: int, order: int, purpose: Purpose) -> float:
        return float(self.uniform(np.array([team]), order, purpose)[0])


def _mixed(word: NDArray[np.uint64]) -> NDArray[np.uint64]:
    word = (word ^ (word >> np.uint64(30))) * _MIX[0]
    word = (word ^ (word >> np.uint64(27))) * _MIX[1]
    return np.asarray(word ^ (word >> np.uint64(31)))
