"""The `sidan` command: every refusal is one sentence, and a real process serves, stops and leaves with 0."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlmodel import select
from typer.testing import CliRunner, Result

from app import migrations
from app.cli import cli
from app.clock import now
from app.db import Database, create_engine
from app.domain.sheet import mark
from app.migrations import Standing
from app.models.approval import Approval, ApprovalKind, ApprovalState
from app.models.base import new_id
from app.models.organisation import Organisation
from app.models.person import Person
from app.origin import Origin, origin
from app.services import auditing
from app.services.access import Actor
from app.settings import settings
from tests.conftest import ENGINES, new_url

ROOT = Path(__file__).parents[1]
SIDAN = [sys.executable, "-c", "from app.cli import main; main()"]
FIT = {
    "SIDAN_ENV": "production",
    "SIDAN_SECRET": "a secret for tests, long enough to be one",
    "SIDAN_DATA_KEY": "a key for tests that seals the personal data",
    "SIDAN_INDEX_KEY": "a key for tests by which sealed data is found",
    "SIDAN_WECHAT": "http",
    "SIDAN_WECHAT_APPID": "wx0000000000000000",
    "SIDAN_WECHAT_SECRET": "not a real one",
}
PATIENCE = 60


class Command:
    """Calls `sidan` in this process, on one database and with an environment of its own."""

    def __init__(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.url = url
        self.environment = monkeypatch
        self.set(DATABASE_URL=url)

    def set(self, **variables: str) -> None:
        for name, value in variables.items():
            self.environment.setenv(name, value)

    def __call__(self, *arguments: str, answer: str = "") -> Result:
        settings.cache_clear()
        try:
            return CliRunner().invoke(cli, arguments, input=answer)
        finally:
            settings.cache_clear()

    def refused(self, *arguments: str) -> str:
        """What it says on stderr, which is one line; nothing is on stdout, and the exit code is 1."""
        result = self(*arguments)
        assert (result.exit_code, result.stdout) == (1, ""), result.output
        assert result.stderr.count("\n") == 1, result.stderr
        assert " · " in result.stderr, "Chinese and English"
        return result.stderr

    def standing(self) -> Standing:
        return asyncio.run(migrations.standing(self.url))


@pytest.fixture(params=ENGINES)
def sidan(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    return Command(new_url(request.param, request, tmp_path), monkeypatch)


@pytest.fixture
def embedded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    return Command(f"sqlite+aiosqlite:///{tmp_path}/sidan.db", monkeypatch)


@pytest.mark.parametrize("command", ["serve", "worker", "migrate", "verify", "openapi"])
def test_unfit_settings_are_named_and_not_shown(embedded: Command, command: str) -> None:
    embedded.set(SIDAN_ENV="production", SIDAN_SECRET="too-short-to-be-secret")
    said = embedded.refused(command)
    assert "SIDAN_SECRET" in said
    assert "too-short" not in said


@pytest.mark.parametrize(
    ("variable", "value"),
    [("SIDAN_TICK_SECONDS", "often"), ("SIDAN_DATABASE_POOL", "0"), ("SIDAN_WECHAT", "http")],
)
def test_each_variable_at_fault_is_named(embedded: Command, variable: str, value: str) -> None:
    embedded.set(**{variable: value})
    assert variable in embedded.refused("serve")


def test_an_address_that_is_none(embedded: Command) -> None:
    embedded.set(DATABASE_URL="my-database:secret")
    said = embedded.refused("serve")
    assert "DATABASE_URL" in said
    assert "secret" not in said


@pytest.mark.parametrize("command", ["worker", "migrate", "verify"])
def test_a_database_that_does_not_answer(embedded: Command, command: str) -> None:
    embedded.set(DATABASE_URL="postgresql://nobody:secret@127.0.0.1:1/nowhere", SIDAN_START_SECONDS="0")
    said = embedded.refused(command)
    assert "数据库连接不上" in said
    assert "secret" not in said


@pytest.mark.parametrize("command", ["serve", "worker", "verify"])
def test_production_never_migrates_by_itself(sidan: Command, command: str) -> None:
    sidan.set(**FIT)
    port = ["--port", "0"] if command == "serve" else []
    assert "sidan migrate" in sidan.refused(command, *port)
    assert sidan.standing() is Standing.EMPTY


def test_sqlite_has_one_process(embedded: Command) -> None:
    assert "PostgreSQL" in embedded.refused("serve", "--workers", "2")
    assert not Path(embedded.url.partition("///")[2]).exists()


def test_a_taken_port_is_known_before_anything_is_done(embedded: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert port in embedded.refused("serve", "--port", port)
    assert not Path(embedded.url.partition("///")[2]).exists()


def test_migrating_there_and_back(sidan: Command) -> None:
    for _ in range(2):
        assert sidan("migrate").exit_code == 0
        assert sidan.standing() is Standing.CURRENT
    assert sidan("verify").exit_code == 0
    assert sidan("migrate", "--down", answer="n\n").exit_code == 1
    assert sidan.standing() is Standing.CURRENT
    while sidan.standing() is not Standing.EMPTY:
        assert sidan("migrate", "--down", "--yes").exit_code == 0
        assert sidan.standing() in {Standing.BEHIND, Standing.EMPTY}


def test_the_demonstration_is_loaded_once_and_never_in_production(sidan: Command) -> None:
    assert "青禾区" in sidan("migrate", "--demo").stdout
    assert "青禾区" not in sidan("migrate", "--demo").stdout
    sidan.set(**FIT)
    assert "生产环境" in sidan.refused("migrate", "--demo")


FOUND = ["found", "xinxian", "新县中心", "--lat", "28.2", "--lon", "112.9", "--admin", "xinxian_admin"]
FOUND += ["--security", "xinxian_security", "--security-password", "Quite-long-2026"]
PASSWORD = "Long-enough-2026"


async def exported(url: str) -> UUID:
    """The id of a file that the only administrator asked for and fetched."""
    database = Database(create_engine(url, keyring=settings().keyring))
    async with database.transaction() as session:
        person = (await session.exec(select(Person).where(Person.username == "xinxian_admin"))).one()
        place = (await session.exec(select(Organisation))).one()
        wanted = {"kind": "volunteers", "organisation_id": str(place.id), "reason": "报送名册"}
        asked = Approval(
            kind=ApprovalKind.EXPORT,
            state=ApprovalState.SPARED,
            org_path=place.path,
            wanted=wanted,
            reason="报送名册",
            asked_by_id=person.id,
            expires_at=now(),
        )
        session.add(asked)
        origin.set(Origin("203.0.113.9"))
        auditing.record(session, Actor(person.id), "export_file_get", object_id=asked.id, data={"rows": 5})
    await database.dispose()
    return asked.id


def test_a_center_is_founded_from_the_terminal(sidan: Command) -> None:
    assert "sidan migrate" in sidan.refused(*FOUND, "--password", PASSWORD)
    sidan("migrate")
    assert sidan(*FOUND, answer="short\nshort\n").exit_code == 1
    founded = sidan(*FOUND, answer=f"{PASSWORD}\n{PASSWORD}\n")
    assert founded.exit_code == 0, founded.output
    assert "xinxian_admin" in founded.stdout
    assert "xinxian_security" in founded.stdout
    assert PASSWORD not in founded.output
    assert sidan("verify").exit_code == 0
    again = ("recover", "xinxian_admin", "--password")
    assert "xinxian_admin" in sidan(*again, "Another-one-2026").stdout
    assert "没有这个人" in sidan.refused("recover", "nobody", "--password", "Another-one-2026")
    assert "猜到" in sidan.refused(*again, "Passw0rd-2026")
    export = asyncio.run(exported(sidan.url))
    traced = sidan("mark", f"{mark(export.hex, 7)},张阿婆,13800000001")
    assert traced.exit_code == 0, traced.output
    for told in (export.hex, "/xinxian/", "报送名册", "203.0.113.9", "共 5 行，没有第 7 行"):
        assert told in traced.stdout
    assert "没有以此结尾" in sidan.refused("mark", mark(new_id().hex, 7))
    assert "没有导出标记" in sidan.refused("mark", "张阿婆,13800000001")
    assert sidan("verify").exit_code == 0
    assert "已有使用这个代码的中心" in sidan.refused(*FOUND, "--password", PASSWORD)
    assert "不在国内" in sidan.refused(*FOUND, "--password", PASSWORD, "--lat", "91")
    assert "code" in sidan.refused("found", "新县", *FOUND[2:], "--password", PASSWORD)


def test_verify_names_the_damage(sidan: Command) -> None:
    sidan("migrate", "--demo")
    assert sidan("verify").exit_code == 0
    asyncio.run(damage(sidan.url))
    result = sidan("verify")
    assert result.exit_code == 1
    assert "points_account" in result.stderr


async def damage(url: str) -> None:
    """Points that no entry of the ledger accounts for."""
    engine = create_engine(url)
    async with engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO points_account (id, created_at, center_id, person_id, balance)"
                " SELECT o.id, o.created_at, o.id, p.id, 5 FROM organisation o, person p"
                " WHERE o.parent_id IS NULL AND p.wechat_openid = 'demo-resident_zhang'"
            )
        )
    await engine.dispose()


@pytest.mark.parametrize("command", ["openapi", "lifecycle"])
def test_a_file_made_from_code_is_written_and_compared(
    embedded: Command, command: str, tmp_path: Path
) -> None:
    file = tmp_path / "made" / "file"
    assert "file" in embedded.refused(command, "--check", "--file", str(file))
    assert embedded(command, "--file", str(file)).exit_code == 0
    assert embedded(command, "--check", "--file", str(file)).exit_code == 0
    file.write_text(file.read_text("utf-8").replace("order", "Order", 1), "utf-8")
    assert "file" in embedded.refused(command, "--check", "--file", str(file))


@contextmanager
def running(command: Command, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """`sidan` as a process of its own, which must end with 0 when it is told to."""
    folder = Path(command.url.rpartition("/")[0].partition("///")[2] or ".")
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "SIDAN_MEDIA_ROOT": str(folder)}
    process = subprocess.Popen(
        [*SIDAN, *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
        process.send_signal(signal.SIGTERM)
        left, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, left
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def address_said(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if "/docs" in line:
            return next(word for word in line.split() if word.endswith("/docs")).removesuffix("/docs")
    raise AssertionError(f"ended with {process.wait()}")


def from_where(base: str) -> str:
    """Whence somebody comes, in their own list of sign-ins, who says to come from elsewhere."""
    with httpx.Client(base_url=f"{base}/api/v1", headers={"X-Forwarded-For": "203.0.113.9"}) as caller:
        signed_in = caller.post("/auth/wechat", json={"code": "demo:somebody"}).json()
        bearer = {"Authorization": f"Bearer {signed_in['access_token']}"}
        (mine,) = caller.get("/me/sign-ins", headers=bearer).json()["items"]
        return str(mine["address"])


def test_one_command_serves_and_leaves_with_0(embedded: Command) -> None:
    with running(embedded, "serve", "--port", "0") as process:
        base = address_said(process)
        assert httpx.get(f"{base}/readyz").is_success
        assert httpx.get(f"{base}/docs").is_success
        assert from_where(base).startswith("203.0."), "this machine is a proxy that is believed"
        acted = embedded("demo", "--url", base)
        assert acted.exit_code == 0, acted.output
        assert "合计" in acted.stdout
        assert embedded("verify").exit_code == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{base}/healthz")


@pytest.mark.parametrize("sidan", ["postgresql"], indirect=True)
def test_two_processes_serve_and_leave_with_0(sidan: Command) -> None:
    assert sidan("migrate").exit_code == 0
    sidan.set(SIDAN_TRUSTED_PROXIES="192.0.2.1")
    with running(sidan, "serve", "--port", "0", "--workers", "2") as process:
        base = address_said(process)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        assert not children.exists() or len(children.read_text().split()) >= 2
        assert httpx.get(f"{base}/readyz").is_success
        assert from_where(base).startswith("127.0."), "whoever may say anything is not believed"
        assert "青禾区" in sidan("demo", "--url", base).stderr, "nobody lives there yet"
    assert "没有应答" in sidan("demo", "--url", base).stderr


def test_the_clock_runs_alone_and_leaves_with_0(sidan: Command) -> None:
    assert sidan("migrate").exit_code == 0
    with running(sidan, "worker") as process:
        assert process.stdout is not None
        assert "✓" in process.stdout.readline()
