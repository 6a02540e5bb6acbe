"""The table of one size, and the aims of all of them."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table

from benchmarks.matching.contest import Result
from benchmarks.report import Aim

OURS, OURS_READING = "sidan", "sidan, work from SQL"
P50_AIMS_MS = {10_000: 0.5, 100_000: 1.0, 1_000_000: 5.0}
TIMES_BEST_PEER = 5.0
RATIO_SIZES = (100_000, 1_000_000)
BYTES_A_TEAM = 120.0
BUILD_100K_SECONDS = 1.0


def show(console: Console, size: int, results: Sequence[Result], missing: Sequence[str]) -> None:
    """What was measured with one size; peers that answered wrong are told by their recall."""
    title = f"{size:,} teams · the top 10 of one order, of {results[0].asked} orders"
    title += f" ({results[0].full} of them with ten teams that may serve)"
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column("system")
    for name in (
        "p50 ms",
        "p99 ms",
        f"{OURS} is, ×",
        "by the best peer",
        "recall",
        "same top 10",
        "bytes a team",
        "build s",
    ):
        table.add_column(name, justify="right")
    ours, best = _named(results, OURS), best_peer(results)
    for one in results:
        p50 = one.quantile(0.5)
        table.add_row(
            one.entry.name,
            f"{p50:.3f}",
            f"{one.quantile(0.99):.2f}",
            "" if ours is None or one is ours else f"{p50 / ours.quantile(0.5):.1f}",
            "" if best is None else f"{p50 / best.quantile(0.5):.2f}",
            f"{one.recall:.3f}",
            f"{one.equal} of {one.asked}",
            f"{one.entry.bytes_a_team:,.0f}",
            f"{one.entry.build_seconds:.2f}",
        )
    console.print(table)
    for told in missing:
        console.print(f"[yellow]not here · {told}")


def best_peer(results: Sequence[Result]) -> Result | None:
    """The fastest peer whose every answer was right."""
    exact = [one for one in results if one.entry.peer and one.exact]
    return min(exact, key=lambda one: one.quantile(0.5), default=None)


def aims(size: int, results: Sequence[Result]) -> Iterator[Aim]:
    ours, best = _named(results, OURS), best_peer(results)
    if ours is None:
        return
    yield Aim(f"{size:,}: share of orders with the oracle's top 10", ours.equal / ours.asked, 1.0)
    if size in P50_AIMS_MS:
        yield Aim(f"{size:,}: p50 in ms", ours.quantile(0.5), P50_AIMS_MS[size], most=True)
    if size in RATIO_SIZES and best is not None:
        text = f"{size:,}: times as fast as the best peer, {best.entry.name}"
        yield Aim(text, best.quantile(0.5) / ours.quantile(0.5), TIMES_BEST_PEER)
        if reading := _named(results, OURS_READING):
            text += ", with its work read from PostgreSQL"
            yield Aim(text, best.quantile(0.5) / reading.quantile(0.5), TIMES_BEST_PEER)
    yield Aim(
        f"{size:,}: static bytes a team", ours.entry.bytes_a_team, BYTES_A_TEAM, most=True, form="{:.0f}"
    )
    if size == RATIO_SIZES[0]:
        yield Aim(f"{size:,}: seconds to build", ours.entry.build_seconds, BUILD_100K_SECONDS, most=True)


def _named(results: Sequence[Result], name: str) -> Result | None:
    return next((one for one in results if one.entry.name == name), None)
