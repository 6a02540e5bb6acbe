"""How well a team that may serve would serve: factors in [0, 1] out of whole numbers, and their weighted sum.

Every formula is a fraction of integers, added in a fixed order: the same features give the same score to the
last bit, on any machine, for a million teams at once or for one out of a receipt. Automated decisions must be
explained (PIPL Art. 24), so nothing enters the score that has no sentence (sentences.py). The formulae are
proposals; what a center tunes are their weights.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from hashlib import sha256
from math import fsum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.domain.matching.features import TOP_LEVEL, Ring

Values = NDArray[np.float64]
Column = NDArray[Any]

FORMULA: Final = "10f1"
"""Names the formulae below; change it with any of them, so that an old score is never taken for a new one."""

LARGEST_WEIGHT: Final = 1000.0
CIRCLE_MINUTES: Final = 15
"""一刻钟文明实践圈: who needs a quarter of an hour has half of the location's value."""

ENOUGH: Final = 3
"""Three further specialties are as good as ten."""


class FactorName(StrEnum):
    SPECIALTY = "specialty"
    LOCATION = "location"
    AVAILABILITY = "availability"
    LOAD = "load"
    RELIABILITY = "reliability"
    CONTINUITY = "continuity"
    AFFINITY = "affinity"
    FAIRNESS = "fairness"
    WISH = "wish"
    SCARCITY = "scarcity"


@dataclass(frozen=True, slots=True)
class Weights:
    """What each factor counts. Of the first nine only proportions matter; `scarcity` is taken as it is.

    With a `scarcity` of 1, a team whose time is worth a whole order elsewhere loses a whole score. Raises
    ValueError unless each is between 0 and 1000 and the first nine are not all zero.
    """

    specialty: float = 0.22
    location: float = 0.20
    availability: float = 0.12
    load: float = 0.10
    reliability: float = 0.14
    continuity: float = 0.08
    affinity: float = 0.06
    fairness: float = 0.05
    wish: float = 0.03
    scarcity: float = 0.5

    def __post_init__(self) -> None:
        every = [float(getattr(self, one.name)) for one in fields(self)]
        if not all(0 <= weight <= LARGEST_WEIGHT for weight in every) or not sum(every[:-1]) > 0:
            raise ValueError("weights are between 0 and 1000, and not all zero")

    @property
    def shares(self) -> tuple[float, ...]:
        """What each factor's value is multiplied by, in the order of `FactorName`: nine that sum to one, and
        what is taken away for a unit of shadow price."""
        every = [float(getattr(self, name)) for name in FactorName]
        total = fsum(every[:-1])
        return *(weight / total for weight in every[:-1]), -every[-1]

    @property
    def version(self) -> str:
        """The same for the same formulae and proportions, anywhere and at any time."""
        return f"{FORMULA}-{sha256(repr(self.shares).encode()).hexdigest()[:12]}"


@dataclass(frozen=True, slots=True)
class Frame:
    """What the features of all teams are measured by: of the order, and of the center at that moment."""

    required: int
    on_site: bool
    possible: int
    mean_recent: int
    wishes: int


@dataclass(frozen=True, eq=False, slots=True)
class Features:
    """Whole numbers, int[M] each, of M teams; what they are is said in `Frame`, columns.py and here.

    `level_sum` over the required specialties; `besides` other specialties, `kin` those of them that are related
    to a required one; `metres` and `minutes` of travel; `starts` of the possible half hours; `open_work` orders in
    hand; `times` this beneficiary was served, with `stars` in all; `recent` services of 30 days; `wishes` met;
    `price` in permille.
    """

    level_sum: Column
    besides: Column
    kin: Column
    metres: Column
    minutes: Column
    starts: Column
    open_work: Column
    capacity: Column
    reliability: Column
    times: Column
    stars: Column
    ring: Column
    recent: Column
    wishes: Column
    price: Column

    def take(self, positions: NDArray[Any]) -> "Features":
        return Features(*(getattr(self, name)[positions] for name in NAMES))

    @classmethod
    def of_nobody(cls) -> "Features":
        return cls(*[np.zeros(0, np.int64)] * len(NAMES))

    @classmethod
    def joined(cls, parts: Sequence["Features"]) -> "Features":
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in NAMES))

    def of(self, position: int) -> dict[str, int]:
        """One team's, as a receipt keeps them."""
        return {name: int(getattr(self, name)[position]) for name in NAMES}


NAMES: Final = tuple(one.name for one in fields(Features))


def scores(features: Features, frame: Frame, weights: Weights) -> Values:
    """float64[M]: the contributions added up in the order of `FactorName`."""
    total = np.zeros(len(features.ring))
    for measure, share in zip(FACTORS.values(), weights.shares, strict=True):
        total += measure(features, frame) * share
    return total


def values(features: Features, frame: Frame) -> Values:
    """float64[10, M]: every factor, in the order of `FactorName`."""
    every = np.empty((len(FACTORS), len(features.ring)))
    for row, measure in zip(every, FACTORS.values(), strict=True):
        row[:] = measure(features, frame)
    return every


def _specialty(of: Features, frame: Frame) -> Values | float:
    """Mostly how good the team is at what is required; a little what it can do besides, related things first,
    since homes hold surprises."""
    if not frame.required:
        return 1.0
    depth = of.level_sum / (TOP_LEVEL * frame.required)
    return np.asarray(
        0.75 * depth
        + 0.15 * (np.minimum(of.kin, ENOUGH) / ENOUGH)
        + 0.10 * (np.minimum(of.besides, ENOUGH) / ENOUGH)
    )


def _location(of: Features, frame: Frame) -> Values | float:
    if not frame.on_site:
        return 1.0
    return np.asarray(CIRCLE_MINUTES / (CIRCLE_MINUTES + of.minutes))


def _availability(of: Features, frame: Frame) -> Values:
    """Slack: of all the times at which the whole service could start, the part at which this team can."""
    return np.asarray(of.starts / max(frame.possible, 1))


def _load(of: Features, _: Frame) -> Values:
    """1 with nothing in hand, a half with as many orders as the team serves at once, and so on down."""
    capacity = np.maximum(of.capacity, 1)
    return np.asarray(capacity / (capacity + of.open_work))


def _reliability(of: Features, _: Frame) -> Values:
    return np.asarray(of.reliability / 10_000)


def _continuity(of: Features, _: Frame) -> Values:
    """How this beneficiary liked the team's earlier services; 0 for who was never there."""
    return np.asarray(of.stars / (5 * np.maximum(of.times, 1)))


def _affinity(of: Features, _: Frame) -> Values:
    """Own station first (S5.7)."""
    return np.asarray((Ring.LENT - of.ring.astype(np.int64)) / int(Ring.LENT))


def _fairness(of: Features, frame: Frame) -> Values:
    """Who served less of late, so that all teams grow: 1 for none, about a half for the center's mean."""
    mean = frame.mean_recent + 1000
    return np.asarray(mean / (mean + 1000 * of.recent.astype(np.int64)))


def _wish(of: Features, frame: Frame) -> Values | float:
    return np.asarray(of.wishes / frame.wishes) if frame.wishes else 1.0


def _scarcity(of: Features, _: Frame) -> Values:
    """The shadow price of the team's time: what is lost elsewhere when it is spent here."""
    return np.asarray(of.price / 1000)


FACTORS: Final[Mapping[FactorName, Callable[[Features, Frame], Values | float]]] = {
    FactorName.SPECIALTY: _specialty,
    FactorName.LOCATION: _location,
    FactorName.AVAILABILITY: _availability,
    FactorName.LOAD: _load,
    FactorName.RELIABILITY: _reliability,
    FactorName.CONTINUITY: _continuity,
    FactorName.AFFINITY: _affinity,
    FactorName.FAIRNESS: _fairness,
    FactorName.WISH: _wish,
    FactorName.SCARCITY: _scarcity,
}
