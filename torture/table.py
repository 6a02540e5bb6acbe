"""What happened, for people."""

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from torture.bugs import BUGS
from torture.faults import Kind
from torture.history import Outcome
from torture.run import Report

SHOWN = 40


def show(console: Console, report: Report) -> None:
    faults = Table("故障 fault", "次数", title="故障 · what was broken")
    for kind in Kind:
        faults.add_row(kind.value, str(report.faults.count(kind)))
    console.print(faults)
    writes = Table("操作 operation", "次数", title="操作 · what the clients wrote")
    for verb, count in report.operations.most_common():
        writes.add_row(verb, str(count))
    console.print(writes)
    refusals = Table("拒绝 refusal", "次数", title="拒绝 · what was refused most")
    for what, count in report.refusals.most_common(12):
        refusals.add_row(what, str(count))
    console.print(refusals)
    told = Table(title="结果 · what came of it", show_header=False)
    told.add_row("操作 operations", str(report.operations.total()))
    for outcome, name in {
        Outcome.OK: "确认 acknowledged",
        Outcome.REFUSED: "拒绝 refused",
        Outcome.UNKNOWN: "未知 unknown",
    }.items():
        told.add_row(name, str(report.outcomes[outcome]))
    told.add_row("订单 orders", str(report.orders))
    told.add_row("微信消息 messages", str(report.messages))
    told.add_row("强杀与重启 kills", str(report.faults.kills))
    told.add_row("恢复后最迟 caught up within", f"{report.settled_seconds:.1f} s")
    told.add_row("违反 violations", str(len(report.violations)))
    console.print(told)
    for one in report.violations[:SHOWN]:
        console.print(f"✗ {one.rule}  {one.subject}  {one.text}", style="red", markup=False)
    if len(report.violations) > SHOWN:
        console.print(f"… {dict(report.rules)}", style="red", markup=False)


def show_bugs(console: Console, reports: Mapping[str, Report]) -> bool:
    """Whether each was noticed, by a rule that speaks of it."""
    table = Table(
        "故意的缺陷 planted bug",
        "做什么 what it does",
        "发现 noticed as",
        "",
        title="故意的缺陷 · planted bugs",
    )
    caught = {name: bool(BUGS[name].rules & report.rules.keys()) for name, report in reports.items()}
    for name, report in reports.items():
        noticed = "，".join(f"{rule} {count}" for rule, count in report.rules.most_common(4))
        table.add_row(name, BUGS[name].what, noticed, "✓" if caught[name] else "✗ 未发现 missed")
    console.print(table)
    return all(caught.values())
