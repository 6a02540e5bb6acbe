"""Who let a line out: `sidan mark`, from what a leaked line bears to who exported it (docs/breach.md)."""

from functools import partial
from typing import Annotated

import typer

from app.console import done, fit_settings, out, refuse
from app.db import Database
from app.domain.sheet import Mark, mark_in
from app.services import tracing
from app.services.tracing import Traced
from app.upkeep import on_database, require_migrated

commands = typer.Typer()


@commands.command()
def mark(
    text: Annotated[str, typer.Argument(help="泄露的一行、行标或导出编号 · the line, its mark, or the id")],
) -> None:
    """由一行追到导出人 · Find who exported a line that turned up somewhere."""
    settings = fit_settings()
    bears = mark_in(text)
    if bears is None:
        refuse("这里面没有导出标记（形如 c0ffee001122-000017）", "there is no mark of an export in it")
    require_migrated(settings)
    found = on_database(settings, partial(_traced, bears))
    if not found:
        refuse("没有以此结尾的导出，或记录已过保存期限", "no export is known that ends so")
    for one in found:
        _tell(one, bears)
    done("已记入审计", "the trail says that somebody looked")


async def _traced(bears: Mark, database: Database) -> list[Traced]:
    async with database.transaction() as session:
        return await tracing.trace(session, bears)


def _tell(one: Traced, bears: Mark) -> None:
    wanted = one.wanted
    whole = "完整 whole" if wanted.whole else "脱敏 masked"
    allowed = one.allowed_by or "无须 nobody had to"
    told = [
        f"导出 export      {one.export_id.hex}  {wanted.kind} {one.org_path} {whole}",
        f"申请 asked by    {one.asked_by}（{one.asked_by_id.hex}）  {one.asked_at:%Y-%m-%d %H:%M} UTC",
        f"用途 for         {wanted.reason}",
        f"同意 allowed by  {allowed}",
        *(
            f"下载 fetched     {fetch.at:%Y-%m-%d %H:%M} UTC  {fetch.name}  {fetch.address}  共 {fetch.rows} 行"
            + ("" if bears.number <= fetch.rows else f"，没有第 {bears.number} 行 · not this copy")
            for fetch in one.fetches
        ),
    ]
    for line in told if one.fetches else [*told, "下载 fetched     没有记录 · no record"]:
        out.print(line, markup=False)
