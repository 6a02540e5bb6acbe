"""A full disk: who writes is told so, nothing is half there, and all goes on when there is room again."""

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel, select

from app.house import House, build
from app.models.base import new_id
from app.models.event import OrderEvent
from app.models.media import Media
from app.models.notification import Notification
from app.models.order import Order
from app.services.access import SYSTEM
from app.services.scope import visible
from app.storage.port import media_key
from tests.conftest import client_of, settings_for
from tests.factories import District, plant
from tests.fire.conftest import FURNISHED, impatient
from tests.postgres import Server
from tests.storage.photographs import encoded, quarters

MOST = 60
SMALL = "18m"
WRITE = """
import asyncio, resource, sys
from pathlib import Path
from app.storage.local import LocalStore
from app.storage.port import StoreFull
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    asyncio.run(LocalStore(Path(sys.argv[1])).put(sys.argv[2], b"x" * 8192))
except StoreFull as full:
    print(full.code)
"""


@contextmanager
def tiny(folder: Path, size: str) -> Iterator[None]:
    """A file system of its own at `folder`, so small that it can be filled; skips where that may not be made."""
    folder.mkdir()
    made = (
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size},mode=1777", "tmpfs", folder],
            capture_output=True,
            check=False,
        )
        if os.geteuid() == 0
        else None
    )
    if made is None or made.returncode:
        pytest.skip(
            "不能挂载 tmpfs，未试真正写满的磁盘 · no tmpfs may be mounted: a really full disk was not tried"
        )
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


async def rows(house: House, model: type[SQLModel]) -> int:
    async with house.database.transaction() as session:
        found = visible(model, SYSTEM) if model is not OrderEvent else select(model)
        counted = select(func.count()).select_from(found.subquery())
        return (await session.exec(counted)).one()


async def placed_until_full(client: httpx.AsyncClient, district: District) -> int:
    """How many orders went in before one was refused."""
    for number in range(MOST):
        answer = await client.post("/orders", json=district.order_body(), headers=district.as_("resident"))
        if answer.status_code != 201:
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable"), answer.text
            assert int(answer.headers["retry-after"]) > 0
            return number
    raise AssertionError("it never was full")


async def nothing_is_half_there(house: House, orders: int) -> None:
    assert [await rows(house, model) for model in (Order, OrderEvent)] == [orders, orders]
    assert await rows(house, Notification) >= orders


async def pragma(house: House, statement: str) -> int:
    async with house.database.transaction() as session:
        found = await (await session.connection()).exec_driver_sql(f"PRAGMA {statement}")
        return int(found.scalar_one())


async def test_sqlite_that_may_not_grow(blank_file: Path, tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/small.db"
    shutil.copy(blank_file, tmp_path / "small.db")
    house = build(settings_for(url, tmp_path / "media"))
    district = await plant(house)
    async with client_of(house) as client:
        await pragma(house, f"max_page_count = {await pragma(house, 'page_count')}")
        before = await placed_until_full(client, district)
        await nothing_is_half_there(house, before)
        picture = {"file": ("a.jpg", encoded(quarters(), "JPEG"), "image/jpeg")}
        kept = 0
        while (
            answer := await client.post("/media", files=picture, headers=district.as_("resident"))
        ).is_success:
            kept += 1
        assert answer.status_code == 503, answer.text
        stored = [path for path in (tmp_path / "media").rglob("*") if path.is_file()]
        assert len(stored) == kept == await rows(house, Media), "no picture that no row names"
        await pragma(house, "max_page_count = 1000000")
        again = await client.post("/orders", json=district.order_body(), headers=district.as_("resident"))
        assert again.status_code == 201
        await nothing_is_half_there(house, before + 1)
    await house.close()


@pytest.fixture
async def cramped(own_server: Server, tmp_path: Path) -> AsyncIterator[House]:
    """A house whose database lies on a disk of a few megabytes, by a tablespace."""
    folder = own_server.folder / "tiny"
    with tiny(folder, SMALL):
        space = folder / "space"
        space.mkdir()
        owner = (own_server.folder / "data").stat()
        os.chown(space, owner.st_uid, owner.st_gid)
        admin = impatient(own_server.url(), tmp_path, statement_seconds=20)
        async with admin.database.engine.connect() as connection:
            alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await alone.execute(text(f"CREATE TABLESPACE tiny LOCATION '{space}'"))
            await alone.execute(text(f"CREATE DATABASE cramped TEMPLATE {FURNISHED} TABLESPACE tiny"))
            house = impatient(own_server.url("cramped"), tmp_path, statement_seconds=20)
            yield house
            await house.close()
            await alone.execute(text("DROP DATABASE cramped"))
            await alone.execute(text("DROP TABLESPACE tiny"))
        await admin.close()


async def test_postgresql_on_a_full_disk(cramped: House) -> None:
    """SQLSTATE 53100, from a disk that is really full."""
    district = await plant(cramped)
    async with cramped.database.engine.connect() as connection:
        alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await alone.execute(text("CREATE TABLE filler AS SELECT repeat('x', 1000) AS x"))
        filled = text("INSERT INTO filler SELECT repeat('x', 1000) FROM generate_series(1, 400)")
        state = ""
        while not state:
            try:
                await alone.execute(filled)
            except DBAPIError as full:
                state = getattr(full.orig, "sqlstate", "none")
        assert state == "53100"
        async with client_of(cramped) as client:
            before = await placed_until_full(client, district)
            await nothing_is_half_there(cramped, before)
            assert (
                await client.get("/orders?mine=true", headers=district.as_("resident"))
            ).status_code == 200
            await alone.execute(text("DROP TABLE filler"))
            again = await client.post("/orders", json=district.order_body(), headers=district.as_("resident"))
            assert again.status_code == 201
            await nothing_is_half_there(cramped, before + 1)


async def test_a_full_store_of_pictures(house: House, district: District, tmp_path: Path) -> None:
    root = tmp_path / "media"
    with tiny(root, "64k"):
        cramped = build(house.settings.model_copy(update={"media_root": root}))
        before = await rows(cramped, Media)
        async with client_of(cramped) as client:
            picture = {"file": ("a.jpg", encoded(quarters(900, 900), "JPEG"), "image/jpeg")}
            kept = 0
            while (
                answer := await client.post("/media", files=picture, headers=district.as_("resident"))
            ).is_success:
                kept += 1
            assert (answer.status_code, answer.json()["code"]) == (507, "storage_full"), answer.text
            assert int(answer.headers["retry-after"]) > 0
        assert len([path for path in root.rglob("*") if path.is_file()]) == kept
        assert await rows(cramped, Media) == before + kept
        await cramped.close()


def test_a_file_that_may_not_be_so_large_leaves_nothing(tmp_path: Path) -> None:
    """What the kernel refuses for another reason (EFBIG), tried in a process that may write 4 kB."""
    key = media_key(new_id(), "image/png")
    done = subprocess.run(
        [sys.executable, "-c", WRITE, str(tmp_path), key], capture_output=True, text=True, check=True
    )
    assert done.stdout == "storage_full\n", os.strerror(errno.EFBIG)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
