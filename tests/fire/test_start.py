"""A process that is started before its database waits for it, says so once, and not for what no waiting mends."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from app import migrations
from app.migrations import Standing
from tests.command import Command
from tests.fire.conftest import FURNISHED
from tests.postgres import Server


async def test_a_database_that_starts_later_is_waited_for(
    own_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "AGAIN_SECONDS", 0.02)
    url, said = own_server.url(FURNISHED), asyncio.Event()
    times: list[int] = []

    def waiting() -> None:
        times.append(1)
        said.set()

    await asyncio.to_thread(own_server.halt)
    asked = asyncio.create_task(migrations.standing_in_time(url, 60, waiting))
    await said.wait()
    await asyncio.to_thread(own_server.resume)
    assert await asked is Standing.EMPTY
    assert len(times) == 1
    with pytest.raises(DBAPIError, match="nowhere"):
        await migrations.standing_in_time(own_server.url("nowhere"), 60, pytest.fail)


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_it_is_told_in_one_line_and_not_for_ever(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sidan = Command(f"postgresql://nobody:secret@/nowhere?host={tmp_path}", monkeypatch)
    sidan.set(SIDAN_START_SECONDS="0.2")
    done = sidan(command, *(["--port", "0"] if command == "serve" else []))
    assert done.exit_code == 1
    waiting, refused = done.stderr.splitlines()
    assert "正在等待" in waiting
    assert "数据库连接不上" in refused
    assert "secret" not in done.output
