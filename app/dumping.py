"""The whole of a database into a file and back, by the tools of its own kind: pg_dump and pg_restore, or SQLite's
online backup. Both see one instant, and both put everything back or nothing.

The password travels in the environment of the child: an argument could be read by everybody on the machine.
"""

import asyncio
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, LargeBinary, func, inspect, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from app.db import create_engine
from app.sealing import PREFIX, Sealed

POSTGRESQL, SQLITE = "postgresql", "sqlite"


class DumpFailed(RuntimeError):
    """The tool is missing, or said why it could not; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a database: revisions of its schema, rows by table, by what keys it is sealed (the first
    bytes of it, in hex), and each picture's key with the sum of its bytes.
    """

    revisions: tuple[str, ...]
    counts: dict[str, int]
    keys: tuple[str, ...]
    pictures: dict[str, str]


async def dump(url: str, to: Path, tools: Path | None) -> Contents:
    """Write the database to `to`; what is in it, at that very instant. Raises DumpFailed."""
    parsed = make_url(url)
    if parsed.get_backend_name() == SQLITE:
        await asyncio.to_thread(_copy, Path(parsed.database or ""), to)
        return await contents(f"sqlite+aiosqlite:///{to}")
    async with _connected(url) as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ")
        snapshot = (await connection.execute(select(func.pg_export_snapshot()))).scalar_one()
        found = await connection.run_sync(_contents)
        options = (
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--snapshot={snapshot}",
            f"--file={to}",
        )
        await _run(tools, "pg_dump", options, parsed)
    return found


async def load(url: str, source: Path, tools: Path | None, *, replace: bool) -> None:
    """Put back what `dump` wrote: all of it, in one transaction, or nothing. Raises DumpFailed.

    With `replace` the tables that it brings take the place of those of the same name.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == SQLITE:
        await asyncio.to_thread(_copy, source, Path(parsed.database or ""))
        return
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    options += ["--clean", "--if-exists"] if replace else []
    await _run(tools, "pg_restore", (*options, f"--dbname={parsed.database}", str(source)), parsed)


async def contents(url: str) -> Contents:
    """What is in the database now."""
    async with _connected(url) as connection:
        return await connection.run_sync(_contents)


def engine_of(url: str) -> str:
    return make_url(url).get_backend_name()


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[AsyncConnection]:
    engine = create_engine(url, pool=1)
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()


def _contents(connection: Connection) -> Contents:
    """Of the tables that are there: the schema may be older than this code."""
    schema = inspect(connection)
    columns = {
        name: {one["name"]: one["type"] for one in schema.get_columns(name)}
        for name in schema.get_table_names()
    }
    counts = {
        name: connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar_one()  # noqa: S608  (of the schema)
        for name in sorted(columns)
    }
    keys = set()
    for table in SQLModel.metadata.tables.values():
        there = columns.get(table.name, {})
        for column in table.columns:
            if isinstance(column.type, Sealed) and isinstance(there.get(column.name), LargeBinary):
                head = func.substr(column, 1, PREFIX, type_=LargeBinary)
                keys |= {bytes(one) for one in connection.execute(select(head).distinct()).scalars() if one}
    versions = "SELECT version_num FROM alembic_version"
    revisions = connection.exec_driver_sql(versions).scalars() if "alembic_version" in columns else ()
    found = connection.exec_driver_sql("SELECT storage_key, sha256 FROM media") if "media" in columns else ()
    return Contents(
        tuple(sorted(revisions)),
        counts,
        tuple(sorted(one.hex() for one in keys)),
        {key: summed for key, summed in found},  # noqa: C416  (rows, which dict() takes for mappings)
    )


def _copy(source: Path, target: Path) -> None:
    """Page by page, in one transaction of the target, while others may go on reading and writing the source."""
    if not source.is_file():
        raise DumpFailed(f"{source} 不存在 · does not exist")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with (
            closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as one,
            closing(sqlite3.connect(target)) as other,
        ):
            one.backup(other)
    except sqlite3.Error as error:
        raise DumpFailed(str(error)) from error


async def _run(tools: Path | None, program: str, options: tuple[str, ...], url: URL) -> None:
    found = shutil.which(program, path=None if tools is None else str(tools))
    if found is None:
        raise DumpFailed(
            f"找不到 {program}，请安装或设置 SIDAN_PG_BIN · not found: install it, or set SIDAN_PG_BIN"
        )
    child = await asyncio.create_subprocess_exec(
        found,
        "--no-password",
        *options,
        env={**os.environ, **_where(url)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, said = await child.communicate()
    except BaseException:
        child.kill()
        raise
    if child.returncode:
        raise DumpFailed(
            " ".join(said.decode(errors="replace").split())[:500] or f"{program}: {child.returncode}"
        )


def _where(url: URL) -> dict[str, str]:
    """The address as libpq reads it from the environment."""
    asked: dict[str, Any] = dict(url.query)
    told = {
        "PGHOST": url.host or asked.get("host"),
        "PGPORT": url.port or asked.get("port"),
        "PGUSER": url.username or asked.get("user"),
        "PGPASSWORD": url.password or asked.get("password"),
        "PGDATABASE": url.database,
        "PGSSLMODE": asked.get("sslmode") or asked.get("ssl"),
    }
    return {name: str(value) for name, value in told.items() if value}
