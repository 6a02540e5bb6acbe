"""A backup comes back whole: rows, pictures, sealed data. A file that was touched is good for nothing."""

import asyncio
import io
import tarfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlmodel import col, select

from app.db import create_engine
from app.dumping import contents
from app.house import build
from app.models.person import Person
from app.services import media
from app.services.access import Actor
from app.settings import Settings
from tests.command import Command
from tests.conftest import ENGINES, new_url
from tests.postgres import Server
from tests.storage.photographs import encoded, quarters

NAME = "张阿婆"


@dataclass(frozen=True)
class Made:
    """A demonstrated district with one picture, and the backup of it."""

    url: str
    file: Path
    picture: bytes


class Place:
    """A `sidan` on an empty database under a new name, with no picture yet."""

    def __init__(self, sidan: Command, folder: Path) -> None:
        self.sidan = sidan
        self.file = folder / "backups" / "sidan.tar"
        self.file.parent.mkdir()
        self.pictures = folder / "restored"
        sidan.set(SIDAN_MEDIA_ROOT=str(self.pictures))

    def do(self, *arguments: str) -> str:
        done = self.sidan(*arguments)
        assert done.exit_code == 0, done.output
        return done.output

    def refused(self, file: Path) -> str:
        """What it says of a file with which nothing was done."""
        said = self.sidan.refused("restore", str(file))
        assert asyncio.run(contents(self.sidan.url)).counts == {}
        assert files(self.pictures) == []
        return said


def with_tools(sidan: Command, request: pytest.FixtureRequest) -> Command:
    """pg_dump of the server that the tests use, where it is one."""
    if "postgresql" in sidan.url:
        server: Server = request.getfixturevalue("server")
        sidan.set(SIDAN_PG_BIN=str(server.bin))
    return sidan


@pytest.fixture(scope="module", params=ENGINES)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as environment:
        sidan = with_tools(Command(new_url(request.param, request, folder), environment), request)
        sidan.set(SIDAN_MEDIA_ROOT=str(folder / "media"))
        assert sidan("migrate", "--demo").exit_code == 0
        picture = asyncio.run(with_a_picture(sidan.url, folder / "media"))
        file = folder / "backups" / "sidan.tar"
        file.parent.mkdir()
        done = sidan("backup", str(file))
        assert done.exit_code == 0, done.output
        assert "已存在" in sidan.refused("backup", str(file))
    return Made(sidan.url, file, picture)


@pytest.fixture
def place(
    made: Made, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Place:
    engine = make_url(made.url).get_backend_name()
    return Place(with_tools(Command(new_url(engine, request, tmp_path), monkeypatch), request), tmp_path)


async def with_a_picture(url: str, root: Path) -> bytes:
    """One picture of one resident; its bytes as they are kept."""
    house = build(Settings(DATABASE_URL=url, media_root=root))
    async with house.database.transaction() as session:
        people = {one.name: one for one in await session.exec(select(Person))}
        kept = await media.upload(session, house.store, Actor(people[NAME].id), encoded(quarters(), "JPEG"))
    data = await house.store.get(kept.storage_key)
    await house.close()
    return data


async def names_in(url: str) -> set[str]:
    house = build(Settings(DATABASE_URL=url))
    async with house.database.reading() as session:
        found = set(await session.exec(select(col(Person.name))))
    await house.close()
    return found


async def sent(url: str, statement: str) -> None:
    engine = create_engine(url, pool=1)
    async with engine.begin() as connection:
        await connection.execute(text(statement))
    await engine.dispose()


def files(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]


def test_there_and_back(made: Made, place: Place) -> None:
    assert [one.name for one in made.file.parent.iterdir()] == [made.file.name]
    assert made.file.stat().st_mode & 0o077 == 0, "nobody else may read it"
    kept = made.file.read_bytes()
    assert NAME.encode() not in kept
    assert b"sidan-development-only" not in kept

    place.do("restore", str(made.file))
    assert "数据一致" in place.do("verify")
    assert files(place.pictures) == [made.picture]
    assert asyncio.run(names_in(place.sidan.url)) == asyncio.run(names_in(made.url)) >= {NAME}

    asyncio.run(sent(place.sidan.url, "UPDATE organisation SET name = '改过'"))
    assert "不是空的" in place.sidan.refused("restore", str(made.file))
    place.do("restore", "--replace", str(made.file))
    assert "数据一致" in place.do("verify")


def test_what_was_touched_is_refused_and_changes_nothing(made: Made, place: Place) -> None:
    whole = made.file.read_bytes()
    size = len(whole)
    touched = [whole[: size // 2], whole[: size - 12_000], b"", b"PK" + whole, retold(whole)]
    for at in (600, size // 3, whole.index(b'"counts"') + 20, whole.rindex(b"\xff\xd9")):
        touched.append(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    for data in touched:
        place.file.write_bytes(data)
        assert "未作任何改动" in place.refused(place.file)
    place.sidan.set(SIDAN_INDEX_KEY="another one")
    assert "SIDAN_INDEX_KEY" in place.refused(made.file)


def retold(whole: bytes) -> bytes:
    """The same with one picture taken out: everything that is left is as it was."""
    told = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(whole)) as old, tarfile.open(fileobj=told, mode="w") as new:
        for member in old:
            if not member.name.startswith("media/"):
                new.addfile(member, old.extractfile(member))
    return told.getvalue()


def test_keys_and_versions_must_fit(made: Made, place: Place) -> None:
    place.sidan.set(SIDAN_DATA_KEY="the next one, long enough to be a key")
    assert "SIDAN_PREVIOUS_DATA_KEYS" in place.refused(made.file)
    place.sidan.set(SIDAN_PREVIOUS_DATA_KEYS='["sidan-development-only"]')
    place.do("restore", str(made.file))
    here = place.sidan.url
    for revision, said in (("0003", "sidan migrate"), ("9999", "更新的版本")):
        asyncio.run(sent(here, f"UPDATE alembic_version SET version_num = '{revision}'"))  # noqa: S608
        file = place.file.with_name(revision)
        place.do("backup", str(file))
        told = place.sidan("restore", "--replace", str(file))
        assert said in told.stderr, told.output


def test_what_fails_leaves_no_file(place: Place, tmp_path: Path) -> None:
    if "postgresql" in place.sidan.url:
        place.sidan.set(SIDAN_PG_BIN=str(tmp_path))
        assert "pg_dump" in place.sidan.refused("backup", str(place.file))
    else:
        assert "不存在" in place.sidan.refused("backup", str(place.file))
    assert list(place.file.parent.iterdir()) == []
