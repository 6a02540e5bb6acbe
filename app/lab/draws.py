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

_STEP: Final = 0x9E3779B97F4A7C15
_MIX: Final = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
_WORD: Final = 2**64 - 1
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
    """Uniform numbers in [0, 1) by team, order, attempt and purpose; the key comes from a generator."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._key = int(rng.integers(2**64, dtype=np.uint64))

    def uniforms(
        self, teams: NDArray[np.integer], order: int, attempts: NDArray[np.integer], *purposes: Purpose
    ) -> Uniforms:
        """float64[purposes, teams]."""
        where = attempts.astype(np.uint64) + np.array([[_place(order, one)] for one in purposes], np.uint64)
        word = _mixed(_mixed(where * np.uint64(_STEP) + np.uint64(self._key)))
        word = _mixed(word + teams.astype(np.uint64) * np.uint64(_STEP))
        return np.asarray((word >> np.uint64(11)) * _UNIT)

    def one(self, team: int, order: int, purpose: Purpose) -> float:
        """The same number as of a first attempt, without arrays."""
        word = _whirled(_whirled(_place(order, purpose) * _STEP + self._key & _WORD))
        return (_whirled(word + team * _STEP & _WORD) >> 11) * _UNIT


def _place(order: int, purpose: Purpose) -> int:
    """Room for 16 attempts of each purpose."""
    return order << 8 | purpose << 4


def _mixed(word: NDArray[np.uint64]) -> NDArray[np.uint64]:
    word = (word ^ (word >> np.uint64(30))) * np.uint64(_MIX[0])
    word = (word ^ (word >> np.uint64(27))) * np.uint64(_MIX[1])
    return np.asarray(word ^ (word >> np.uint64(31)))


def _whirled(word: int) -> int:
    """`_mixed` of one word."""
    word = (word ^ word >> 30) * _MIX[0] & _WORD
    word = (word ^ word >> 27) * _MIX[1] & _WORD
    return word ^ word >> 31
