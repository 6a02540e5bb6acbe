"""The factors of one team in words that a dispatcher can read aloud, each with its number."""

from collections.abc import Mapping
from typing import Final

from app.domain.hours import DAY_SLOTS
from app.domain.matching.features import RING_ZH, TOP_LEVEL, Need, Ring
from app.domain.matching.freetime import MONDAY
from app.domain.matching.index import TRAVEL_SHIFT, TeamIndex
from app.domain.matching.score import Frame
from app.domain.matching.screen import skill_of
from app.domain.travel import TRAVEL_ZH, TravelMode

Told = Mapping[str, int]

WEEKDAYS: Final = "一二三四五六日"
LEVELS: Final = "一二三"
_PARTS: Final = ((0, 12, "凌晨"), (12, 24, "上午"), (24, 36, "下午"), (36, 48, "晚上"))
_MODES: Final = tuple(TRAVEL_ZH[mode] for mode in TravelMode)


def sentences(
    index: TeamIndex, need: Need, row: int, told: Told, frame: Frame, names: tuple[str, ...]
) -> tuple[str, ...]:
    """In the order of FactorName; `told` are the team's features, `names` the specialties'."""
    return (
        _specialty(index, need, row, told, names),
        _location(told, frame, int(index.flags[row]) >> TRAVEL_SHIFT),
        _availability(need, told, frame),
        _load(told),
        f"综合信用{told['reliability'] / 100:.0f}分（接单、准时、完成、评价）",
        _continuity(told),
        RING_ZH[Ring(told["ring"])],
        f"近30天服务{told['recent']}次，全中心队均{frame.mean_recent / 1000:.1f}次",
        _wish(told, frame),
        _scarcity(told),
    )


def window_zh(need: Need) -> str:
    """`周六上午`, `周六`, `期望时间内`: as short as it is still true."""
    end = need.first_slot + need.slots
    if not 0 < end <= DAY_SLOTS:
        return "期望时间内"
    weekday = f"周{WEEKDAYS[(need.first_day - MONDAY) % 7]}"
    return weekday + next((part for a, b, part in _PARTS if a <= need.first_slot and end <= b), "")


def far_zh(metres: int) -> str:
    return f"{metres}米" if metres < 1000 else f"{metres / 1000:.1f}".removesuffix(".0") + "公里"


def _specialty(index: TeamIndex, need: Need, row: int, told: Told, names: tuple[str, ...]) -> str:
    if not need.required:
        return "本单不限专长"
    held = []
    for column, proof in zip(need.required, need.needs_proof, strict=True):
        name, level = names[column], min(skill_of(index, row, column) & 3, TOP_LEVEL)
        paper = "" if name.endswith(("证", "证书")) else "资质"
        held.append(f"{f'持有{name}{paper}' if proof else f'擅长{name}'}（{LEVELS[level - 1]}级）")
    related = f"，其中{told['kin']}项相近" if told["kin"] else ""
    return "、".join(held) + (f"，另有{told['besides']}项专长{related}" if told["besides"] else "")


def _location(told: Told, frame: Frame, mode: int) -> str:
    if not frame.on_site:
        return "线上服务，不限距离"
    return f"距离{far_zh(told['metres'])}，{_MODES[mode]}约{told['minutes']}分钟"


def _availability(need: Need, told: Told, frame: Frame) -> str:
    return f"{window_zh(need)}{frame.possible}个可开始时段中有{told['starts']}个空闲"


def _load(told: Told) -> str:
    work = f"在办{told['open_work']}单" if told["open_work"] else "暂无在办任务"
    return f"{work}，同一时段可承接{told['capacity']}单"


def _continuity(told: Told) -> str:
    if not told["times"]:
        return "未曾服务过这位服务对象"
    return f"曾为这位服务对象服务{told['times']}次，平均{told['stars'] / told['times']:.1f}分"


def _wish(told: Told, frame: Frame) -> str:
    return f"满足{frame.wishes}项意愿中的{told['wishes']}项" if frame.wishes else "没有特别的意愿"


def _scarcity(told: Told) -> str:
    if not told["price"]:
        return "该队时间不紧缺"
    return f"该队时间紧缺：占用它，其他订单约少完成{told['price'] / 1000:.2f}单"
