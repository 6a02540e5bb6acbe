"""Both engines, real commits, a held clock, and a fresh center for each test.

Tests do not clean up after themselves: each plants its own center, and scope keeps the centers apart, as it
must in production. What acts on every center (jobs, verify) gets a database of its own, `fresh_house`.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from pydantic import SecretStr
from sqlmodel import SQLModel

import app.models
from app import clock
from app.house import House, build
from app.main import create_app
from app.settings import Settings
from tests.factories import NOW, District, plant
from tests.postgres import Server, start

assert app.models
ENGINES = ("sqlite", "postgresql")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests each engine passed: a skipped engine must not look like success."""
    passed = [report.nodeid for report in terminalreporter.stats.get("passed", [])]
    counts = {engine: sum(engine in nodeid for nodeid in passed) for engine in ENGINES}
    terminalreporter.write_line("; ".join(f"{engine}: {count} passed" for engine, count in counts.items()))


@pytest.fixture(autouse=True)
def held_clock() -> Iterator[None]:
    """Every test begins at the same Monday morning; it moves the clock itself with `clock.at`."""
    with clock.at(NOW):
        yield


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One PostgreSQL for this test process, started when the first test asks for it."""
    running = start()
    yield running
    running.stop()


def settings_for(url: str, media_root: Path) -> Settings:
    return Settings(
        DATABASE_URL=url,
        database_pool=20,
        media_root=media_root,
        secret=SecretStr("a secret for tests, long enough to be one"),
        worker_inside=False,
    )


def new_url(engine: str, request: pytest.FixtureRequest, folder: Path) -> str:
    """The address of an empty database on `engine`."""
    if engine == "sqlite":
        return f"sqlite+aiosqlite:///{folder}/{uuid4().hex}.db"
    postgres: Server = request.getfixturevalue("server")
    return postgres.create(f"sidan_{uuid4().hex}")


async def built(url: str, folder: Path) -> House:
    house = build(settings_for(url, folder / "media"))
    async with house.database.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    return house


@pytest.fixture(scope="session", params=ENGINES)
async def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """The house of this test process on one engine; shared by all tests, which never see each other's center."""
    folder = tmp_path_factory.mktemp(request.param)
    made = await built(new_url(request.param, request, folder), folder)
    yield made
    await made.close()


@pytest.fixture(params=ENGINES)
async def fresh_house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    """A house with an empty database of its own, for what acts on every row there is."""
    made = await built(new_url(request.param, request, tmp_path), tmp_path)
    yield made
    await made.close()


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """The app as a caller meets it: through HTTP, at the API's base path."""
    async with client_of(house) as caller:
        yield caller


def client_of(house: House) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=create_app(house), raise_app_exceptions=False),
        base_url="http://test/api/v1",
    )


@pytest.fixture
async def district(house: House) -> District:
    """A fresh center with its organisations, people, teams and menu."""
    return await plant(house)
