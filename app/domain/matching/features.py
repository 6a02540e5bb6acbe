"""What the matching core is told, as arrays over the N teams of one center, in the order of their ids.

Three tables by how often they change: `TeamTable` when a team is edited, `Need` once for an order, `Moment`
by the minute. The first can be kept, the last must be read anew. Rows answer to rows; nothing here knows an
id, a clock or a database.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import isfinite
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.signedinteger[Any]]
Bools = NDArray[np.bool_]
Rows = NDArray[np.intp]

TOP_LEVEL: Final = 3
"""The best level of a specialty; 0 is not having it."""

NO_DAY: Final = -1
"""No proof, no insurance."""

NO_END: Final = 2**31 - 1
"""A proof that does not run out."""

_EPOCH: Final = date(1970, 1, 1).toordinal()


def day_number(day: date) -> int:
    """Days since 1970-01-01, the unit of every date here."""
    return day.toordinal() - _EPOCH


class Exclusion(StrEnum):
    """Why a team cannot be offered an order, in the order in which the conditions are tried."""

    OUT_OF_SCOPE = "out_of_scope"
    INACTIVE = "inactive"
    DECLINED_BEFORE = "declined_before"
    MISSING_SPECIALTY = "missing_specialty"
    PROOF_MISSING = "proof_missing"
    TOO_FAR = "too_far"
    MINORS_AT_RISK = "minors_at_risk"
    NOT_INSURED = "not_insured"
    NO_FREE_TIME = "no_free_time"
    NO_CAPACITY = "no_capacity"


EXCLUSION_ZH: Final = {
    Exclusion.OUT_OF_SCOPE: "不在本级派单范围内",
    Exclusion.INACTIVE: "队伍已停用",
    Exclusion.DECLINED_BEFORE: "已婉拒过本单",
    Exclusion.MISSING_SPECIALTY: "缺少所需专长",
    Exclusion.PROOF_MISSING: "缺少服务当日有效的资质证明",
    Exclusion.TOO_FAR: "服务地点超出服务半径",
    Exclusion.MINORS_AT_RISK: "风险服务须全员成年",
    Exclusion.NOT_INSURED: "风险服务须在服务当日已投保",
    Exclusion.NO_FREE_TIME: "期望时间内没有足够的连续空闲",
    Exclusion.NO_CAPACITY: "期望时间内的空闲已排满",
}


@dataclass(frozen=True, eq=False, slots=True)
class TeamTable:
    """N teams against S specialties; degrees, kilometres, levels 0-3, days since 1970.

    A proof or an insurance holds through its last day; NO_DAY is none, NO_END one that does not run out.
    `capacity` is how many orders a team serves in the same half hour. Raises ValueError when rows do not
    answer to rows or a place is not a number.
    """

    lat: Floats
    lon: Floats
    radius_km: Floats
    level: Ints
    proof_until: Ints
    active: Bools
    adults_only: Bools
    insured_until: Ints
    capacity: Ints

    def __post_init__(self) -> None:
        flat = self.lon, self.radius_km, self.active, self.adults_only, self.insured_until, self.capacity
        if any(column.shape != (self.size,) for column in flat):
            raise ValueError("a column of the team table has another length")
        if self.level.shape != self.proof_until.shape or self.level.shape[:1] != (self.size,):
            raise ValueError("levels and proofs are not teams by specialties")
        if not all(np.isfinite(column).all() for column in (self.lat, self.lon, self.radius_km)):
            raise ValueError("a team's place or radius is not a number")

    @property
    def size(self) -> int:
        return len(self.lat)

    def levels(self, rows: Rows, columns: tuple[int, ...]) -> Ints:
        """`level` of some teams at some specialties: int[rows, columns]."""
        return self.level[rows[:, np.newaxis], np.array(columns, np.intp)]

    def proofs(self, rows: Rows, columns: tuple[int, ...]) -> Ints:
        """`proof_until` of some teams at some specialties: int[rows, columns]."""
        return self.proof_until[rows[:, np.newaxis], np.array(columns, np.intp)]


@dataclass(frozen=True, slots=True)
class Need:
    """What one order asks for.

    `required` are columns of the specialties, each with whether the law or the menu asks for proof (条例 Art.
    16). `place` is (lat, lon), None online. `day` is the last of the window, in days since 1970. The service
    takes `duration_slots` half hours without a break. `risky` work is for insured adults (条例 Art. 15, 17).
    """

    required: tuple[int, ...]
    needs_proof: tuple[bool, ...]
    place: tuple[float, float] | None
    day: int
    duration_slots: int
    risky: bool

    def __post_init__(self) -> None:
        if len(self.required) != len(self.needs_proof) or min(self.required, default=0) < 0:
            raise ValueError("each required specialty is a column that says whether it needs proof")
        if self.duration_slots < 1:
            raise ValueError("a service takes at least one half hour")
        if self.place is not None and not all(map(isfinite, self.place)):
            raise ValueError("the place is not a number")

    @property
    def proven(self) -> tuple[int, ...]:
        """The required specialties of which a proof must be in date."""
        return tuple(column for column, proof in zip(self.required, self.needs_proof, strict=True) if proof)


@dataclass(frozen=True, eq=False, slots=True)
class Moment:
    """How the same N teams stand now towards this order, whose window has W half hours.

    `on_duty` is their availability, bool[N, W]; `free` the capacity left, 0 where not available, int[N, W].
    Both are told, because "not available" and "taken" are different answers. `open_work` counts the orders in
    hand. `in_scope` is whose offers this dispatcher may make.
    """

    on_duty: Bools
    free: Ints
    open_work: Ints
    declined: Bools
    in_scope: Bools

    def __post_init__(self) -> None:
        size = (len(self.open_work),)
        if self.on_duty.ndim != 2 or self.on_duty.shape != self.free.shape or self.free.shape[:1] != size:
            raise ValueError("free time is not teams by half hours")
        if self.declined.shape != size or self.in_scope.shape != size:
            raise ValueError("a column of the moment has another length")

    @property
    def size(self) -> int:
        return len(self.open_work)

    def room(self, rows: Rows) -> Bools:
        """bool[rows, W]: whether some teams are available and not yet full."""
        return self.on_duty[rows] & (self.free[rows] > 0)
