"""The `sidan` command: what an operator does to the service."""

import asyncio
import logging.config
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import httpx
import typer

from app import backup, console, keys, logs, recovery, tracing, upkeep
from app import serve as serving
from app.console import done, fit_settings, out, refuse
from app.demo.board import Board
from app.demo.cast import NoDistrict
from app.demo.drive import drive, line_to
from app.demo.figures import Figures
from app.demo.load import Login
from app.demo.phone import Unexpected
from app.domain.drawing import drawing
from app.house import build
from app.main import create_app
from app.openapi import committed
from app.services.inventory import page
from app.upkeep import embedded, prepare, require_migrated
from app.worker import work

cli = typer.Typer(
    help="四单 · Sidan：新时代文明实践中心的开放后台",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
cli.add_typer(upkeep.commands)
cli.add_typer(backup.commands)
cli.add_typer(keys.commands, name="keys")
cli.add_typer(recovery.commands)
cli.add_typer(tracing.commands)
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
    alone = embedded(settings)
    if alone and workers > 1:
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
        if alone and not settings.production:
            logins = prepare(settings).logins
        else:
            require_migrated(settings, settings.start_seconds)
        serving.run(bound, settings, workers, lambda: console.welcome(*serving.address(bound), logins))


@cli.command()
def worker(
    metrics_port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="本机指标端口 · serve /metrics on 127.0.0.1")
    ] = None,
) -> None:
    """只运行定时任务 · Run the clock's jobs in a process of their own."""
    settings = fit_settings()
    require_migrated(settings, settings.start_seconds)
    logging.config.dictConfig(logs.configured("INFO"))
    started = partial(done, "定时任务已启动", "the clock is running. Ctrl-C stops it")
    try:
        asyncio.run(work(build(settings), started, metrics_port))
    except OSError as error:
        refuse(f"无法监听 127.0.0.1:{metrics_port}", f"cannot listen there: {error.strerror or error}")


@cli.command()
def demo(
    url: Annotated[str, typer.Option(help="服务地址 · where the service answers")] = "http://127.0.0.1:8000",
) -> None:
    """演示一单到底 · Act thirty orders on a running service, over HTTP, before your eyes."""
    board = Board(out)
    try:
        figures = asyncio.run(_acted(url, board))
    except NoDistrict:
        refuse("这个服务里没有示范区“青禾区”", "this service does not show the demonstration district")
    except (httpx.TransportError, httpx.InvalidURL) as error:
        refuse(f"{url} 没有应答，请先运行 make run", f"no service answers there: {error}")
    except Unexpected as error:
        refuse("服务的回答与预期不符", f"unexpected answer: {error}")
    board.total(figures)
    if figures.faults or not figures.balanced:
        raise typer.Exit(1)


async def _acted(url: str, board: Board) -> Figures:
    async with line_to(url) as http:
        with board:
            return await drive(http, board.tell)


@cli.command(
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}
)
def simulate(context: typer.Context) -> None:
    """政策试验 · Replay a county-year under six ways of dispatching (in a process of its own, with the solver)."""
    asked = [sys.executable, "-m", "app.simulate", *context.args]
    raise typer.Exit(subprocess.run(asked, check=False).returncode)  # noqa: S603  (what the operator typed)


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


@cli.command()
def privacy(
    check: Check = False,
    file: Annotated[Path, typer.Option(help="页面 · the page")] = Path("docs/privacy.md"),
) -> None:
    """写出个人信息清单 · Write the inventory of personal data from the columns."""
    _keep(file, page(), check)


def _keep(file: Path, text: str, check: bool) -> None:
    if not check:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        done(f"已写入 {file}", "written")
    elif not file.is_file() or file.read_text(encoding="utf-8") != text:
        refuse(f"{file} 与代码不一致", "the file differs from the code: run the command without --check")
    else:
        done(f"{file} 与代码一致", "the file equals the code")
