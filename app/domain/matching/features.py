"""What the matching core is told of one order and of the minute, and the words for its answers.

Half hours, metres, days since 1970-01-01, rows of a TeamIndex. Nothing here knows a clock or a database.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum, StrEnum
from math import isfinite
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.domain.hours import DAY_SLOTS

Ints = NDArray[np.signedinteger[Any]]
Bools = NDArray[np.bool_]
Rows = NDArray[np.int32]

TOP_LEVEL: Final = 3
"""The best level of a specialty; 0 is not having it."""

NO_DAY: Final = -1
"""No proof, no insurance."""

NO_END: Final = 2**31 - 1
"""A proof that does not run out."""

LONGEST_WINDOW: Final = 31 * DAY_SLOTS
_EPOCH: Final = date(1970, 1, 1).toordinal()


def day_number(day: date) -> int:
    """Days since 1970-01-01, the unit of every date here."""
    return day.toordinal() - _EPOCH


def date_of(day: int) -> date:
    return date.fromordinal(day + _EPOCH)


class Exclusion(StrEnum):
    """Why a team cannot be offered an order, in the order in which the conditions are tried.

    What an index can answer for all teams at once comes first, what must be read by the minute last.
    """

    MISSING_SPECIALTY = "missing_specialty"
    TOO_FAR = "too_far"
    LEVEL_TOO_LOW = "level_too_low"
    PROOF_MISSING = "proof_missing"
    OUT_OF_SCOPE = "out_of_scope"
    INACTIVE = "inactive"
    DECLINED_BEFORE = "declined_before"
    BLOCKED = "blocked"
    MINORS_AT_RISK = "minors_at_risk"
    NOT_INSURED = "not_insured"
    NEEDS_TWO = "needs_two"
    GENDER = "gender"
    LANGUAGE = "language"
    NO_FREE_TIME = "no_free_time"
    NO_CAPACITY = "no_capacity"


EXCLUSION_ZH: Final = {
    Exclusion.MISSING_SPECIALTY: "缺少所需专长",
    Exclusion.TOO_FAR: "服务地点超出服务半径和服务区域",
    Exclusion.LEVEL_TOO_LOW: "专长等级不够",
    Exclusion.PROOF_MISSING: "缺少服务当日有效的资质证明",
    Exclusion.OUT_OF_SCOPE: "不在本级派单范围内，所属站点也未开放共享",
    Exclusion.INACTIVE: "队伍已停用",
    Exclusion.DECLINED_BEFORE: "已婉拒过本单",
    Exclusion.BLOCKED: "不再派给这位服务对象",
    Exclusion.MINORS_AT_RISK: "风险服务须全员成年",
    Exclusion.NOT_INSURED: "风险服务须在服务当日已投保",
    Exclusion.NEEDS_TWO: "上门服务须两人同行，队伍人数不足",
    Exclusion.GENDER: "没有符合要求性别的队员",
    Exclusion.LANGUAGE: "没有会所需语言的队员",
    Exclusion.NO_FREE_TIME: "期望时间内没有足够的连续空闲",
    Exclusion.NO_CAPACITY: "期望时间内的空闲已排满",
}


class Ring(IntEnum):
    """How near a team's organisation stands to the order's (S5.7 镇村对接), nearest first."""

    OWN = 0
    STREET = 1
    CENTER = 2
    LENT = 3
    OUT = 4


RING_ZH: Final = {
    Ring.OWN: "本站队伍",
    Ring.STREET: "所（街道、乡镇）队伍",
    Ring.CENTER: "中心队伍",
    Ring.LENT: "邻近站点共享队伍",
    Ring.OUT: "未开放共享",
}


class Wish(IntEnum):
    """Who the resident would like to come; with `wish_must` nobody else may."""

    NONE = 0
    FEMALE = 1
    MALE = 2


@dataclass(frozen=True, slots=True)
class Need:
    """What one order asks for.

    `required` are columns of the specialties, each with its least level and whether the law or the menu asks
    for proof (条例 Art. 16). `place` is (lat, lon), None online. The window has `slots` half hours from
    `first_slot` of `first_day`; the service takes `duration_slots` of them without a break. `day` is the last
    of the window: papers must hold on it. `risky` work is for insured adults (条例 Art. 15, 17). `organisation` is
    the row of the tree where it was placed, `handler` the one whose whole subtree may be asked. `served` tells
    of teams that served this beneficiary before: row → (times, stars), a time without a rating counting as 3.
    Raises ValueError for what cannot be an order.
    """

    required: tuple[int, ...]
    levels: tuple[int, ...]
    needs_proof: tuple[bool, ...]
    place: tuple[float, float] | None
    organisation: int
    handler: int
    first_day: int
    first_slot: int
    slots: int
    duration_slots: int
    day: int
    risky: bool = False
    two: bool = False
    gender: Wish = Wish.NONE
    language: int = -1
    wish_must: bool = False
    declined: frozenset[int] = frozenset()
    blocked: frozenset[int] = frozenset()
    served: Mapping[int, tuple[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not len(self.required) == len(self.levels) == len(self.needs_proof):
            raise ValueError("each required specialty has a least level and says whether it needs proof")
        if len(set(self.required)) != len(self.required) or min(self.required, default=0) < 0:
            raise ValueError("a required specialty is a column, named once")
        if self.duration_slots < 1:
            raise ValueError("a service takes at least one half hour")
        if not (0 <= self.slots <= LONGEST_WINDOW and 0 <= self.first_slot < DAY_SLOTS):
            raise ValueError("a window begins within a day and lasts at most 31 days")
        if self.place is not None and not all(map(isfinite, self.place)):
            raise ValueError("the place is not a number")
        if self.place is not None and not (-90 <= self.place[0] <= 90 and -180 <= self.place[1] <= 180):
            raise ValueError("the place is not on the earth")

    @property
    def possible(self) -> int:
        """At how many half hours of the window the service could begin."""
        return max(0, self.slots - self.duration_slots + 1)

    @property
    def days(self) -> range:
        """The days that the window touches."""
        return range(self.first_day, self.first_day + -(-(self.first_slot + self.slots) // DAY_SLOTS))

    @property
    def wishes(self) -> int:
        return (self.gender is not Wish.NONE) + (self.language >= 0)


@dataclass(frozen=True, eq=False, slots=True)
class Work:
    """What changes by the minute, of M teams: orders in hand, int[M], and taken half hours, int[M, slots].

    `slot_price`, int[M, slots] or None for none, is what a plan loses when the half hour is spent on this order
    (permille, planning/losses.py); it is 0 where the plan leaves room.
    Raises ValueError for what is no count: a NaN would sort before every score.
    """

    open_work: Ints
    taken: Ints
    slot_price: Ints | None = None

    def __post_init__(self) -> None:
        if self.open_work.ndim != 1 or self.taken.ndim != 2 or len(self.open_work) != len(self.taken):
            raise ValueError("each team has its orders in hand and its taken half hours")
        if not {self.open_work.dtype.kind, self.taken.dtype.kind} <= set("iu"):
            raise ValueError("work is counted in whole numbers")
        if self.open_work.min(initial=0) < 0:
            raise ValueError("nobody has less than no order in hand")
        priced = self.slot_price
        if priced is not None and (priced.shape != self.taken.shape or priced.min(initial=0) < 0):
            raise ValueError("each half hour has a price, and it is not negative")


Standing = Callable[[Rows], Work]
"""Reads the work of the few teams that matter. It is asked for a row at most once."""
