"""Rows that belong together, inserted by one statement on a condition: the SQL of `Database.insert_all()`.

On PostgreSQL it takes the rows of many callers at once, one array a column, and tells whose were inserted. On
SQLite it is one statement a row, to be run in one transaction, for one caller.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    Dialect,
    Table,
    and_,
    bindparam,
    column,
    func,
    insert,
    literal_column,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import visitors
from sqlalchemy.types import TypeEngine

Row = tuple[Table, Mapping[str, Any]]
Shape = tuple[tuple[Table, tuple[str, ...]], ...]
Key = tuple[Any, ...]
Call = Mapping[str, Any]

_ONE: ColumnElement[int] = literal_column("1")


def shape_of(rows: Sequence[Row]) -> Shape:
    """Which columns of which tables hold something; a column without a value is left out."""
    return tuple(
        (table, tuple(name for name, value in row.items() if value is not None)) for table, row in rows
    )


def values_of(rows: Sequence[Row]) -> dict[str, Any]:
    """The values by the names under which the statements know them."""
    return {f"r{number}_{name}": value for number, (_, row) in enumerate(rows) for name, value in row.items()}


@dataclass(frozen=True, eq=False)
class Insertion:
    """One compiled statement. `arguments` names its arrays in order, each with what fits a value for the driver."""

    sql: str
    arguments: tuple[tuple[str, Callable[[Any], Any] | None], ...]
    key: tuple[str, ...]

    def arrays(self, calls: Sequence[Call]) -> tuple[list[Any], ...]:
        """The arguments for the rows of these calls."""
        return tuple(
            [fit(call[name]) for call in calls] if fit else [call[name] for call in calls]
            for name, fit in self.arguments
        )

    def key_of(self, call: Call) -> Key:
        """The primary key of the first row: no two calls of one statement may share it."""
        return tuple(call[name] for name in self.key)


@lru_cache(maxsize=64)
def insertion(shape: Shape, guard: ColumnElement[bool], dialect: Dialect) -> Insertion:
    """For PostgreSQL. The first row passes if `guard` holds and its key is free; the others follow it.

    Compiled here and once: SQLAlchemy's own cache would be asked with a key of a thousand parts every time.
    """
    types: dict[str, TypeEngine[Any]] = {
        f"r{number}_{name}": table.c[name].type
        for number, (table, names) in enumerate(shape)
        for name in names
    } | {one.key: one.type for one in visitors.iterate(guard) if isinstance(one, BindParameter)}
    arrays = [bindparam(name, type_=ARRAY(kind)) for name, kind in types.items()]
    columns = [column(name, kind) for name, kind in types.items()]
    asked = select(func.unnest(*arrays).table_valued(*columns, name="call").render_derived()).cte("asked")

    def from_call(element: Any, **_: Any) -> Any:
        return asked.c[element.key] if isinstance(element, BindParameter) else None

    table, names = shape[0]
    keys = [one.name for one in table.primary_key]
    gate = (
        postgresql.insert(table)
        .from_select(
            list(names),
            select(*(asked.c[f"r0_{name}"] for name in names)).where(
                visitors.replacement_traverse(guard, {}, from_call)
            ),
        )
        .on_conflict_do_nothing()
        .returning(*table.primary_key)
        .cte("gate")
    )
    passed = asked.join(gate, and_(*(gate.c[name] == asked.c[f"r0_{name}"] for name in keys)))
    followers = [
        insert(table)
        .from_select(
            list(names), select(*(asked.c[f"r{number}_{name}"] for name in names)).select_from(passed)
        )
        .returning(_ONE)
        .cte(f"follower_{number}")
        for number, (table, names) in enumerate(shape[1:], start=1)
    ]
    compiled = select(*gate.c).add_cte(*followers).compile(dialect=dialect)
    fits = {name: kind.dialect_impl(dialect).bind_processor(dialect) for name, kind in types.items()}
    arguments = tuple((name, fits[name]) for name in compiled.positiontup or ())
    return Insertion(str(compiled), arguments, tuple(f"r0_{name}" for name in keys))


@lru_cache(maxsize=64)
def statements(shape: Shape, guard: ColumnElement[bool]) -> tuple[Any, list[Any]]:
    """For SQLite: the gate, which gives a row back when it passed, and those to run after it."""
    (table, names), *others = shape
    gate = (
        sqlite.insert(table)
        .from_select(list(names), select(*_binds(0, table, names)).where(guard))
        .on_conflict_do_nothing()
        .returning(_ONE)
    )
    followers = [
        insert(table).values(dict(zip(names, _binds(number, table, names), strict=True)))
        for number, (table, names) in enumerate(others, start=1)
    ]
    return gate, followers


def _binds(number: int, table: Table, names: tuple[str, ...]) -> list[Any]:
    return [bindparam(f"r{number}_{name}", type_=table.c[name].type) for name in names]
