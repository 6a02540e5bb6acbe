"""The tables on the terminal, narrow enough for eighty columns."""

from collections.abc import Callable, Sequence
from math import isnan
from typing import Final

from rich.table import Table

from app.lab.comparison import Run, Trial
from app.lab.measures import Measures
from app.lab.outcome import END_ZH, End
from app.lab.sensitivity import Row

FIGURES: Final[tuple[tuple[str, Callable[[Measures], str]], ...]] = (
    ("服务率", lambda of: percent(of.served)),
    ("接单率", lambda of: percent(of.accepted)),
    ("中位等待", lambda of: waiting(of.wait_median)),
    ("九成等待", lambda of: waiting(of.wait_p90)),
    ("平均行程", lambda of: number(of.travel_km, "{:.1f}公里")),
    ("负担基尼", lambda of: f"{of.gini:.2f}"),
    ("每单通知", lambda of: f"{of.asked_per_service:.1f}"),
    ("弱势服务率", lambda of: percent(of.vulnerable_served)),
    ("弱势按时率", lambda of: percent(of.vulnerable_in_time)),
    ("满意度", lambda of: number(of.stars, "{:.2f}星")),
)


def results(trial: Trial, runs: Sequence[Run]) -> Table:
    """A row a figure, a column a policy; below, why orders were not served."""
    county = trial.county
    title = (
        f"政策试验：{county.demand.size:,}单 · {county.teams:,}支队伍 · {county.days}天 · 种子{trial.seed}"
    )
    table = Table("指标", title=title)
    for run in runs:
        table.add_column(run.short, justify="right")
    for name, told in FIGURES:
        table.add_row(name, *(told(run.measures) for run in runs))
    table.add_section()
    for end, name in END_ZH.items():
        if end is not End.SERVED:
            table.add_row(name, *(percent(run.measures.unserved[end.name.lower()]) for run in runs))
    return table


def sensitivities(found: Sequence[Row]) -> Table:
    table = Table("假设", "倍数", title="敏感性：服务率 / 每单通知")
    for run in found[0].runs if found else ():
        table.add_column(run.short, justify="right")
    for row in found:
        cells = [f"{percent(run.measures.served)} / {run.measures.asked_per_service:.1f}" for run in row.runs]
        table.add_row(row.name_zh, f"×{row.factor:g}", *cells)
    return table


def percent(share: float) -> str:
    return f"{share:.1%}"


def waiting(hours: float) -> str:
    if isnan(hours):
        return "—"
    return f"{hours:.1f}小时" if hours >= 1 else f"{hours * 60:.0f}分钟"


def number(value: float, form: str) -> str:
    return "—" if isnan(value) else form.format(value)
