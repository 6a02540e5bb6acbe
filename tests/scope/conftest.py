"""One world for each engine and process; and how much of it was tried is said at the end."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlmodel import SQLModel

from app import clock
from app.house import build
from tests.conftest import ENGINES, app_of, new_url, settings_for
from tests.contract import document
from tests.factories import NOW
from tests.scope.undone import undoing
from tests.scope.world import World, planted

TALLIES = ("calls", "leaks")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """`routes × roles × scopes = calls, leaks`, gathered from all processes."""
    reports = [
        dict(report.user_properties)
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
        if report.when == "call" and any(name == "matrix" for name, _ in report.user_properties)
    ]
    for engine in sorted({str(report["matrix"]) for report in reports}):
        mine = [report for report in reports if report["matrix"] == engine]
        total = {name: sum(int(report[name]) for report in mine) for name in ("routes", "calls", "leaks")}
        roles, scopes = mine[0]["roles"], mine[0]["scopes"]
        terminalreporter.write_line(
            f"{engine}: {total['routes']} routes × {roles} roles × {scopes} scopes"
            f" = {total['calls']} calls, leaks {total['leaks']}"
        )


@pytest.fixture(scope="session", params=ENGINES)
async def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """A database of its own: what is refused must leave every row of it as it was."""
    folder: Path = tmp_path_factory.mktemp(f"scope_{request.param}")
    settings = settings_for(new_url(request.param, request, folder), folder / "media")
    house = build(settings.model_copy(update={"rates": "off"}))
    async with house.database.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    with clock.at(NOW):
        yield await planted(house)
    await house.close()


@pytest.fixture(scope="session")
def app(world: World) -> FastAPI:
    made = app_of(world.house)
    made.openapi_schema = document()
    return made


@pytest.fixture(scope="session")
def undone(world: World) -> FastAPI:
    """The same app over the same rows, in which nothing that is done lasts."""
    return app_of(undoing(world.house))
