"""How much the comparison depends on each assumption about people, and on how much there is to do for how many."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Final

from app.lab.comparison import Run, Trial
from app.lab.county import generate
from app.lab.habits import Habits

FACTORS: Final = (0.5, 2.0)

HABIT_ZH: Final = {
    "willing": "意愿（应允几率）",
    "eagerness": "队伍间的差异",
    "distance": "距离的影响",
    "fit": "专长的影响",
    "tired": "疲劳的影响",
    "tired_days": "疲劳的消退",
    "unread": "未读比例",
    "numb": "通知疲劳",
    "numb_days": "通知疲劳的消退",
    "night": "夜间听见的比例",
    "delay": "答复耗时",
    "delay_spread": "答复耗时的差异",
    "release": "退单比例",
    "no_show": "爽约比例",
    "unreliable": "冷淡队伍更不可靠",
}
COUNTY_ZH: Final = {"orders": "订单数", "teams": "队伍数"}


@dataclass(frozen=True, slots=True)
class Row:
    """What was changed, by which factor (1: nothing), and what then came of each policy."""

    name: str
    factor: float
    runs: tuple[Run, ...]

    @property
    def name_zh(self) -> str:
        return (HABIT_ZH | COUNTY_ZH).get(self.name, "基准")


def changes() -> tuple[tuple[str, float], ...]:
    named = [one.name for one in fields(Habits)] + list(COUNTY_ZH)
    return ("", 1.0), *((name, factor) for name in named for factor in FACTORS)


def rows(trial: Trial, tell: Callable[[str, float], None] = lambda name, factor: None) -> Iterator[Row]:
    """The trial as it is, and with each assumption halved and doubled, all else equal and nothing recalibrated."""
    for name, factor in changes():
        tell(name, factor)
        yield Row(name, factor, tuple(_changed(trial, name, factor).runs()))


def _changed(trial: Trial, name: str, factor: float) -> Trial:
    if name in HABIT_ZH:
        return replace(trial, habits=trial.habits.changed(name, factor))
    if name in COUNTY_ZH:
        figures = {"orders": trial.county.demand.size, "teams": trial.county.teams}
        figures[name] = round(figures[name] * factor)
        return replace(trial, county=generate(trial.seed, days=trial.county.days, **figures))
    return trial
