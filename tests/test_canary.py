"""What is sealed is found nowhere else: not in the log, not in an answer to somebody else, not in a dump.

Canaries are planted through the API as people would, and by rows in every sealed column there is; then jobs run,
things fail in every way that quotes what it fails on, and all that the process wrote is searched.
"""

import asyncio
import logging
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Column, select, text

from app.db import table_of
from app.house import House
from app.models.person import Person
from app.sealing import Sealed
from app.services.rotating import sealed_tables
from app.worker import JOBS, run_job
from tests import stories
from tests.canaries import BORN, PLAIN, SEALED, Betrayed, Flock, found, overheard
from tests.conftest import app_of, calling
from tests.postgres import Server
from tests.routers.test_metrics import TOKEN, told
from tests.test_constraints import plant as plant_row


@pytest.fixture
def flock(monkeypatch: pytest.MonkeyPatch) -> Flock:
    made = Flock()
    monkeypatch.setattr(Betrayed, "flock", made, raising=False)
    monkeypatch.setattr(stories, "Story", Betrayed)
    return made


async def test_no_canary_is_heard(
    fresh_house: House, flock: Flock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    house = told(fresh_house)
    api = app_of(house)
    _traps(api, house, flock)
    with overheard() as log:
        async with calling(api) as client:
            story = await stories.tell(house, client)
            assert isinstance(story, Betrayed)
            await _registered(story)
            for name in JOBS:
                await run_job(house, name)
            assert "trying again" not in log.getvalue()
            await _in_every_column(house, flock)
            for name in JOBS:
                await run_job(house, name)  # some cannot make anything of such rows, and say so
            bodies = await _failures(story)
            metrics = (await client.get("http://test/metrics", headers=TOKEN)).text
        await asyncio.sleep(0)
    assert flock.let_out > 100
    heard = log.getvalue()
    assert "Traceback" in heard, "the failures were heard"
    assert "BEGIN" in heard, "SQLAlchemy was heard"
    for mark in (SEALED, PLAIN):
        assert found(mark, heard) == set()
        assert found(mark, metrics) == set()
        for body in bodies:
            assert found(mark, body) == set()
        for path, written in _files(tmp_path):
            assert found(mark, path) == set()
            assert found(mark, written) == set()
    await house.database.dispose()
    dump = _dump(house, server)
    assert found(PLAIN, dump), "the search finds what is there"
    assert found(SEALED, dump) == set()


def _files(folder: Path) -> list[tuple[str, bytes]]:
    """What the process wrote beside the database: pictures, and whatever it put aside for a while."""
    paths = [path for path in folder.rglob("*") if ".db" not in path.name]
    return [(str(path), path.read_bytes() if path.is_file() else b"") for path in paths]


async def _registered(story: Betrayed) -> None:
    """Staff, a volunteer with an identity card, a skill with its proof, a series, a complaint, a name."""
    flock = story.flock
    clerk = {
        "name": flock.name(),
        "phone": flock.phone(),
        "birth_date": BORN.isoformat(),
        "username": f"clerk_{uuid4().hex[:8]}",
        "password": "Chushi-Mima-2026",
        "role": "dispatcher",
        "organisation_id": str(story.district.office.id),
    }
    await story.call("admin", "POST", "/people", clerk)
    await story.call("resident", "PATCH", "/me", {"name": flock.name()})
    title: dict[str, Any] = {
        "menu_item_id": ...,
        "title": flock.title(),
        "category": "care",
        "duration_minutes": 60,
    }
    await story.placed("titled", **title)


async def _in_every_column(house: House, flock: Flock) -> None:
    """A row in every table with a canary in each sealed column."""
    async with house.database.transaction() as session:
        connection = await session.connection()
        for table, names in sealed_tables():
            changes = {name: _value(table.c[name], flock) for name in names}
            if table.name == "absence":
                del changes["appeal"]
            if table.name == "service_order":
                del changes["lat"], changes["lon"]
            await plant_row(connection, table, changes, {})


def _value(column: Column[Any], flock: Flock) -> Any:
    kind = column.type
    assert isinstance(kind, Sealed)
    match kind.kind:
        case "text":
            return flock.identity() if "number" in column.name else flock.text()
        case "bytes":
            return flock.text().encode()
        case "list":
            return [flock.text()]
        case "object":
            return {"said": flock.text()}
        case "date":
            return BORN
        case "number":
            return flock.place()["lat"]
    raise NotImplementedError(kind.kind)


def _traps(api: FastAPI, house: House, flock: Flock) -> None:
    """Routes that fail as a mistake of ours would, with somebody's data in hand."""
    name, phone = flock.name(), flock.phone()
    username = flock.title()

    async def taken() -> None:
        async with house.database.transaction() as session:
            for _ in range(2):
                session.add(Person(name=name, phone=phone, username=username))
                await session.flush()

    async def forgotten() -> None:
        async with house.database.transaction() as session:
            await session.exec(text("SELECT * FROM nowhere WHERE it = :it").bindparams(it=phone))  # type: ignore[call-overload]

    async def unfit() -> None:
        async with house.database.transaction() as session:
            await session.exec(select(table_of(Person).c.id).where(table_of(Person).c.id == name))  # type: ignore[call-overload]

    async def surprised() -> None:
        try:
            raise KeyError(name)
        except KeyError as error:
            raise ValueError(f"cannot make anything of {name!r}, rung at {phone}") from error

    async def together() -> None:
        raise ExceptionGroup(f"of {name}", [ValueError(phone), RuntimeError(repr(name))])

    async def left_alone() -> None:
        async def lost() -> None:
            raise ValueError(f"lost {name!r}")

        task = asyncio.create_task(lost())
        await asyncio.sleep(0)
        logging.getLogger("asyncio").error("Task exception was never retrieved: %r", task)
        task.exception()

    for trap in (taken, forgotten, unfit, surprised, together, left_alone):
        api.router.routes.insert(0, _route(trap))


def _route(trap: Any) -> Any:
    apart = FastAPI()
    apart.add_api_route(f"/api/v1/{trap.__name__}", trap)
    return apart.router.routes[-1]


async def _failures(story: Betrayed) -> list[str]:
    """The answers to calls that fail, and to some that quote what they refuse."""
    flock, district = story.flock, story.district
    answers: list[httpx.Response] = []

    async def ask(method: str, path: str, who: str = "resident", **options: Any) -> None:
        headers = {**district.as_(who, key=uuid4().hex), **options.pop("headers", {})}
        answers.append(await story.client.request(method, path, headers=headers, **options))

    for trap in ("taken", "forgotten", "unfit", "surprised", "together", "left_alone"):
        await ask("GET", f"/{trap}")
    assert [one.status_code for one in answers[:2]] == [409, 503 if not story_on_postgres(story) else 500]
    phone, name = flock.phone(), flock.name()
    contact = {"name": name * 9, "phone": f"{phone}x", name: phone}
    await ask("POST", "/orders", json=district.order_body(contact=contact, address=flock.text() * 99))
    await ask(
        "POST",
        "/orders",
        content=f'{{"contact": "{name}" {phone}',
        headers={"Content-Type": "application/json"},
    )
    await ask("POST", "/orders", json=[name])
    await ask("GET", "/people", "admin", params={"phone": f"{phone}9"})
    await ask("GET", "/people", "admin", params={"name": name, "role": phone})
    await ask("POST", "/auth/password", json={"username": name, "password": phone})
    assert {one.status_code // 100 for one in answers} == {2, 4, 5}
    told = [one.text for one in answers if one.status_code >= 400]
    await ask("GET", f"/orders/{phone}")  # a problem names the address that was called, and the log does not
    return told


def story_on_postgres(story: Betrayed) -> bool:
    return story.district.house.database.postgresql


def _dump(house: House, server: Server) -> bytes:
    """What somebody holds who has stolen the database."""
    url = house.database.engine.url
    if not house.database.postgresql:
        folder = Path(url.database or "").parent
        return b"".join(path.read_bytes() for path in folder.glob(f"{Path(url.database or '').name}*"))
    program = shutil.which("pg_dump") or str(server.bin / "pg_dump")
    if not Path(program).exists():
        pytest.skip("这台机器没有 pg_dump · this machine has no pg_dump: the dump was not searched")
    command = [program, "-h", str(server.folder), "-U", "postgres", "--inserts", str(url.database)]
    return subprocess.run(command, check=True, capture_output=True, cwd="/").stdout
