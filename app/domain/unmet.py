"""未能满足: why nobody could help, in words for the resident and in a code for whoever plans the teams.

志愿服务条例 Art. 22: whoever cannot be served is told so, with the reason.
"""

from collections.abc import Mapping
from enum import StrEnum

from app.domain.matching.features import Exclusion


class UnmetReason(StrEnum):
    NO_SKILL = "no_skill"
    NOT_NEAR = "not_near"
    NOT_FIT = "not_fit"
    NO_TIME = "no_time"
    REFUSED = "refused"
    TIME_UP = "time_up"
    DECIDED = "decided"


UNMET_ZH: Mapping[UnmetReason, str] = {
    UnmetReason.NO_SKILL: "本中心目前没有具备所需专长的服务队",
    UnmetReason.NOT_NEAR: "附近没有能够到达的服务队",
    UnmetReason.NOT_FIT: "附近的服务队不符合本单的资质或要求",
    UnmetReason.NO_TIME: "符合条件的服务队在您期望的时间都没有空闲",
    UnmetReason.REFUSED: "已逐级询问的服务队都未能前往",
    UnmetReason.TIME_UP: "期望时间已到，仍没有服务队能够前往，您可以另约时间重新点单",
    UnmetReason.DECIDED: "经工作人员核实，目前没有可以调配的力量",
}

_MISSED = {
    UnmetReason.NO_TIME: {Exclusion.NO_FREE_TIME, Exclusion.NO_CAPACITY},
    UnmetReason.NOT_FIT: set(Exclusion)
    - {
        *(Exclusion.NO_FREE_TIME, Exclusion.NO_CAPACITY, Exclusion.MISSING_SPECIALTY, Exclusion.TOO_FAR),
        *(Exclusion.OUT_OF_SCOPE, Exclusion.INACTIVE),
    },
    UnmetReason.NOT_NEAR: {Exclusion.TOO_FAR, Exclusion.OUT_OF_SCOPE},
}


def why(excluded: Mapping[Exclusion, int], asked: int, *, late: bool) -> UnmetReason:
    """The nearest miss: whoever was asked, else whoever was kept from it only by time, by a condition, by distance.

    `excluded` counts teams by the first condition they failed, `asked` those that were offered the order.
    """
    if late:
        return UnmetReason.TIME_UP
    if asked:
        return UnmetReason.REFUSED
    for reason, missed in _MISSED.items():
        if any(excluded.get(one) for one in missed):
            return reason
    return UnmetReason.NO_SKILL
