"""The engine, the only commit, and what SQLite needs to be honest.

Everything that writes does so inside `Database.transaction()`, or, for the hottest path, in the one atomic
statement of `Database.insert_all()`. On SQLite a transaction is BEGIN IMMEDIATE on the single pooled
connection: one writer, so two requests cannot read the same past and both act on it.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import lru_cache
from pathlib import Path
from sqlite3 import Connection as SQLiteConnection
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Dialect,
    Table,
    bindparam,
    event,
    insert,
    literal,
    literal_column,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    async_sessionmaker,
    create_async_engine,
)
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from app.errors import Unavailable

POOL_WAIT_SECONDS = 30
BUSY_MS = 30_000
PASSING = ("08", "40", "53", "57")
"""Classes of SQLSTATE that pass by themselves: connection, rollback (deadlock), resources, shutting down."""


def create_engine(url: str, pool: int = 10) -> AsyncEngine:
    """An engine for `sqlite+aiosqlite:///file` or `postgresql+asyncpg://…` (also with libpq's `postgresql://`)."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_async_engine(parsed, pool_size=1, max_overflow=0, pool_timeout=POOL_WAIT_SECONDS)
        event.listen(engine.sync_engine, "connect", _sqlite_connect)
        event.listen(engine.sync_engine, "begin", _sqlite_begin)
        return engine
    return create_async_engine(
        parsed.set(drivername="postgresql+asyncpg"),
        pool_size=pool,
        max_overflow=0,
        pool_timeout=POOL_WAIT_SECONDS,
        pool_recycle=1800,
    )


def _sqlite_connect(connection: SQLiteConnection, _: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}"):
        connection.execute(f"PRAGMA {pragma}")


def _sqlite_begin(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def _reachable() -> Iterator[None]:
    """A database that is away, full, restarting, or that ended this transaction for another's: try again soon."""
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout, OSError) as error:
        raise Unavailable from error
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None) or ""
        if error.connection_invalidated or state.startswith(PASSING):
            raise Unavailable from error
        raise


class Database:
    """One engine and the two ways to write through it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.postgresql = engine.dialect.name == "postgresql"
        self._sessions = async_sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)
        self._autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Commit when the block ends, roll back when it raises. Raises Unavailable when the database is away."""
        with _reachable():
            async with self._sessions() as session, session.begin():
                yield session

    async def insert_all(
        self,
        rows: Sequence[tuple[Table, Mapping[str, Any]]],
        guard: ColumnElement[bool],
        parameters: Mapping[str, Any],
        *,
        session: AsyncSession | None = None,
    ) -> bool:
        """Insert every row, or none: none when `guard` is false or the first row's key is already taken.

        One data-modifying CTE in autocommit on PostgreSQL, a short transaction on SQLite: the same promise,
        at about a third of the cost of the unit of work. With `session` it joins that transaction instead.
        `guard` must be one module-level expression whose bind names are filled from `parameters`.
        """
        told = [
            (table, {name: value for name, value in row.items() if value is not None}) for table, row in rows
        ]
        shape = tuple((table, tuple(row)) for table, row in told)
        values = {f"r{number}_{name}": row[name] for number, (_, row) in enumerate(told) for name in row}
        with _reachable():
            if session is not None:
                return await self._insert_on(await session.connection(), shape, guard, values, parameters)
            if self.postgresql:
                async with self._autocommit.connect() as connection:
                    return await self._insert_on(connection, shape, guard, values, parameters)
            async with self.engine.begin() as connection:
                return await self._insert_on(connection, shape, guard, values, parameters)

    async def _insert_on(
        self,
        connection: AsyncConnection,
        shape: "Shape",
        guard: ColumnElement[bool],
        values: dict[str, Any],
        parameters: Mapping[str, Any],
    ) -> bool:
        asked = {**values, **parameters}
        if self.postgresql:
            sql, arguments = _one_statement(shape, guard, connection.dialect)
            sent = tuple(send(asked[name]) if send else asked[name] for name, send in arguments)
            return (await connection.exec_driver_sql(sql, sent)).first() is not None
        gate, followers = _statements(shape, guard)
        if (await connection.execute(gate, asked)).first() is None:
            return False
        for follower in followers:
            await connection.execute(follower, values)
        return True

    async def dispose(self) -> None:
        await self.engine.dispose()


Shape = tuple[tuple[Table, tuple[str, ...]], ...]
Argument = tuple[str, Callable[[Any], Any] | None]
_ONE: ColumnElement[int] = literal_column("1")


def _values(number: int, table: Table, names: tuple[str, ...]) -> list[Any]:
    return [bindparam(f"r{number}_{name}", type_=table.c[name].type) for name in names]


@lru_cache(maxsize=64)
def _one_statement(
    shape: Shape, guard: ColumnElement[bool], dialect: Dialect
) -> tuple[str, list["Argument"]]:
    """The text of the whole, and its arguments in order, each with what makes a value fit for the driver.

    Compiled here and once: SQLAlchemy's own cache would be asked with a key of a thousand parts every time.
    """
    table, names = shape[0]
    gate = (
        postgresql.insert(table)
        .from_select(list(names), select(*_values(0, table, names)).where(guard))
        .on_conflict_do_nothing()
        .returning(_ONE.label("inserted"))
        .cte("gate")
    )
    followers = [
        insert(table)
        .from_select(list(names), select(*_values(number, table, names)).select_from(gate))
        .returning(_ONE)
        .cte(f"follower_{number}")
        for number, (table, names) in enumerate(shape[1:], start=1)
    ]
    compiled = select(gate.c.inserted).add_cte(*followers).compile(dialect=dialect)
    sends = {
        name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()
    }
    return str(compiled), [(name, sends[name]) for name in compiled.positiontup or ()]


@lru_cache(maxsize=64)
def _statements(shape: Shape, guard: ColumnElement[bool]) -> tuple[Any, list[Any]]:
    table, names = shape[0]
    gate = (
        sqlite.insert(table)
        .from_select(list(names), select(*_values(0, table, names)).where(guard))
        .on_conflict_do_nothing()
        .returning(literal(1))
    )
    followers = [
        insert(table).values(dict(zip(names, _values(number, table, names), strict=True)))
        for number, (table, names) in enumerate(shape[1:], start=1)
    ]
    return gate, followers


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
