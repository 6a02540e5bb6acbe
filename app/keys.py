"""The keys of the personal data, as an operator changes them: `sidan keys`."""

import typer
from rich.table import Table

from app.console import done, err, fit_settings, out, refuse
from app.db import Database
from app.services.rotating import Held, Rotated, UnknownKey, rotate, status
from app.settings import Settings
from app.upkeep import on_database, require_migrated

commands = typer.Typer(help="个人信息的加密密钥 · The keys that seal personal data.", no_args_is_help=True)


@commands.command("status")
def status_() -> None:
    """按列统计各密钥加密的行数 · How many rows are sealed by which key, column by column."""
    held = on_database(_ready(), status)
    told = Table("列 column", "密钥 key", "行数 rows", "")
    for one in held:
        told.add_row(one.column, one.key_id, f"{one.rows:,}", _standing(one))
    out.print(told)
    if any(not one.known for one in held):
        refuse(
            "有数据由未知密钥加密，请把该密钥加入 SIDAN_PREVIOUS_DATA_KEYS",
            "some data is sealed by an unknown key: add it to SIDAN_PREVIOUS_DATA_KEYS",
        )
    left = sum(one.rows for one in held if not one.current)
    if left:
        done(f"还有 {left} 处由旧密钥加密", "sidan keys rotate seals them by the current key")
    else:
        done("全部由当前密钥加密", "everything is sealed by the current key; the previous ones may go")


@commands.command("rotate")
def rotate_() -> None:
    """改用当前密钥加密全部数据 · Seal everything by the current key, while the service goes on working."""
    settings = _ready()
    with out.status("更换密钥 · sealing anew") as shown:

        async def watched(database: Database) -> Rotated:
            return await rotate(database, lambda table, rows: shown.update(f"{table} {rows:,}"))

        try:
            found = on_database(settings, watched)
        except UnknownKey as unknown:
            refuse(
                f"有数据由未知密钥加密（{unknown}），未作任何改动",
                "some data is sealed by an unknown key: add it to SIDAN_PREVIOUS_DATA_KEYS; nothing was changed",
            )
    for one in found.damaged:
        err.print(f"✗ {one}", style="red", markup=False)
    if found.damaged:
        refuse(
            f"已改 {found.rows} 行，上列内容无法解密", "these could not be opened and were left as they are"
        )
    if found.left:
        refuse(
            f"已改 {found.rows} 行，还有 {found.left} 处由旧密钥加密，请确认所有进程已换新密钥后重试",
            "some process still seals by an old key, or holds these rows: run it again",
        )
    done(f"已改 {found.rows} 行，全部由当前密钥加密", "everything is sealed by the current key")


def _standing(one: Held) -> str:
    return "当前 current" if one.current else "旧 previous" if one.known else "未知 unknown"


def _ready() -> Settings:
    settings = fit_settings()
    require_migrated(settings)
    return settings
