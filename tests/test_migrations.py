"""The migrations make exactly the schema of the models, on both engines, and take it back whole."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from app import migrations
from app.db import create_engine
from app.migrations import Standing
from tests.conftest import ENGINES, new_url

Catalogue = set[tuple[str, ...]]
"""Everything a database says about its tables, as rows of text."""

COLUMNS = """
SELECT 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull::text,
  COALESCE((SELECT collname FROM pg_collation WHERE oid = a.attcollation), ''),
  COALESCE((SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = c.oid AND adnum = a.attnum), '')
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
"""
CONSTRAINTS = """
SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
"""
INDEXES = "SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
TRIGGERS = """
SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(t.oid), prosrc
FROM pg_trigger t JOIN pg_proc p ON p.oid = tgfoid WHERE NOT tgisinternal
"""
CATALOGUE = (COLUMNS, CONSTRAINTS, INDEXES, TRIGGERS)
SQLITE = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"


def catalogue(connection: Connection) -> Catalogue:
    if connection.dialect.name == "postgresql":
        found: Catalogue = {tuple(row) for query in CATALOGUE for row in connection.execute(text(query))}
    else:
        found = {
            (name, re.sub(r"[\s\"]+", " ", line).strip(" ,"))
            for name, sql in connection.execute(text(SQLITE))
            for line in sql.split("\n")
        }
    return {row for row in found if not any("alembic_version" in word for word in row)}


async def look(url: str) -> Catalogue:
    engine = create_engine(url)
    async with engine.connect() as connection:
        found = await connection.run_sync(catalogue)
    await engine.dispose()
    return found


@pytest.fixture(params=ENGINES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    return new_url(request.param, request, tmp_path)


@pytest.fixture(params=ENGINES)
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """As many empty databases as are asked for, all on one engine."""
    return (new_url(request.param, request, tmp_path) for _ in range(9))


async def test_migrated_is_what_the_models_say(urls: Iterator[str]) -> None:
    by_models, by_migrations = next(urls), next(urls)
    engine = create_engine(by_models)
    async with engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    await engine.dispose()
    await migrations.upgrade(by_migrations)
    wanted, made = await look(by_models), await look(by_migrations)
    assert len(wanted) > 200
    assert made == wanted


async def test_autogenerate_finds_nothing_to_do(url: str) -> None:
    await migrations.upgrade(url)
    engine = create_engine(url)
    async with engine.connect() as connection:
        found = await connection.run_sync(
            lambda held: compare_metadata(MigrationContext.configure(held), SQLModel.metadata)
        )
    await engine.dispose()
    assert found == []


async def test_down_leaves_nothing_and_up_again_works(url: str) -> None:
    assert await migrations.standing(url) is Standing.EMPTY
    await migrations.upgrade(url)
    first = await look(url)
    assert await migrations.standing(url) is Standing.CURRENT
    await migrations.downgrade(url, "base")
    assert await look(url) == set()
    assert await migrations.standing(url) is Standing.EMPTY
    await migrations.upgrade(url)
    assert await look(url) == first


UPGRADE = "import asyncio, sys; from app.migrations import upgrade; asyncio.run(upgrade(sys.argv[1]))"


def test_several_processes_may_migrate_at_once(url: str) -> None:
    command = [sys.executable, "-c", UPGRADE, url]
    started = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    complaints = [process.communicate(timeout=60)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], complaints
    assert asyncio.run(migrations.standing(url)) is Standing.CURRENT


async def test_a_newer_release_was_here(url: str) -> None:
    await migrations.upgrade(url)
    engine = create_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await engine.dispose()
    assert await migrations.standing(url) is Standing.AHEAD


def plant(folder: Path, monkeypatch: pytest.MonkeyPatch, deed: str) -> None:
    """Let the scripts be followed by one more, which does `deed`."""
    (head,) = ScriptDirectory.from_config(migrations.config()).get_heads()
    scripts = shutil.copytree(migrations.SCRIPTS, folder / "alembic")
    (scripts / "versions" / "9999_planted.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f'revision, down_revision = "9999", "{head}"\n'
        f"def upgrade():\n    {deed}\n"
        "def downgrade():\n    pass\n"
    )
    monkeypatch.setattr(migrations, "SCRIPTS", scripts)


async def test_a_failed_migration_leaves_the_database_as_it_was(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All or nothing, on SQLite too: half a schema could neither go on nor go back."""
    await migrations.upgrade(url)
    before = await look(url)
    plant(tmp_path, monkeypatch, 'op.create_table("half", sa.Column("id", sa.Uuid())); raise EOFError')
    with pytest.raises(EOFError):
        await migrations.upgrade(url)
    assert await look(url) == before
    assert await migrations.standing(url) is Standing.BEHIND


async def test_a_migration_may_not_orphan_rows(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite migrates without foreign keys, so they are checked before the commit."""
    await migrations.upgrade(url)
    row = [f"'{uuid4()}'", f"'{uuid4()}'", f"'{uuid4()}'", "'2026-11-23'"]
    deed = f"INSERT INTO crew_member (id, order_id, person_id, created_at) VALUES ({', '.join(row)})"  # noqa: S608
    plant(tmp_path, monkeypatch, f"op.execute({deed!r})")
    with pytest.raises((RuntimeError, IntegrityError), match=r"without their parents|foreign key"):
        await migrations.upgrade(url)
    assert await migrations.standing(url) is Standing.BEHIND


def printed(url: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head", "--sql"],
        cwd=migrations.SCRIPTS.parent,
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


async def test_the_statements_can_be_read_first(urls: Iterator[str]) -> None:
    """What is printed makes the same tables, if somebody runs it."""
    by_hand, by_migrations = next(urls), next(urls)
    script = printed(by_hand)
    for table in SQLModel.metadata.tables:
        assert f"CREATE TABLE {table} (" in script
    engine = create_engine(by_hand)
    async with engine.connect() as connection:
        raw: Any = (await connection.get_raw_connection()).driver_connection
        await (raw.execute if engine.dialect.name == "postgresql" else raw.executescript)(script)
    await engine.dispose()
    await migrations.upgrade(by_migrations)
    assert await look(by_hand) == await look(by_migrations)
