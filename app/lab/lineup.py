"""The policies, by the names of the command line, and what people call them."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from app.lab.desk import Policy
from app.lab.office import FirstCome, WellInformed
from app.lab.ours_plan import ByPlan
from app.lab.ours_rank import ByRank
from app.lab.simple import Broadcast, Nearest, Random

POLICIES: Final[Mapping[str, Callable[[], Policy]]] = MappingProxyType(
    {one.name: one for one in (FirstCome, WellInformed, Nearest, Random, Broadcast, ByRank, ByPlan)}
)

USUAL: Final = tuple(name for name in POLICIES if name != WellInformed.name)
"""The six that are compared unless others are named."""

POLICY_ZH: Final[Mapping[str, str]] = MappingProxyType(
    {
        "first_come": "人工先到先派",
        "well_informed": "人工（熟知全县）",
        "nearest": "就近派单",
        "random": "随机派单",
        "broadcast": "抢单（全员通知）",
        "rank": "四单·逐单排序",
        "plan": "四单·整队规划",
    }
)

SHORT_ZH: Final[Mapping[str, str]] = MappingProxyType(
    {
        "first_come": "人工",
        "well_informed": "熟知全县",
        "nearest": "就近",
        "random": "随机",
        "broadcast": "抢单",
        "rank": "四单排序",
        "plan": "四单规划",
    }
)


def chosen(names: str) -> tuple[str, ...]:
    """The policies named in a list with commas, in the order of the line-up. Raises ValueError on unknown ones."""
    asked = {name.strip() for name in names.split(",") if name.strip()}
    if unknown := sorted(asked - set(POLICIES)):
        raise ValueError(", ".join(unknown))
    return tuple(name for name in POLICIES if name in asked)
