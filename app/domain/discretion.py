"""How much of who and where is shown at first: enough to work with, too little to go there (PIPL Art. 6, 51)."""

import re
from enum import StrEnum
from typing import Final

from app.domain.roles import Role

LOOKED_ZH: Final = {
    Role.VOLUNTEER: "上门的志愿者",
    Role.TEAM_LEADER: "服务队队长",
    Role.DISPATCHER: "调度员",
    Role.GRID_WORKER: "网格员",
}
"""As what somebody had the contacts shown, in the words of whom they belong to."""
GRID: Final = 0.005
"""Degrees: about 500 m in China, so that a point stands for a neighbourhood."""
_HIDDEN: Final = "**"
_ROOM: Final = re.compile(r"\d|[一二三四五六七八九十百]+[栋幢座号单室楼组户弄]")
_COMMUNITY: Final = re.compile(r"街道|社区|小区|花园|家园|公寓|新村|[村寨屯苑园路街巷]")
_DISTRICT: Final = re.compile(r"[省市区县镇乡]|街道")
_STREET_OFFICE: Final = "街道"


class Sight(StrEnum):
    """Of who and where: everything, what masks leave, or nothing."""

    WHOLE = "whole"
    MASKED = "masked"
    HIDDEN = "hidden"


def masked_name(name: str) -> str:
    """`张阿婆` → `张**`: how long the name is, is not told either; of a single character nothing is."""
    return name[:1] + _HIDDEN if len(name) > 1 else _HIDDEN * bool(name)


def community(address: str) -> str:
    """The address as far as the community: `松岭社区3栋201` → `松岭社区`; nothing where it names none.

    A house number ends what may be shown, whatever stands before it; a street office is passed over for the
    community behind it.
    """
    room = _ROOM.search(address)
    open_part = address[: room.start()] if room else address
    found = [one for one in _COMMUNITY.finditer(open_part) if one[0] != _STREET_OFFICE]
    if found:
        return open_part[: found[0].end()]
    districts = list(_DISTRICT.finditer(open_part))
    return open_part[: districts[-1].end()] if districts else ""


def neighbourhood(lat: float, lon: float) -> tuple[float, float]:
    """The nearest crossing of a grid of about 500 m, in the same degrees."""
    return round(round(lat / GRID) * GRID, 3), round(round(lon / GRID) * GRID, 3)
