"""The `sidan` command: what an operator does to the service."""

import asyncio
import logging.config
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from pydantic import SecretStr, ValidationError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app import console, logs, migrations
from app import serve as serving
from app.console import done, err, fit_settings, out, refuse, warn
from app.db import Database, create_engine
from app.demo.load import Loaded, Login, load
from app.domain.drawing import drawing
from app.errors import AppError, Unavailable
from app.house import build
from app.main import create_app
from app.migrations import Standing
from app.openapi import committed
from app.problem_texts import field_message
from app.schemas.founding import Founding
from app.schemas.place import Location
from app.services import founding
from app.services.verify import counted, verify
from app.services.verifying.violations import Violation
from app.settings import Settings
from app.worker import work

cli = typer.Typer(
    help="四单 · Sidan：新时代文明实践中心的开放后台",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
Answer = TypeVar("Answer")
Check = Annotated[bool, typer.Option("--check", help="只比较，不写入 · compare, and fail when they differ")]


def main() -> None:
    """The entry point that pyproject.toml names."""
    cli()


@cli.command()
def serve(
    host: Annotated[str, typer.Option(help="监听地址 · address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="端口，0 为任选 · port, 0 for any")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="进程数 · processes")] = 1,
) -> None:
    """启动服务 · Serve the API; in development on SQLite with a migrated, demonstrated district."""
    settings = fit_settings()
    embedded = _sqlite(settings)
    if embedded and workers > 1:
        refuse(
            "SQLite 同时只能有一个写入者，多进程请用 DATABASE_URL 改用 PostgreSQL",
            "SQLite has one writer: for several processes let DATABASE_URL name a PostgreSQL",
        )
    try:
        bound = serving.bind(host, port)
    except OSError as error:
        refuse(f"无法监听 {host}:{port}", f"cannot listen there: {error.strerror or error}")
    with bound:
        logins: tuple[Login, ...] = ()
        if embedded and not settings.production:
            logins = _prepare(settings).logins
        else:
            _require_migrated(settings)
        serving.run(bound, settings, workers, lambda: console.welcome(*serving.address(bound), logins))


@cli.command()
def worker() -> None:
    """只运行定时任务 · Run the clock's jobs in a process of their own."""
    settings = fit_settings()
    _require_migrated(settings)
    logging.config.dictConfig(logs.configured("INFO"))
    asyncio.run(
        work(build(settings), lambda: done("定时任务已启动", "the clock is running. Ctrl-C stops it"))
    )


@cli.command()
def migrate(
    down: Annotated[bool, typer.Option("--down", help="撤回最近一次迁移 · take the newest one back")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问 · do not ask")] = False,
    demo: Annotated[
        bool, typer.Option("--demo", help="空库时载入示范区，仅限开发 · load the demonstration district")
    ] = False,
) -> None:
    """迁移数据库 · Bring the database to the schema of this version."""
    settings = fit_settings()
    if demo and settings.production:
        refuse(
            "生产环境不载入示范数据", "the demonstration is not loaded in production: its passwords are known"
        )
    _standing(settings)
    if down:
        if not yes:
            typer.confirm("将删除该次迁移的数据，确定？ · Its data will be lost. Go on?", abort=True)
        asyncio.run(migrations.downgrade(settings.database_url))
        done("已撤回最近一次迁移", "the newest migration is taken back")
    elif demo:
        _prepare(settings)
    else:
        _upgrade(settings)


@cli.command()
def found(
    code: Annotated[str, typer.Argument(help="代码，如 qinghe · lower-case letters, digits, hyphens")],
    name: Annotated[str, typer.Argument(help="名称 · its name")],
    lat: Annotated[float, typer.Option(help="纬度 GCJ-02 · latitude")],
    lon: Annotated[float, typer.Option(help="经度 GCJ-02 · longitude")],
    admin: Annotated[str, typer.Option(help="管理员用户名 · the administrator's user name")],
    password: Annotated[
        str, typer.Option(prompt="管理员密码 · password", hide_input=True, confirmation_prompt=True)
    ],
) -> None:
    """建立一个中心和它的第一位管理员 · Found a center; all else is done through the API."""
    settings = fit_settings()
    _require_migrated(settings)
    try:
        place = Location(lat=lat, lon=lon)
        told = Founding(code=code, name=name, location=place, username=admin, password=SecretStr(password))
        _on(settings, partial(_found, told))
    except ValidationError as error:
        faults = error.errors()
        fields = ", ".join(".".join(map(str, one["loc"])) or "lat, lon" for one in faults)
        refuse("；".join(field_message(one) for one in faults), f"not acceptable: {fields}")
    except AppError as error:
        refuse(error.detail or error.title, error.title_en)
    done(f"{name}已建立，管理员 {admin} 可以登录", "the center is founded; its administrator may sign in")


async def _found(wanted: Founding, database: Database) -> None:
    async with database.transaction() as session:
        await founding.found(session, wanted)


@cli.command()
def openapi(
    check: Check = False,
    file: Annotated[Path, typer.Option(help="合同文件 · the contract")] = Path("openapi/openapi.json"),
) -> None:
    """写出接口合同 · Write the committed contract from the code."""
    _keep(file, committed(create_app(build(fit_settings())).openapi()), check)


@cli.command()
def lifecycle(
    check: Check = False,
    file: Annotated[Path, typer.Option(help="页面 · the page")] = Path("docs/lifecycle.md"),
) -> None:
    """画出订单的一生 · Draw the life of an order from its moves."""
    _keep(file, drawing(), check)


@cli.command("verify")
def verify_() -> None:
    """核对全部数据 · Check every invariant of the database; exit code 1 when one is broken."""
    settings = fit_settings()
    _require_migrated(settings)
    violations, counts = _on(settings, _verified)
    for violation in violations:
        err.print(f"✗ {violation.rule}  {violation.subject}  {violation.text}", style="red", markup=False)
    rows = "，".join(f"{name} {count}" for name, count in counts.items())
    if violations:
        refuse(f"发现 {len(violations)} 处问题（{rows}）", "the database is not sound")
    done(f"数据一致（{rows}）", "the database is sound")


async def _verified(database: Database) -> tuple[list[Violation], dict[str, int]]:
    return await verify(database), await counted(database)


def _on(settings: Settings, deed: Callable[[Database], Awaitable[Answer]]) -> Answer:
    """Do one thing with the database and let it go."""

    async def alone() -> Answer:
        database = Database(create_engine(settings.database_url))
        try:
            return await deed(database)
        finally:
            await database.dispose()

    try:
        return asyncio.run(alone())
    except Unavailable:
        refuse("数据库没有应答，请稍后再试", "the database does not answer, try again later")


def _sqlite(settings: Settings) -> bool:
    try:
        return make_url(settings.database_url).get_backend_name() == "sqlite"
    except ArgumentError:
        refuse("DATABASE_URL 不是数据库地址", "DATABASE_URL is not an address of a database")


def _standing(settings: Settings) -> Standing:
    """Where the database is. A driver has many ways to fail; none of them is a reason for a traceback."""
    _sqlite(settings)
    try:
        return asyncio.run(migrations.standing(settings.database_url))
    except Exception as error:
        refuse("数据库连接不上", f"the database cannot be reached: {error or type(error).__name__}")


def _require_migrated(settings: Settings) -> None:
    standing = _standing(settings)
    if standing is Standing.AHEAD:
        warn("数据库已由更新的版本迁移", "the database was migrated by a newer version; serving nevertheless")
    elif standing is not Standing.CURRENT:
        refuse(
            "数据库尚未迁移，请先运行 sidan migrate",
            "the database is not migrated: run `sidan migrate` first",
        )


def _upgrade(settings: Settings) -> None:
    with out.status("迁移数据库 · migrating the database"):
        asyncio.run(migrations.upgrade(settings.database_url))
    done("数据库结构已是最新", "the database has the schema of this version")


def _prepare(settings: Settings) -> Loaded:
    """Migrate, and load the demonstration district where nobody is yet."""
    _upgrade(settings)
    with out.status("载入示范区 · loading the demonstration district"):
        loaded = _on(settings, load)
    if loaded.written:
        done("已载入虚构的示范区“青禾区”", "the fictional demonstration district is loaded")
    return loaded


def _keep(file: Path, text: str, check: bool) -> None:
    if not check:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        done(f"已写入 {file}", "written")
    elif not file.is_file() or file.read_text(encoding="utf-8") != text:
        refuse(f"{file} 与代码不一致", "the file differs from the code: run the command without --check")
    else:
        done(f"{file} 与代码一致", "the file equals the code")
