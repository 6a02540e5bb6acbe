"""A plan of the queue: who serves what and when, and how near it is to the best that any plan could be."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.domain.planning.problem import Ints

Remaining = Callable[[], float]
"""Seconds left. Planning asks it in every loop and never sees a clock; the caller makes one."""

NOBODY: Final = -1


class Reason(IntEnum):
    """Why an order is not in the plan; SERVED when it is."""

    SERVED = 0
    NO_TEAM = 1
    NO_TIME = 2
    NO_CAPACITY = 3
    LOST_TO_MORE_URGENT = 4
    NOT_REACHED = 5


REASONS_ZH: Final = {
    Reason.SERVED: "已安排",
    Reason.NO_TEAM: "没有符合条件的队伍",
    Reason.NO_TIME: "符合条件的队伍在约定时段内都没有足够的连续空闲",
    Reason.NO_CAPACITY: "符合条件的队伍在约定时段内已排满或时间冲突",
    Reason.LOST_TO_MORE_URGENT: "可用队伍已安排给更紧急或等候更久的订单",
    Reason.NOT_REACHED: "排班时间用完，尚未排到",
}


@dataclass(frozen=True, eq=False, slots=True)
class Plan:
    """`team` int64[N] and `start` int64[N] (half hour) of each order, -1 where unserved; `reason` int8[N].

    `objective` is the sum of worth and score over what is served, `bound` a number that no plan can exceed.
    `proven`: the two are equal. `partial`: time ran out before the method was through; what is planned is
    sound all the same. `prices` int32[M, days]: what one more place on that day of that team would be missed
    for, in permille of the worth of serving one normal order.
    """

    team: Ints
    start: Ints
    reason: NDArray[np.int8]
    objective: int
    bound: int
    proven: bool
    partial: bool
    prices: NDArray[np.int32]

    @property
    def served(self) -> int:
        return int((self.team >= 0).sum())

    @property
    def gap(self) -> float:
        """How far below the bound, as a share of it: 0 is the optimum."""
        return (self.bound - self.objective) / self.bound if self.bound else 0.0
