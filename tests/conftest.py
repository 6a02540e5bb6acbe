"""Both engines, real commits, a held clock, and a fresh center for each test.

Tests do not clean up after themselves: each plants its own center, and scope keeps the centers apart, as it
must in production. What acts on every center (jobs, verify) gets a database of its own, `fresh_house`.
"""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlmodel import SQLModel
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

import app.models
from app import clock
from app.heap import settle
from app.house import House, build
from app.main import create_app
from app.settings import Settings
from tests.factories import NOW, District, plant
from tests.postgres import Server, start
from tests.stages import Standing

assert app.models
ENGINES = ("sqlite", "postgresql")
LONG = (
    "tests/test_torture.py",
    "tests/attacks/test_lives.py",
    "tests/attacks/test_schemathesis.py",
    "tests/test_demo.py",
    "tests/test_served.py",
    "tests/test_cli.py",
    "tests/domain/matching/",
)
"""Begun first, so that no process is left alone with them at the end. None shares the `house` of all others."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def pytest_collection_finish() -> None:
    """What was collected never dies: the garbage collector need not walk it again, as in a serving process."""
    settle()


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
        pool_seconds=30,
        media_root=media_root,
        secret=SecretStr("a secret for tests, long enough to be one"),
        worker_inside=False,
        rates="off",
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


@pytest.fixture(scope="session")
async def blank_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database with every table, to copy."""
    folder = tmp_path_factory.mktemp("blank")
    await (await built(f"sqlite+aiosqlite:///{folder}/blank.db", folder)).close()
    return folder / "blank.db"


@pytest.fixture(scope="session")
async def blank_database(server: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of an empty PostgreSQL database with every table, to copy; nobody stays connected to it."""
    name = f"blank_{uuid4().hex}"
    await (await built(server.create(name), tmp_path_factory.mktemp("blank"))).close()
    return name


@pytest.fixture(params=ENGINES)
async def fresh_house(
    request: pytest.FixtureRequest, tmp_path: Path, server: Server, blank_file: Path, blank_database: str
) -> AsyncIterator[House]:
    """A house with an empty database of its own, for what acts on every row there is."""
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{shutil.copy(blank_file, tmp_path / 'fresh.db')}"
    else:
        url = server.create(f"sidan_{uuid4().hex}", template=blank_database)
    made = build(settings_for(url, tmp_path / "media"))
    yield made
    await made.close()


ROUTES: dict[str, list[BaseRoute]] = {}
"""By how the contract is shown: those of the first application of this process. They know no house."""


def app_of(house: House) -> FastAPI:
    """An application around this house, with routes worked out already: that costs more than most tests."""
    made = create_app(house)
    made.router.routes = [*ROUTES.setdefault(house.settings.contract, [*made.router.routes])]
    return made


@pytest.fixture(scope="session")
def api(house: House) -> FastAPI:
    """One application for the house."""
    return app_of(house)


@pytest.fixture
async def client(api: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """The app as a caller meets it: through HTTP, at the API's base path."""
    async with calling(api) as caller:
        yield caller


def client_of(house: House) -> httpx.AsyncClient:
    """A caller of an application of its own."""
    return calling(app_of(house))


def calling(api: ASGIApp, address: str = "127.0.0.1") -> httpx.AsyncClient:
    """From an address: guesses at passwords are counted by it, in one house for all tests."""
    transport = httpx.ASGITransport(app=api, raise_app_exceptions=False, client=(address, 40_000))
    return httpx.AsyncClient(transport=transport, base_url="http://test/api/v1")


@pytest.fixture
async def district(house: House) -> District:
    """A fresh center with its organisations, people, teams and menu."""
    return await plant(house)


@pytest.fixture(scope="session")
async def standing(house: House, api: FastAPI) -> AsyncIterator[Standing]:
    """A center whose orders stand as they are: shared by all tests in which nothing may happen."""
    async with calling(api) as caller:
        yield Standing(caller, await plant(house))
