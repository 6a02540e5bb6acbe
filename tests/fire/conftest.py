"""A PostgreSQL that may be stopped, because nobody else is using it, and houses that do not wait for long."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import SQLModel

from app.house import House, build
from tests.conftest import settings_for
from tests.postgres import Server, start

FURNISHED = "furnished"


@pytest.fixture(scope="package")
async def own_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """With a database `furnished`, empty and with every table, to copy."""
    running = await asyncio.to_thread(start, durable=True)  # what was committed survives `halt`
    house = impatient(running.create(FURNISHED), tmp_path_factory.mktemp("furnished"), statement_seconds=60)
    async with house.database.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    await house.close()
    yield running
    running.stop()


def impatient(url: str, folder: Path, **changes: Any) -> House:
    quick = {"pool_seconds": 0.2, "connect_seconds": 1.0, "statement_seconds": 0.3, **changes}
    return build(settings_for(url, folder / "media").model_copy(update=quick))


def told(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a problem that says when to come again."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    assert int(answer.headers["retry-after"]) >= 1
    return answer.status_code, answer.json()["code"]
