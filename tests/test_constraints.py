"""Every promise of the schema is broken once, by a real insert, on both engines: or it may not exist at all.

Keys, references, vocabularies and NOT NULLs are broken from the metadata; what only a person can say (which
values break a CHECK, which rows a partial key is about) stands in tests/broken_promises.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Enum,
    Float,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    insert,
    literal,
    null,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import AutoString, SQLModel, UTCDateTime

from app.house import House
from app.models.base import new_id
from app.sealing import Sealed
from tests.broken_promises import (
    ANOTHER,
    CHECKS,
    KEYS,
    NOWHERE,
    PARENT,
    PARTIAL,
    REFERRING,
    SAME,
    UNKNOWN,
    VALID,
    Changes,
)
from tests.factories import NOW

SEALED: dict[str, Any] = {"text": "文字", "bytes": b"", "list": [], "object": {}}
TABLES = SQLModel.metadata.sorted_tables


@dataclass(frozen=True)
class Violation:
    """After a good row with `before` (if any), an insert with `bad` must be refused, and `told` be said."""

    name: str
    table: Table
    bad: Changes
    told: dict[str, str]
    before: Changes | None = None
    number: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f"{self.name}-{self.number}" if self.number else self.name


def violations() -> Iterator[Violation]:
    for table in TABLES:
        for constraint in sorted(table.constraints, key=lambda one: str(one.name)):
            yield from _of_constraint(table, constraint)
        for index in sorted(table.indexes, key=lambda one: str(one.name)):
            if index.unique:
                yield from _doubled(str(index.name), table, list(index.columns), PARTIAL[str(index.name)][0])
        for column in table.columns:
            if not column.nullable:
                told = f"NOT NULL constraint failed: {table.name}.{column.name}"
                yield Violation(
                    f"nn_{table.name}_{column.name}",
                    table,
                    {column.name: null()},
                    {"sqlite": told, "postgresql": f'null value in column "{column.name}" of relation'},
                )


def _of_constraint(table: Table, constraint: Any) -> Iterator[Violation]:
    name = str(constraint.name)
    match constraint:
        case PrimaryKeyConstraint() | UniqueConstraint():
            columns = list(constraint.columns)
            given = KEYS.get(name, {c.name: "once" for c in columns if c.nullable})
            yield from _doubled(name, table, columns, [(given, given)])
        case ForeignKeyConstraint():
            (column,) = constraint.columns
            bad = REFERRING.get(name, {}) | {column.name: NOWHERE}
            yield Violation(name, table, bad, {"sqlite": "FOREIGN KEY constraint failed", "postgresql": name})
        case CheckConstraint():
            worded = [c.name for c in table.columns if _vocabulary(c) == name]
            unknown = [UNKNOWN.get(name, {}) | {column: literal("nonsense", String)} for column in worded]
            for number, bad in enumerate(unknown or CHECKS[name]):
                told = {"sqlite": f"CHECK constraint failed: {name}", "postgresql": name}
                yield Violation(name, table, bad, told, number=number)


def _vocabulary(column: Column[Any]) -> str:
    """The name of the CHECK that an enum column brings along."""
    return f"ck_{column.table.name}_{column.type.name}" if isinstance(column.type, Enum) else ""


def _doubled(
    name: str, table: Table, key: list[Column[Any]], pairs: list[tuple[Changes, Changes]]
) -> Iterator[Violation]:
    columns = ", ".join(f"{table.name}.{column.name}" for column in key)
    told = {"sqlite": f"UNIQUE constraint failed: {columns}", "postgresql": name}
    for number, (before, second) in enumerate(pairs):
        bad = second | {column.name: SAME for column in key}
        yield Violation(name, table, bad, told, before=before, number=number)


async def plant(
    connection: AsyncConnection,
    table: Table,
    changes: Changes,
    before: Changes,
    parents: Changes | None = None,
) -> Changes:
    """Insert a row that is good but for `changes`, and before it the rows that it refers to: new ones, or (ids by
    table) `parents`.
    """
    row: Changes = {}
    for column in table.columns:
        value = ({column.name: _value(column)} | VALID.get(table.name, {}) | changes)[column.name]
        if value is SAME:
            value = before[column.name]
        elif value is NOWHERE:
            value = new_id()
        elif value is PARENT or value is ANOTHER:
            parent = _parent(column)
            value = (
                parents[parent.name]
                if parents and value is PARENT
                else (await plant(connection, parent, {}, {}))["id"]
            )
        row[column.name] = value
    await connection.execute(insert(table).values(row))
    return row


def _parent(column: Column[Any]) -> Table:
    (reference,) = column.foreign_keys
    return reference.column.table


def _value(column: Column[Any]) -> Any:
    """Some value of the column's type, new each time where that is possible."""
    if column.nullable:
        return None
    if column.foreign_keys:
        return PARENT
    match column.type:
        case Enum(enums=(first, *_)):
            return first
        case Uuid():
            return new_id()
        case String(length=length) | AutoString(length=length):
            return new_id().hex[-(length or 32) :]
        case UTCDateTime() | DateTime():
            return NOW
        case Date():
            return date(2026, 11, 23)
        case Boolean():
            return True
        case Integer() | Float():
            return 1
        case JSON():
            return {}
        case Sealed(kind=kind):
            return SEALED[kind]
        case LargeBinary():
            return b""
    raise NotImplementedError(column.type)


CASES = list(violations())


@pytest.mark.parametrize("table", TABLES, ids=str)
async def test_a_broken_promise_is_refused(house: House, table: Table) -> None:
    engine = house.database.engine
    answers: dict[str, str] = {}
    wanted: dict[str, str] = {}
    async with engine.connect() as connection:
        referred = {_parent(column) for column in table.columns if column.foreign_keys}
        parents = {parent.name: (await plant(connection, parent, {}, {}))["id"] for parent in referred}
        for case in (case for case in CASES if case.table is table):
            wanted[str(case)] = case.told[engine.dialect.name]
            answers[str(case)] = await _answer(connection, case, parents)
        await connection.rollback()
    assert {name: said for name, said in answers.items() if wanted[name] not in said} == {}
    assert len(answers) == sum(case.table is table for case in CASES)


async def _answer(connection: AsyncConnection, case: Violation, parents: Changes) -> str:
    """What the database says to it; every trace of it is gone afterwards."""
    alone = case.before is None
    async with connection.begin_nested() as tried:
        before = {} if alone else await plant(connection, case.table, case.before or {}, {})
        try:
            await plant(connection, case.table, case.bad, before, parents if alone else None)
        except IntegrityError as refusal:
            return str(refusal.orig)
        finally:
            await tried.rollback()
    return "nothing: it took the row"


@pytest.mark.parametrize("table", TABLES, ids=str)
async def test_without_the_fault_the_row_is_good(house: House, table: Table) -> None:
    async with house.database.engine.connect() as connection:
        await plant(connection, table, {}, {})
        await connection.rollback()


@pytest.mark.parametrize("name", PARTIAL)
async def test_a_partial_key_leaves_the_others_alone(house: House, name: str) -> None:
    (index,) = (index for table in TABLES for index in table.indexes if index.name == name)
    assert index.table is not None
    ((first, _), *_), others = PARTIAL[name]
    async with house.database.engine.connect() as connection:
        before = await plant(connection, index.table, first, {})
        for other in others:
            await plant(
                connection, index.table, {column.name: SAME for column in index.columns} | other, before
            )
        await connection.rollback()


def test_every_constraint_is_broken_here() -> None:
    named = {str(constraint.name) for table in TABLES for constraint in table.constraints}
    named |= {str(index.name) for table in TABLES for index in table.indexes if index.unique}
    assert {case.name for case in CASES if not case.name.startswith("nn_")} == named
    assert not (CHECKS.keys() | PARTIAL.keys() | KEYS.keys() | REFERRING.keys() | UNKNOWN.keys()) - named, (
        "broken no more"
    )
