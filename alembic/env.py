"""Where Alembic meets the house: one transaction for a whole run, and one run at a time.

Two processes that start at once both migrate. On PostgreSQL the second waits for an advisory lock, on SQLite
for BEGIN IMMEDIATE; then it reads the version that the first one left and finds nothing to do.
"""

import asyncio
from typing import Any, Literal

from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlmodel import AutoString, SQLModel, UTCDateTime

import app.models  # noqa: F401  (registers every table)
from alembic import context
from app.migrations import engine
from app.settings import settings

LOCK = 0x5349_4441_4E  # "SIDAN"


def render(kind: str, item: Any, _: AutogenContext) -> str | Literal[False]:
    """Write columns in SQLAlchemy's own types, so that an old migration does not change with the models."""
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.{item.impl!r}"
    if kind == "type" and isinstance(item, UTCDateTime):
        return f"sa.{item.impl!r}"
    return False


def configure(**how: Any) -> None:
    context.configure(
        target_metadata=SQLModel.metadata,
        render_item=render,
        transactional_ddl=True,
        **how,
    )


def on(connection: Connection) -> None:
    """Migrate over an open connection, in one transaction."""
    sqlite = connection.dialect.name == "sqlite"
    with connection.begin():
        if not sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        configure(connection=connection, render_as_batch=sqlite)
        context.run_migrations()
        if sqlite and (orphans := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()):
            raise RuntimeError(f"this migration would leave rows without their parents: {orphans[:5]}")


def as_sql(url: str) -> None:
    """Print the statements instead (`alembic upgrade head --sql`), for whoever must read them first."""
    sqlite = make_url(url).get_backend_name() == "sqlite"
    configure(url=url, literal_binds=True, render_as_batch=sqlite)
    with context.begin_transaction():
        context.run_migrations()


async def connect() -> None:
    migrating = engine(settings().database_url)
    try:
        async with migrating.connect() as connection:
            await connection.run_sync(on)
    finally:
        await migrating.dispose()


if context.is_offline_mode():
    as_sql(settings().database_url)
elif (given := context.config.attributes.get("connection")) is not None:
    on(given)
else:
    asyncio.run(connect())
