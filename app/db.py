"""The engine, the only commit, and what SQLite needs to be honest.

Everything that writes does so inside `Database.transaction()`, or, for the hottest path, in the one atomic
statement of `Database.insert_all()`. On SQLite a transaction is BEGIN IMMEDIATE on the single pooled
connection: one writer, so two requests cannot read the same past and both act on it.
"""

import logging
from asyncio import Semaphore
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from copy import copy
from pathlib import Path
from sqlite3 import Connection as SQLiteConnection
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, event, literal
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    async_sessionmaker,
    create_async_engine,
)
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from app.gathering import Gathering
from app.insertion import Call, Insertion, Key, Row, Shape, insertion, shape_of, statements, values_of
from app.patience import Patience, reachable, watch
from app.replica import Replica
from app.sealing import Keyring, hand_over, keys_of

for _talkative in ("sqlalchemy.engine.Engine", "aiosqlite"):
    # At DEBUG one writes the rows that it reads, opened, and the other every value that it is given.
    logging.getLogger(_talkative).addFilter(lambda record: record.levelno > logging.DEBUG)

KEPT = "kept"


def create_engine(
    url: str, pool: int = 10, keyring: Keyring | None = None, patience: Patience | None = None
) -> AsyncEngine:
    """An engine for `sqlite+aiosqlite:///file` or `postgresql+asyncpg://…` (also with libpq's `postgresql://`).

    Without `keyring` it can do everything but read and write personal data. Without `patience` a statement may take
    as long as it does, as who migrates and who verifies needs.
    """
    engine = _engine(url, pool, patience or Patience())
    if keyring is not None:
        hand_over(engine.dialect, keyring)
    return engine


def _engine(url: str, pool: int, patience: Patience) -> AsyncEngine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        told = {"timeout": patience.pool}
        engine = create_async_engine(
            parsed,
            pool_size=1,
            max_overflow=0,
            pool_timeout=patience.pool,
            connect_args=told,
            hide_parameters=True,
        )
        event.listen(engine.sync_engine, "connect", _sqlite_connect)
        event.listen(engine.sync_engine, "begin", _sqlite_begin)
        return engine
    engine = create_async_engine(
        parsed.set(drivername="postgresql+asyncpg"),
        pool_size=pool,
        max_overflow=0,
        pool_timeout=patience.pool,
        pool_recycle=1800,
        connect_args=patience.arguments(),
        hide_parameters=True,
    )
    watch(engine.sync_engine)
    return engine


def _sqlite_connect(connection: SQLiteConnection, _: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _sqlite_begin(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def kept_by(session: AsyncSession) -> dict[Any, Any]:
    """What this process keeps of this database: copies that are checked against it before each use, no truths."""
    kept: dict[Any, Any] = session.info[KEPT]
    return kept


def keyring_of(session: AsyncSession) -> Keyring:
    """The keys of the personal data behind this session."""
    return keys_of(session.get_bind().dialect)


class Database:
    """One engine and the two ways to write through it; perhaps a standby that answers readers while it is away."""

    def __init__(self, engine: AsyncEngine, replica: AsyncEngine | None = None) -> None:
        self.engine = engine
        self.postgresql = engine.dialect.name == "postgresql"
        told: dict[Any, Any] = {KEPT: {}}
        self._sessions = async_sessionmaker(engine, class_=AsyncSession, expire_on_commit=False, info=told)
        self._autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
        alone = self._autocommit if self.postgresql else engine
        self._readers = async_sessionmaker(alone, class_=AsyncSession, expire_on_commit=False, info=told)
        self._replica = None if replica is None else Replica(replica, told)
        self._gathering = Gathering(self._insert_together)
        self._turn: AbstractAsyncContextManager[None] = nullcontext()

    def sharing(self, connections: int) -> "Database":
        """The same database for who may hold at most so many connections at once; others need some, too."""
        shared = copy(self)
        shared._turn = Semaphore(connections)
        return shared

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Commit when the block ends, roll back when it raises. Raises Unavailable when the database is away."""
        with reachable():
            async with self._turn, self._sessions() as session, session.begin():
                yield session

    @asynccontextmanager
    async def reading(self, *, or_replica: bool = False) -> AsyncIterator[AsyncSession]:
        """For who writes nothing. PostgreSQL shows each statement its own instant, in a transaction or not
        (READ COMMITTED): so there is none, which spares two of four round trips. Raises Unavailable.

        `or_replica`: rather old than nothing, from a standby while the database is away (app/replica.py).
        """
        with reachable():
            async with self._turn:
                if or_replica and self._replica is not None:
                    async with self._replica.reading(self._readers, _entered) as session:
                        yield session
                else:
                    async with self._readers() as session, session.begin():
                        yield session

    async def insert_all(
        self,
        rows: Sequence[Row],
        guard: ColumnElement[bool],
        parameters: Call,
        *,
        session: AsyncSession | None = None,
    ) -> bool:
        """Insert every row, or none: none when `guard` is false or the first row's key is already taken.

        On PostgreSQL one data-modifying statement, shared with whoever else calls at that moment
        (app/gathering.py); on SQLite a short transaction. With `session` it joins that transaction instead.
        `guard` must be one module-level expression whose bind names are filled from `parameters`.
        """
        shape, values = shape_of(rows), values_of(rows)
        if self.postgresql:
            wanted = insertion(shape, guard, self.engine.dialect)
            if session is None:
                return await self._gathering.insert(wanted, {**values, **parameters})
            return bool(await _insert(await session.connection(), wanted, [{**values, **parameters}]))
        if session is not None:
            return await _insert_in_turn(await session.connection(), shape, guard, values, parameters)
        with reachable():
            async with self.engine.begin() as connection:
                return await _insert_in_turn(connection, shape, guard, values, parameters)

    async def _insert_together(self, wanted: Insertion, calls: Sequence[Call]) -> set[Key]:
        with reachable():
            async with self._autocommit.connect() as connection:
                return await _insert(connection, wanted, calls)

    @property
    def has_replica(self) -> bool:
        return self._replica is not None

    @property
    def keyring(self) -> Keyring:
        """The keys of the personal data in it."""
        return keys_of(self.engine.dialect)

    async def dispose(self) -> None:
        await self.engine.dispose()
        if self._replica is not None:
            await self._replica.engine.dispose()


async def _entered(stack: AsyncExitStack, sessions: async_sessionmaker[AsyncSession]) -> AsyncSession:
    """The connection is taken here, where another can still be had instead of it."""
    async with AsyncExitStack() as trying:
        session = await trying.enter_async_context(sessions())
        await trying.enter_async_context(session.begin())
        await session.connection()
        await stack.enter_async_context(trying.pop_all())
    return session


async def _insert(connection: AsyncConnection, wanted: Insertion, calls: Sequence[Call]) -> set[Key]:
    return {tuple(row) for row in await connection.exec_driver_sql(wanted.sql, wanted.arrays(calls))}


async def _insert_in_turn(
    connection: AsyncConnection, shape: Shape, guard: ColumnElement[bool], values: Call, parameters: Call
) -> bool:
    gate, followers = statements(shape, guard)
    if (await connection.execute(gate, {**values, **parameters})).first() is None:
        return False
    for follower in followers:
        await connection.execute(follower, values)
    return True


def table_of(model: type) -> Table:
    """The Core table behind a model class."""
    return cast(Table, model.__table__)  # type: ignore[attr-defined]


async def insert_new(session: AsyncSession, row: SQLModel) -> bool:
    """Insert `row` unless one of its unique keys is taken; True when it is now there because of this call.

    ON CONFLICT DO NOTHING means the same on both engines, and on PostgreSQL it waits for a concurrent twin
    to commit or roll back before it answers.
    """
    table = table_of(type(row))
    dialect = session.get_bind().dialect.name
    build = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = build(table).values(row.model_dump()).on_conflict_do_nothing().returning(literal(1))
    return (await (await session.connection()).execute(statement)).first() is not None
