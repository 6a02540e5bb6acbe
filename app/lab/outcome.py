"""How each order of a replay ended, exactly once, and what it took."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class End(IntEnum):
    """Why an order was not served; SERVED when it was."""

    OPEN = 0
    SERVED = 1
    NO_TEAM = 2
    NOT_REACHED = 3
    REFUSED = 4
    TIME_UP = 5
    DROPPED = 6


END_ZH = {
    End.SERVED: "已服务",
    End.NO_TEAM: "无队可派",
    End.NOT_REACHED: "来不及派单",
    End.REFUSED: "都未应允",
    End.TIME_UP: "等到过时",
    End.DROPPED: "退单或爽约",
}


@dataclass(eq=False)
class Outcome:
    """By order: `end`, the serving `team` (-1), its first half hour `start`, the minute `accepted` (-1) of the
    promise that was kept, `ever_accepted`, `asked` requests sent. `load` are services kept by team."""

    end: NDArray[np.int8]
    team: NDArray[np.int32]
    start: NDArray[np.int64]
    accepted: NDArray[np.int64]
    ever_accepted: NDArray[np.bool_]
    asked: NDArray[np.int32]
    metres: NDArray[np.int64]
    load: NDArray[np.int64]
    stars: NDArray[np.int8]

    @classmethod
    def blank(cls, orders: int, teams: int) -> "Outcome":
        return cls(
            end=np.zeros(orders, np.int8),
            team=np.full(orders, -1, np.int32),
            start=np.full(orders, -1, np.int64),
            accepted=np.full(orders, -1, np.int64),
            ever_accepted=np.zeros(orders, np.bool_),
            asked=np.zeros(orders, np.int32),
            metres=np.zeros(orders, np.int64),
            load=np.zeros(teams, np.int64),
            stars=np.zeros(orders, np.int8),
        )
