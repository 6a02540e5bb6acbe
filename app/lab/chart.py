"""The comparison as a picture: a panel a figure, a bar a policy, in SVG that any browser or office suite shows."""

from collections.abc import Callable, Sequence
from math import isnan
from typing import Final, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from app.lab.board import percent, waiting
from app.lab.comparison import RANKING, Run, Trial
from app.lab.measures import Measures

WIDTH: Final = 1080
COLUMNS: Final = 2
LABELS: Final = 170
BAR: Final = 20
GAP: Final = 8
PANEL_HEAD: Final = 40
HEAD: Final = 84
MARGIN: Final = 24
ROOM_FOR_VALUE: Final = 76
OURS, THEIRS = "#c62828", "#90a4ae"
FONT: Final = "'Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',sans-serif"


class Panel(NamedTuple):
    title: str
    value: Callable[[Measures], float]
    text: Callable[[float], str]


PANELS: Final = (
    Panel("服务率（越高越好）", lambda of: of.served, percent),
    Panel("弱势群体按时服务率（越高越好）", lambda of: of.vulnerable_in_time, percent),
    Panel("每单通知数（越低越好）", lambda of: of.asked_per_service, lambda value: f"{value:.1f}"),
    Panel("下单到接单，中位（越低越好）", lambda of: of.wait_median, waiting),
    Panel("队伍负担的基尼系数（越低越公平）", lambda of: of.gini, lambda value: f"{value:.2f}"),
    Panel("平均行程（越低越好）", lambda of: of.travel_km, lambda value: f"{value:.1f}公里"),
)


def drawn(trial: Trial, runs: Sequence[Run]) -> str:
    """A whole SVG document."""
    county = trial.county
    panel_height = PANEL_HEAD + len(runs) * (BAR + GAP) + MARGIN
    height = HEAD + -(-len(PANELS) // COLUMNS) * panel_height
    panel_width = (WIDTH - MARGIN * (COLUMNS + 1)) // COLUMNS
    size = f"{county.demand.size:,}单，{county.teams:,}支队伍，{county.days}天"
    subtitle = f"{size}，种子{trial.seed}；模拟结果，不是实测"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" font-family={quoteattr(FONT)} role="img">',
        "<title>四单政策试验</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(MARGIN, 36, "四单政策试验：同一个县、同一批人，不同的派单办法", size=22, weight="bold"),
        _text(MARGIN, 62, subtitle, size=14, fill="#546e7a"),
    ]
    for number, panel in enumerate(PANELS):
        left = MARGIN + number % COLUMNS * (panel_width + MARGIN)
        top = HEAD + number // COLUMNS * panel_height
        parts += _panel(panel, runs, left, top, panel_width)
    return "\n".join([*parts, "</svg>\n"])


def _panel(panel: Panel, runs: Sequence[Run], left: int, top: int, width: int) -> list[str]:
    values = [panel.value(run.measures) for run in runs]
    most = max((value for value in values if not isnan(value)), default=0.0) or 1.0
    parts = [_text(left, top + 20, panel.title, size=15, weight="bold")]
    for row, (run, value) in enumerate(zip(runs, values, strict=True)):
        y = top + PANEL_HEAD + row * (BAR + GAP)
        length = 0.0 if isnan(value) else (width - LABELS - ROOM_FOR_VALUE) * value / most
        fill = OURS if run.policy in RANKING else THEIRS
        middle = y + BAR - 5
        parts += [
            _text(left + LABELS - 8, middle, run.name, size=13, anchor="end"),
            f'<rect x="{left + LABELS}" y="{y}" width="{length:.1f}" height="{BAR}" fill="{fill}"/>',
            _text(left + LABELS + length + 6, middle, "—" if isnan(value) else panel.text(value), size=13),
        ]
    return parts


def _text(
    x: float,
    y: float,
    text: str,
    *,
    size: int,
    weight: str = "normal",
    fill: str = "#263238",
    anchor: str = "start",
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" fill="{fill}" '
        f'text-anchor="{anchor}">{escape(text)}</text>'
    )
