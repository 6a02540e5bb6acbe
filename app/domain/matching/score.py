"""How well a team that may serve would serve: factors in [0, 1], each with a sentence that can be read aloud.

The formulae are proposals; what a center tunes are their weights. Automated decisions must be explained
(PIPL Art. 24), so nothing enters the score that has no sentence.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from math import fsum, inf
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.domain.matching.features import TOP_LEVEL, Moment, Need, Rows, TeamTable
from app.domain.matching.screen import Shortlist

Values = NDArray[np.float64]

FORMULA: Final = "4f1"
"""Names the formulae below; change it with any of them, so that an old score is never taken for a new one."""

DEPTH, BREADTH = 0.8, 0.2
ENOUGH_BESIDES: Final = 3
"""Specialty is mostly how good the team is at what is required (mean level), and a little what it can do
besides, since homes hold surprises; three more specialties are as good as ten."""


class FactorName(StrEnum):
    SPECIALTY = "specialty"
    LOCATION = "location"
    AVAILABILITY = "availability"
    LOAD = "load"


@dataclass(frozen=True, slots=True)
class Weights:
    """What each factor counts; only proportions matter. Raises ValueError unless they can be normalised."""

    specialty: float = 0.35
    location: float = 0.30
    availability: float = 0.20
    load: float = 0.15

    def __post_init__(self) -> None:
        raw = _raw(self)
        if min(raw) < 0 or not 0 < sum(raw) < inf:
            raise ValueError("weights are finite, not negative and not all zero")

    @property
    def shares(self) -> tuple[float, ...]:
        """The weights in the order of `FactorName`, summing to one."""
        raw = _raw(self)
        total = fsum(raw)
        return tuple(weight / total for weight in raw)

    @property
    def version(self) -> str:
        """The same for the same formulae and proportions, anywhere and at any time."""
        return f"{FORMULA}-{sha256(repr(self.shares).encode()).hexdigest()[:12]}"


def _raw(weights: Weights) -> tuple[float, ...]:
    return weights.specialty, weights.location, weights.availability, weights.load


@dataclass(frozen=True, eq=False, slots=True)
class Case:
    """One order before the teams that passed its hard conditions: all that a factor may look at."""

    table: TeamTable
    need: Need
    moment: Moment
    shortlist: Shortlist
    specialties: tuple[str, ...]


def values(case: Case) -> Values:
    """float64[F, M]: every factor, in the order of `FactorName`, of every team on the shortlist."""
    return np.stack([measure(case) for measure, _ in _FACTORS.values()])


def sentences(case: Case, position: int) -> tuple[str, ...]:
    """The factors of one team of the shortlist in words, in the order of `FactorName`."""
    return tuple(say(case, position) for _, say in _FACTORS.values())


def _specialty(case: Case) -> Values:
    if not case.need.required:
        return np.ones(len(case.shortlist.rows))
    level = np.minimum(case.table.levels(case.shortlist.rows, case.need.required), TOP_LEVEL)
    depth = level.sum(axis=1) / (TOP_LEVEL * len(case.need.required))
    breadth = np.minimum(_besides(case, case.shortlist.rows), ENOUGH_BESIDES) / ENOUGH_BESIDES
    return np.asarray(DEPTH * depth + BREADTH * breadth)


def _say_specialty(case: Case, position: int) -> str:
    if not case.need.required:
        return "本单不限专长"
    row = case.shortlist.rows[position]
    held = []
    for column, proof in zip(case.need.required, case.need.needs_proof, strict=True):
        name, level = case.specialties[column], min(int(case.table.level[row, column]), TOP_LEVEL)
        paper = "" if name.endswith(("证", "证书")) else "资质"
        held.append(f"{f'持有{name}{paper}' if proof else f'擅长{name}'}（{'一二三'[level - 1]}级）")
    besides = int(_besides(case, case.shortlist.rows[position : position + 1])[0])
    return "、".join(held) + (f"，另有{besides}项专长" if besides else "")


def _besides(case: Case, rows: Rows) -> NDArray[np.intp]:
    """How many specialties each team has beyond those required."""
    held = np.count_nonzero(case.table.level[rows], axis=1)
    return np.asarray(held - len(set(case.need.required)))


def _location(case: Case) -> Values:
    radius = case.table.radius_km[case.shortlist.rows].astype(np.float64)
    part = np.divide(case.shortlist.distance_km, radius, out=np.zeros(len(radius)), where=radius > 0)
    return np.asarray(1 - np.minimum(part, 1.0))


def _say_location(case: Case, position: int) -> str:
    if case.need.place is None:
        return "线上服务，不限距离"
    radius = float(case.table.radius_km[case.shortlist.rows[position]])
    return f"距离{_far(float(case.shortlist.distance_km[position]))}，在{_far(radius)}服务半径内"


def _far(km: float) -> str:
    return f"{km * 1000:.0f}米" if km < 1 else f"{km:.1f}".removesuffix(".0") + "公里"


def _availability(case: Case) -> Values:
    """Slack: of all the times at which the whole service could start, the part at which this team can."""
    starts = case.shortlist.starts
    return np.asarray(np.count_nonzero(starts, axis=1) / max(starts.shape[1], 1))


def _say_availability(case: Case, position: int) -> str:
    return f"窗口内有{np.count_nonzero(case.shortlist.starts[position])}个时段可开始服务"


def _load(case: Case) -> Values:
    """1 with nothing in hand, a half with as many orders as the team serves at once, and so on down."""
    capacity = np.maximum(case.table.capacity[case.shortlist.rows], 1).astype(np.float64)
    return np.asarray(capacity / (capacity + np.maximum(case.moment.open_work[case.shortlist.rows], 0)))


def _say_load(case: Case, position: int) -> str:
    row = case.shortlist.rows[position]
    work = int(case.moment.open_work[row])
    return (
        f"{f'在办{work}单' if work > 0 else '暂无在办任务'}，同一时段可承接{int(case.table.capacity[row])}单"
    )


_FACTORS: Final[Mapping[FactorName, tuple[Callable[[Case], Values], Callable[[Case, int], str]]]] = {
    FactorName.SPECIALTY: (_specialty, _say_specialty),
    FactorName.LOCATION: (_location, _say_location),
    FactorName.AVAILABILITY: (_availability, _say_availability),
    FactorName.LOAD: (_load, _say_load),
}
