"""What the `sidan` command says, Chinese first: one clear sentence when it refuses, never a traceback."""

import re
from typing import NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from app.demo.load import Login
from app.settings import Settings, settings

out = Console(highlight=False, soft_wrap=True)
err = Console(highlight=False, soft_wrap=True, stderr=True)
_VARIABLE = re.compile(r"SIDAN_[A-Z_]+|DATABASE_URL")


def done(zh: str, en: str) -> None:
    out.print(f"✓ {zh} · {en}", style="green", markup=False)


def warn(zh: str, en: str) -> None:
    err.print(f"{zh} · {en}", style="yellow", markup=False)


def refuse(zh: str, en: str) -> NoReturn:
    """Say why not, on stderr, and end with exit code 1."""
    err.print(f"{zh} · {en}", style="red", markup=False)
    raise typer.Exit(1)


def fit_settings() -> Settings:
    """The settings, or a refusal that names the variable at fault and never shows its value."""
    try:
        return settings()
    except ValidationError as error:
        faults = [_fault(tuple(map(str, one["loc"])), one["msg"]) for one in error.errors()]
        refuse("启动配置有误，请检查环境变量", f"check the environment: {'; '.join(faults)}")


def _fault(place: tuple[str, ...], message: str) -> str:
    message = message.removeprefix("Value error, ")
    if not place or _VARIABLE.search(message):
        return message
    name = place[0] if _VARIABLE.fullmatch(place[0]) else f"SIDAN_{place[0].upper()}"
    return f"{name}: {message}"


def welcome(host: str, port: int, logins: tuple[Login, ...]) -> None:
    """Where the service now answers, and whom one may be in the demonstration."""
    base = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    done(f"四单已启动，接口文档 {base}/docs", "Sidan is serving; the API docs are there. Ctrl-C stops it")
    if not logins:
        return
    table = Table("角色 role", "姓名 name", "微信 code", "用户名 username")
    for login in logins:
        table.add_row(login.role, login.name, login.wechat_code, login.username)
    out.print(table)
    passwords = {login.password for login in logins if login.password}
    out.print(f"密码 password: {' '.join(passwords)}", markup=False)
    out.print(
        "登录 · sign in: POST /api/v1/auth/wechat {code}, POST /api/v1/auth/password {username, password}"
    )
