"""Every promise that the schema makes, asked again: a database may have been written with its guards off.

A constraint can be missing (a migration that forgot it) or switched off (SQLite's foreign keys are, unless
each connection asks for them; a restore drops them on PostgreSQL). Each is a rule under its own name.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Table, UniqueConstraint, cast, func, not_, select
from sqlalchemy.sql.elements import Grouping
from sqlmodel import SQLModel

from app.services.verifying.violations import Check, subject


def _broken_check(table: Table, constraint: CheckConstraint) -> Check:
    key = next(iter(table.primary_key))
    rows = select(subject(key)).where(not_(Grouping(constraint.sqltext)))
    return Check(str(constraint.name), table.name, "不符合该表的约束", rows)


def _orphans(table: Table, reference: ForeignKey) -> Check:
    key, column = next(iter(table.primary_key)), reference.parent
    target = reference.column.table.alias()
    rows = (
        select(subject(key), column.label("value"))
        .outerjoin(target, target.c[reference.column.name] == column)
        .where(column.is_not(None), target.c[reference.column.name].is_(None))
    )
    name = reference.constraint.name if reference.constraint is not None else column.name
    return Check(
        str(name), table.name, f"{column.name} 指向不存在的 {reference.column.table.name} {{value}}", rows
    )


def _twins(table: Table, name: str, columns: Iterable[Any], only: Any) -> Check:
    columns = list(columns)
    key = next(iter(table.primary_key))
    rows = select(subject(func.min(cast(key, String))), func.count().label("rows"))
    rows = rows.where(*(column.is_not(None) for column in columns), *([] if only is None else [only]))
    return Check(name, table.name, "应唯一，实有 {rows} 行", rows.group_by(*columns).having(func.count() > 1))


def _promises(table: Table) -> Iterator[Check]:
    for constraint in table.constraints:
        if isinstance(constraint, CheckConstraint):
            yield _broken_check(table, constraint)
        elif isinstance(constraint, UniqueConstraint):
            yield _twins(table, str(constraint.name), constraint.columns, None)
    for index in table.indexes:
        if index.unique:
            where = index.dialect_options["sqlite"]["where"]
            yield _twins(table, str(index.name), index.columns, where)
    for reference in table.foreign_keys:
        yield _orphans(table, reference)


@cache
def checks() -> tuple[Check, ...]:
    """One for each CHECK, UNIQUE and FOREIGN KEY of the schema, in the order of their names."""
    found = [check for table in SQLModel.metadata.sorted_tables for check in _promises(table)]
    return tuple(sorted(found, key=lambda check: check.rule))
