"""How long a team is on the way, so that one that only has a bicycle is not planned like one that drives.

Rough on purpose: nobody's road map is needed, and the same figures come out on every machine. Speeds are what a
town allows, doors included; a road is 1.3 times the straight line.
"""

from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray


class TravelMode(StrEnum):
    """What the team usually comes by. Its place in this list is its number in arrays."""

    WALK = "walk"
    EBIKE = "ebike"
    CAR = "car"


TRAVEL_ZH: Final = {TravelMode.WALK: "步行", TravelMode.EBIKE: "电动车", TravelMode.CAR: "汽车"}
NUMBER: Final = {mode: number for number, mode in enumerate(TravelMode)}

DETOUR_TENTHS: Final = 13
METRES_PER_HOUR: Final = np.array([5_000, 18_000, 30_000], np.int64)
PARKING_MINUTES: Final = np.array([0, 0, 5], np.int64)


def minutes(metres: NDArray[np.integer], mode: NDArray[np.integer]) -> NDArray[np.int32]:
    """Whole minutes, rounded up, for straight lines of `metres` (≥ 0) by the modes numbered `mode`.

    The two are laid against each other as numpy does. Who is there already neither travels nor parks: 0.
    """
    line = np.asarray(metres, np.int64)
    minutes_in_tenths = line * (60 * DETOUR_TENTHS)
    on_the_road = -(-minutes_in_tenths // (10 * METRES_PER_HOUR[mode]))
    return np.where(line > 0, on_the_road + PARKING_MINUTES[mode], 0).astype(np.int32)
