"""The way back into an account that nobody else can open, as an operator gives it: `sidan recover`."""

from functools import partial
from typing import Annotated

import typer

from app.clock import now
from app.console import done, fit_settings, refuse
from app.db import Database
from app.errors import AppError
from app.services import recovering
from app.upkeep import on_database, require_migrated

commands = typer.Typer()


@commands.command("recover")
def recover_(
    username: Annotated[str, typer.Argument(help="用户名 · the user name")],
    password: Annotated[
        str, typer.Option(prompt="新密码 · new password", hide_input=True, confirmation_prompt=True)
    ],
) -> None:
    """重设密码并停用二次验证 · Give a new password, take the second factor away, end every sign-in."""
    settings = fit_settings()
    require_migrated(settings)
    try:
        on_database(settings, partial(_recovered, username, password))
    except AppError as error:
        refuse(error.detail or error.title, error.title_en)
    done(f"{username} 可以用新密码登录", "the sign-ins of before have ended, and the trail says so")


async def _recovered(username: str, password: str, database: Database) -> None:
    async with database.transaction() as session:
        await recovering.recover(session, username, password, now())
