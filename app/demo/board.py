"""The demonstration on the terminal: the states filling up, the newest events, and the table at the end."""

from collections import Counter, deque
from types import TracebackType
from typing import Final

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from app.demo.district import Order
from app.demo.figures import Figures
from app.domain.lifecycle import STATUS_ZH, OrderStatus

LINES: Final = 12


class Board:
    """Used as a context manager around the play; `tell` is what the acts report to."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._standing: dict[int, OrderStatus] = {}
        self._lines: deque[Text] = deque(maxlen=LINES)
        self._live = Live(console=console, refresh_per_second=8, get_renderable=self._shown)

    def __enter__(self) -> "Board":
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()
        if not self._console.is_terminal:
            self._console.line()

    def tell(self, order: Order, status: OrderStatus, sentence: str) -> None:
        self._standing[order.number] = status
        line = Text(no_wrap=True, overflow="ellipsis").append(f"#{order.number:<2} ", style="dim")
        self._lines.append(line.append(f"{STATUS_ZH[status]} ", style="cyan").append(sentence))

    def _shown(self) -> Group:
        counts = Counter(self._standing.values())
        states = Table("状态", "订单", "", title="青禾区 · 一单到底")
        for status, name in STATUS_ZH.items():
            states.add_row(name, str(counts[status]), "█" * counts[status])
        return Group(states, *self._lines)

    def total(self, figures: Figures) -> None:
        """The table at the end, and what the figures mean."""
        table = Table("状态", "订单", "平均停留（秒）", "最长停留（秒）", title="演示结果")
        for status, name in STATUS_ZH.items():
            mean, longest = figures.mean.get(status), figures.longest.get(status)
            times = (
                (f"{mean:.2f}", f"{longest:.2f}") if mean is not None and longest is not None else ("", "")
            )
            table.add_row(name, str(figures.states.get(status, 0)), *times)
        table.add_section()
        table.add_row("合计", str(sum(figures.states.values())))
        self._console.print(table)
        balanced = "平" if figures.balanced else "不平"
        self._console.print(
            f"信用时数 {figures.verified_minutes} 分钟（手机签到），"
            f"荣誉时数 {figures.declared_minutes} 分钟（队长补录），记积分 {figures.credited}\n"
            f"积分总账：发行 {figures.issued}，持有 {figures.held}，{balanced}",
            markup=False,
        )
        self._console.print(
            "约定时间在后的订单不等到那一天：时长由队长补录，不冒充签到。sidan verify 可核对整个数据库。",
            style="dim",
        )
        for fault in figures.faults:
            self._console.print(f"✗ {fault}", style="red", markup=False)
