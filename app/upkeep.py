"""What an operator does to the database: migrate it, found a center in it, and check it."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, TypeVar

import typer
from pydantic import SecretStr, ValidationError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app import migrations
from app.console import done, err, fit_settings, out, refuse, warn
from app.db import Database, create_engine
from app.demo.load import Loaded, load
from app.errors import AppError, Unavailable
from app.migrations import Standing
from app.problem_texts import field_message
from app.schemas.founding import Founder, Founding
from app.schemas.place import Location
from app.services import founding
from app.services.verify import counted, verify
from app.services.verifying.violations import Violation
from app.settings import Settings

commands = typer.Typer()
Answer = TypeVar("Answer")


@commands.command()
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
        prepare(settings)
    else:
        _upgrade(settings)


@commands.command()
def found(
    code: Annotated[str, typer.Argument(help="代码，如 qinghe · lower-case letters, digits, hyphens")],
    name: Annotated[str, typer.Argument(help="名称 · its name")],
    lat: Annotated[float, typer.Option(help="纬度 GCJ-02 · latitude")],
    lon: Annotated[float, typer.Option(help="经度 GCJ-02 · longitude")],
    admin: Annotated[str, typer.Option(help="管理员用户名 · the administrator's user name")],
    password: Annotated[
        str, typer.Option(prompt="管理员密码 · password", hide_input=True, confirmation_prompt=True)
    ],
    security: Annotated[
        str, typer.Option(help="安全管理员用户名，另一人 · the security administrator's, another person")
    ],
    security_password: Annotated[
        str,
        typer.Option(
            prompt="安全管理员密码 · the security administrator's",
            hide_input=True,
            confirmation_prompt=True,
        ),
    ],
) -> None:
    """建立一个中心和它的两位管理员 · Found a center with two administrators; all else is done through the API."""
    settings = fit_settings()
    require_migrated(settings)
    try:
        place = Location(lat=lat, lon=lon)
        told = Founding(
            code=code,
            name=name,
            location=place,
            admin=Founder(username=admin, password=SecretStr(password)),
            security=Founder(username=security, password=SecretStr(security_password)),
        )
        on_database(settings, partial(_found, told))
    except ValidationError as error:
        faults = error.errors()
        fields = ", ".join(".".join(map(str, one["loc"])) or "lat, lon" for one in faults)
        refuse("；".join(field_message(one) for one in faults), f"not acceptable: {fields}")
    except AppError as error:
        refuse(error.detail or error.title, error.title_en)
    done(
        f"{name}已建立，管理员 {admin}、安全管理员 {security} 可以登录",
        "the center is founded; its two administrators may sign in",
    )


async def _found(wanted: Founding, database: Database) -> None:
    async with database.transaction() as session:
        await founding.found(session, wanted)


@commands.command("verify")
def verify_() -> None:
    """核对全部数据 · Check every invariant of the database; exit code 1 when one is broken."""
    settings = fit_settings()
    require_migrated(settings)
    violations, counts = on_database(settings, _verified)
    for violation in violations:
        err.print(f"✗ {violation.rule}  {violation.subject}  {violation.text}", style="red", markup=False)
    rows = "，".join(f"{name} {count}" for name, count in counts.items())
    if violations:
        refuse(f"发现 {len(violations)} 处问题（{rows}）", "the database is not sound")
    done(f"数据一致（{rows}）", "the database is sound")


async def _verified(database: Database) -> tuple[list[Violation], dict[str, int]]:
    return await verify(database), await counted(database)


def on_database(settings: Settings, deed: Callable[[Database], Awaitable[Answer]]) -> Answer:
    """Do one thing with the database and let it go."""

    async def alone() -> Answer:
        database = Database(create_engine(settings.database_url, keyring=settings.keyring))
        try:
            return await deed(database)
        finally:
            await database.dispose()

    try:
        return asyncio.run(alone())
    except Unavailable:
        refuse("数据库没有应答，请稍后再试", "the database does not answer, try again later")


def embedded(settings: Settings) -> bool:
    try:
        return make_url(settings.database_url).get_backend_name() == "sqlite"
    except ArgumentError:
        refuse("DATABASE_URL 不是数据库地址", "DATABASE_URL is not an address of a database")


def _standing(settings: Settings, patience: float = 0.0) -> Standing:
    """Where the database is, asked again for `patience` seconds while it does not answer. A driver has many ways to
    fail; none of them is a reason for a traceback.
    """
    embedded(settings)
    waiting = partial(warn, "数据库还没有应答，正在等待", f"waiting at most {patience:g} s for the database")
    try:
        return asyncio.run(migrations.standing_in_time(settings.database_url, patience, waiting))
    except Exception as error:
        why = str(error).partition("\n")[0] or type(error).__name__
        refuse("数据库连接不上", f"the database cannot be reached: {why}")


def require_migrated(settings: Settings, patience: float = 0.0) -> None:
    """Refuse unless the database has this schema; who serves may give it `patience` seconds to start."""
    standing = _standing(settings, patience)
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


def prepare(settings: Settings) -> Loaded:
    """Migrate, and load the demonstration district where nobody is yet."""
    _upgrade(settings)
    with out.status("载入示范区 · loading the demonstration district"):
        loaded = on_database(settings, load)
    if loaded.written:
        done("已载入虚构的示范区“青禾区”", "the fictional demonstration district is loaded")
    return loaded
