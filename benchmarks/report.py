"""The figures as tables: what each system did, the ratios, and the aims beside them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from rich.console import Console
from rich.table import Table

from benchmarks.cells import ROUTES, Figure

TITLES = {
    "create": "POST orders · 点单",
    "list": "GET orders?mine=true · 我的订单",
    "accept": "POST offers/…/accept · 接单",
}
MAIN_CLIENTS = 20


@dataclass(frozen=True)
class Aim:
    """`found` should be at least (or, with `most`, at most) `wanted`."""

    text: str
    found: float
    wanted: float
    most: bool = False
    form: str = "{:.2f}"

    @property
    def met(self) -> bool:
        return self.found <= self.wanted if self.most else self.found >= self.wanted


class Figures:
    """All cells of a run, asked for medians over its rounds."""

    def __init__(self, cells: Sequence[Figure]) -> None:
        self.cells = cells

    def middle(self, route: str, system: str, clients: int, value: Callable[[Figure], float]) -> float:
        """Median over the rounds; 0 where nothing was measured."""
        found = [value(one) for one in self._of(route, system, clients)]
        return median(found) if found else 0.0

    def ratios(self, route: str, system: str, to: str, clients: int) -> list[float]:
        """Rate of `system` by rate of `to`, round by round, in ascending order."""
        others = {one.turn: one.rate for one in self._of(route, to, clients)}
        rated = [one for one in self._of(route, system, clients) if others.get(one.turn)]
        return sorted(one.rate / others[one.turn] for one in rated)

    def systems(self, route: str) -> list[str]:
        return list(dict.fromkeys(one.system for one in self.cells if one.route == route))

    def clients(self) -> list[int]:
        return sorted({one.clients for one in self.cells})

    def _of(self, route: str, system: str, clients: int) -> list[Figure]:
        wanted = (route, system, clients)
        return [one for one in self.cells if (one.route, one.system, one.clients) == wanted]


def show(console: Console, figures: Figures, order: Sequence[str], main: str) -> None:
    """One table a route; the last columns compare each system with `main` at 20 clients."""
    for route in ROUTES:
        if not figures.systems(route):
            continue
        table = Table(title=TITLES[route], title_justify="left", title_style="bold")
        table.add_column("system · processes")
        for clients in figures.clients():
            table.add_column(f"c={clients}\nreq/s", justify="right")
            table.add_column("p50 / p99\nms", justify="right")
        table.add_column("CPU µs\nservice + PG", justify="right")
        table.add_column(f"{main} is, at\nc=1 (min–max)", justify="right")
        table.add_column(f"at c={MAIN_CLIENTS}\n(min–max)", justify="right")
        for system in (one for one in order if one in figures.systems(route)):
            cells = [
                text for clients in figures.clients() for text in _cells(figures, route, system, clients)
            ]
            table.add_row(
                system, *cells, _cpu(figures, route, system), *_compared(figures, route, main, system)
            )
        console.print(table)


def _cells(figures: Figures, route: str, system: str, clients: int) -> tuple[str, str]:
    rate, p50, p99 = (
        figures.middle(route, system, clients, value)
        for value in (lambda one: one.rate, lambda one: one.p50, lambda one: one.p99)
    )
    return f"{rate:,.0f}", f"{p50:.1f} / {p99:.1f}"


def _cpu(figures: Figures, route: str, system: str) -> str:
    service, postgres = (
        figures.middle(route, system, MAIN_CLIENTS, value)
        for value in (lambda one: one.service_us, lambda one: one.postgres_us)
    )
    return f"{service:,.0f} + {postgres:,.0f}" if postgres else ""


def _compared(figures: Figures, route: str, main: str, to: str) -> Iterator[str]:
    for clients in (1, MAIN_CLIENTS):
        ratios = figures.ratios(route, main, to, clients)
        yield f"{median(ratios):.2f}× ({ratios[0]:.2f}–{ratios[-1]:.2f})" if ratios and main != to else ""


def show_aims(console: Console, aims: Sequence[Aim]) -> None:
    table = Table(title="Aims", title_justify="left", title_style="bold")
    for name in ("what", "found", "aim", ""):
        table.add_column(name)
    for aim in aims:
        bound = ("≤ " if aim.most else "≥ ") + aim.form.format(aim.wanted)
        table.add_row(aim.text, aim.form.format(aim.found), bound, "[green]met" if aim.met else "[red]missed")
    console.print(table)
