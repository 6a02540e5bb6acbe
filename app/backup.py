"""What an operator does against the day on which everything is gone: take all of it along, and put it back."""

import asyncio
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from tarfile import TarError
from typing import Annotated

import typer
from alembic.script import ScriptDirectory
from anyio import to_thread

from app import archive, dumping, migrations
from app.archive import DATABASE, MEDIA, ArchiveBroken, Manifest, Packing
from app.clock import now
from app.console import done, fit_settings, out, refuse, warn
from app.dumping import Contents, DumpFailed
from app.patience import away
from app.settings import Settings
from app.storage.local import LocalStore

commands = typer.Typer()
File = Annotated[Path, typer.Argument(help="备份文件 · the file", dir_okay=False)]


@commands.command()
def backup(file: File) -> None:
    """备份数据库和图片 · Write the database and all pictures to one new file."""
    settings = fit_settings()
    if file.exists() or not file.parent.is_dir():
        refuse(f"{file} 已存在，或所在目录不存在", "the file is there already, or its folder is not")
    try:
        with out.status("正在备份 · backing up"):
            manifest = asyncio.run(_packed(settings, file))
    except (DumpFailed, OSError) as error:
        refuse("备份没有完成，未留下文件", f"no backup was made: {_told(error)}")
    except Exception as error:
        if not away(error):
            raise
        refuse("数据库连接不上", f"the database cannot be reached: {_told(error)}")
    done(f"已备份到 {file}（{_counted(manifest)}）", f"keys needed: {', '.join(manifest.keys) or 'none'}")


async def _packed(settings: Settings, file: Path) -> Manifest:
    """The database first: a picture that comes later is no harm, a row without its picture would be."""
    packing = Packing(file)
    try:
        with tempfile.TemporaryDirectory(prefix=".sidan-dump-", dir=file.parent) as folder:
            dumped = Path(folder) / DATABASE
            made_at = now()
            found = await dumping.dump(settings.database_url, dumped, settings.pg_bin)
            await to_thread.run_sync(packing.add, DATABASE, dumped)
        await to_thread.run_sync(_add_pictures, packing, settings.media_root)
        manifest = Manifest(
            made_at=made_at,
            engine=dumping.engine_of(settings.database_url),
            revisions=found.revisions,
            counts=found.counts,
            keys=found.keys,
            index=archive.index_name(settings.keyring),
            parts=packing.parts,
        )
        await to_thread.run_sync(packing.finish, manifest, settings.keyring)
    finally:
        packing.drop()
    if missing := _missing(found, manifest):
        warn(f"有 {missing} 张图片在库中有记录、在磁盘上没有", "pictures of the database are not on the disk")
    return manifest


def _add_pictures(packing: Packing, root: Path) -> None:
    for key, path in archive.pictures(root):
        try:
            packing.add(MEDIA + key, path)
        except FileNotFoundError:
            continue  # its time was up while we were on the way


@commands.command()
def restore(
    file: File,
    replace: Annotated[
        bool, typer.Option("--replace", help="覆盖库中已有的数据 · what is in the database now is lost")
    ] = False,
) -> None:
    """从备份恢复 · Put a backup into the database that DATABASE_URL names, and its pictures beside it."""
    settings = fit_settings()
    try:
        with out.status("正在核对 · checking the file"):
            manifest = archive.checked(file, settings.keyring)
    except ArchiveBroken as error:
        refuse("备份文件不可用，未作任何改动", f"nothing was changed: {error}")
    _fits(manifest, settings)
    try:
        before = asyncio.run(dumping.contents(settings.database_url))
        if before.counts and not replace:
            refuse(
                "数据库不是空的，确需覆盖请加 --replace",
                "the database is not empty: --replace would lose what is in it",
            )
        with out.status("正在恢复 · restoring"):
            after = asyncio.run(_unpacked(settings, file, replace=replace))
    except (DumpFailed, ArchiveBroken) as error:
        refuse("恢复没有成功，数据库未改动", f"the database is unchanged: {_told(error)}")
    except (OSError, TarError) as error:
        refuse("恢复没有完成", f"the restore was not finished: {_told(error)}")
    if after.counts != manifest.counts or _missing(after, manifest):
        refuse("恢复后的数据与清单不符", "what is in the database now is not what the manifest says")
    done(
        f"已恢复 {manifest.made_at:%Y-%m-%d %H:%M} UTC 的备份（{_counted(manifest)}）",
        "now run `sidan verify`",
    )
    if set(after.revisions) != set(_scripts().get_heads()):
        warn(
            "备份来自较早的版本，请先运行 sidan migrate",
            "the backup is of an older version: run `sidan migrate` first",
        )


def _fits(manifest: Manifest, settings: Settings) -> None:
    """Refuse what this installation could not serve afterwards."""
    if manifest.engine != dumping.engine_of(settings.database_url):
        refuse(
            f"备份来自 {manifest.engine}", f"a backup of {manifest.engine} goes into {manifest.engine} only"
        )
    known = {script.revision for script in _scripts().walk_revisions()}
    if not known.issuperset(manifest.revisions):
        refuse(
            "备份来自更新的版本，请先升级程序",
            "the backup is of a newer version: bring the program up to it first",
        )
    if strange := [one for one in manifest.keys if not settings.keyring.knows(bytes.fromhex(one))]:
        refuse(
            "缺少打开数据的密钥，请补入 SIDAN_PREVIOUS_DATA_KEYS",
            f"a key is missing in SIDAN_PREVIOUS_DATA_KEYS: {', '.join(strange)}",
        )


async def _unpacked(settings: Settings, file: Path, *, replace: bool) -> Contents:
    """Pictures first, for the same reason as above; each is written anew beside its place and then renamed."""
    store = LocalStore(settings.media_root)
    with tempfile.TemporaryDirectory(prefix="sidan-restore-") as folder:
        dumped = Path(folder) / DATABASE
        for name, source in archive.members(file):
            if name == DATABASE:
                with dumped.open("wb") as target:
                    while chunk := await to_thread.run_sync(partial(source.read, archive.CHUNK)):
                        target.write(chunk)
            elif name.startswith(MEDIA):
                await store.put(name.removeprefix(MEDIA), source.read())
        await dumping.load(settings.database_url, dumped, settings.pg_bin, replace=replace)
    return await dumping.contents(settings.database_url)


def _missing(found: Contents, manifest: Manifest) -> int:
    """How many pictures the database knows and the archive has not, or not as they were."""
    parts = manifest.parts
    return sum(
        MEDIA + key not in parts or parts[MEDIA + key].sha256 != summed
        for key, summed in found.pictures.items()
    )


def _counted(manifest: Manifest) -> str:
    counts: Mapping[str, int] = manifest.counts
    pictures = sum(name.startswith(MEDIA) for name in manifest.parts)
    return f"订单 {counts.get('service_order', 0)}，全部 {sum(counts.values())} 行，图片 {pictures} 张"


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(migrations.config())


def _told(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__
