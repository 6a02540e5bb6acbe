"""Why this team, in one sentence for who is concerned, out of the receipt (PIPL Art. 24)."""

from collections.abc import Mapping
from typing import Any, Final

from app.domain.matching.score import FactorName, Weights

FACTOR_ZH: Final = {
    FactorName.SPECIALTY: "专长合适",
    FactorName.LOCATION: "离得近",
    FactorName.AVAILABILITY: "时间合适",
    FactorName.LOAD: "手头任务不多",
    FactorName.RELIABILITY: "守约可靠",
    FactorName.CONTINUITY: "以前服务过",
    FactorName.AFFINITY: "常办同类事项",
    FactorName.FAIRNESS: "轮到这支队伍",
    FactorName.WISH: "合乎居民的愿望",
    FactorName.SCARCITY: "其他地方此时不急需",
}
NOBODY: Final = "还没有服务队接单"
POOL: Final = "本单开放抢单，这支队伍最先应答"
STANDBY: Final = "这支队伍是本单的候补"
BY_HAND: Final = "程序的排序只是建议，工作人员按实际情况选定了这支队伍"
TOLD: Final = 2
"""So many factors are named: those that counted most."""


def why(receipt: Mapping[str, Any]) -> str:
    """The sentence for the team that was chosen, about no other; of an offer that was not ranked, how it came
    about.
    """
    modes = {"pool": POOL, "standby": STANDBY}
    chosen, teams = receipt.get("chosen"), receipt.get("teams")
    if chosen is None or not teams:
        return modes.get(str(receipt.get("mode")), BY_HAND)
    if teams[0]["id"] != chosen:
        return BY_HAND
    shares = Weights(**receipt["weights"]).shares
    worths = [share * value for share, value in zip(shares, teams[0]["factors"], strict=True)]
    counted = sorted(zip(FactorName, worths, strict=True), key=lambda one: -one[1])
    reasons = "、".join(FACTOR_ZH[name] for name, worth in counted[:TOLD] if worth > 0)
    return f"程序按专长、距离、时间等因素排序，这支队伍排在第一，主要因为{reasons}；如有异议，可请工作人员另行安排"
