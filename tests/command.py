"""The `sidan` command as it is called: in this process, or as a process of its own that ends with 0."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app import migrations
from app.cli import cli
from app.migrations import Standing
from app.settings import settings
from tests.conftest import ENGINES, new_url

ROOT = Path(__file__).parents[1]
SIDAN = [sys.executable, "-c", "from app.cli import main; main()"]
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
