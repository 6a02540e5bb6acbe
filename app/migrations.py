"""The schema and this code, brought together: migrate, take back, and say where a database stands.

The scripts are alembic/ at the top of the project, beside this package; they go wherever the code goes.
"""

import asyncio
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine

from alembic import command
from app.db import create_engine
from app.patience import away
from app.settings import settings

SCRIPTS = Path(__file__).parents[1] / "alembic"
AGAIN_SECONDS = 0.5


class Standing(StrEnum):
    """Where a database stands beside this code. AHEAD: a newer release has already migrated it."""

    EMPTY = "empty"
    BEHIND = "behind"
    CURRENT = "current"
    AHEAD = "ahead"


def config(**attributes: Any) -> Config:
    made = Config(attributes=attributes)
    made.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    return made


def engine(url: str) -> AsyncEngine:
    """An engine to migrate with: on SQLite without foreign keys, because a changed table is a new one
    under the old name, and dropping the old one must not take its children along.
    """
    made = create_engine(url, pool=1, keyring=settings().keyring)
    if made.dialect.name == "sqlite":
        event.listen(made.sync_engine, "connect", lambda c, _: c.execute("PRAGMA foreign_keys=OFF"))
    return made


async def upgrade(url: str, revision: str = "head") -> None:
    """Migrate up to `revision`; harmless when already there, and when several processes do it at once."""
    await _run(url, lambda cfg: command.upgrade(cfg, revision))


async def downgrade(url: str, revision: str = "-1") -> None:
    """Take migrations back, with the data that only they had room for: the newest, or down to `base`."""
    await _run(url, lambda cfg: command.downgrade(cfg, revision))


async def standing(url: str) -> Standing:
    """Where the database is. Raises what the driver raises when it cannot be reached."""
    scripts = ScriptDirectory.from_config(config())

    def look(connection: Connection) -> Standing:
        found = MigrationContext.configure(connection).get_current_heads()
        if not found:
            return Standing.EMPTY
        if set(found) == set(scripts.get_heads()):
            return Standing.CURRENT
        known = {script.revision for script in scripts.walk_revisions()}
        return Standing.BEHIND if known.issuperset(found) else Standing.AHEAD

    looking = create_engine(url, pool=1)
    try:
        async with looking.connect() as connection:
            return await connection.run_sync(look)
    finally:
        await looking.dispose()


async def standing_in_time(url: str, seconds: float, waiting: Callable[[], None]) -> Standing:
    """The same of a database that may still be starting: ask until it answers, for at most `seconds`.

    `waiting` is called once, when the first try has failed. Raises what the last try raised; what no waiting mends
    (a wrong password, no such database) at once.
    """
    turn = asyncio.get_running_loop().time
    ends, said = turn() + seconds, False
    while True:
        try:
            return await standing(url)
        except Exception as error:
            if not away(error) or turn() >= ends:
                raise
        if not said:
            waiting()
            said = True
        await asyncio.sleep(min(AGAIN_SECONDS, max(0.0, ends - turn())))


async def _run(url: str, order: Callable[[Config], None]) -> None:
    migrating = engine(url)
    try:
        async with migrating.connect() as connection:
            await connection.run_sync(lambda held: order(config(connection=held)))
    finally:
        await migrating.dispose()
