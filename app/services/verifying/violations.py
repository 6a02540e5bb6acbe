"""One invariant as one query for what breaks it, and what is told of each row found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Label, Select, String, func, select, type_coerce
from sqlmodel.ext.asyncio.session import AsyncSession

SHOWN = 20
"""Rows shown for one rule; of the rest only the number is told, so that a ruin fits into memory."""

AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Violation:
    """`rule` broken by `subject` (table and id); `text` says in Chinese what is wrong there."""

    rule: str
    subject: str
    text: str


Rows = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Check:
    """`rows` selects what breaks the rule: a column `subject`, and those that `text` names in braces."""

    rule: str
    table: str
    text: str
    rows: Rows


def plain(column: Any) -> ColumnElement[str]:
    """An enum's column as the text it is: a damaged value must be readable too."""
    return type_coerce(column, String)


def subject(column: Any) -> Label[Any]:
    """The column that says which row is meant."""
    found: Label[Any] = column.label("subject")
    return found


async def broken(session: AsyncSession, checks: Sequence[Check]) -> list[Check]:
    """Those that some row breaks; many are asked at once, for nearly always there are none."""
    found: list[Check] = []
    for first in range(0, len(checks), AT_ONCE):
        batch = checks[first : first + AT_ONCE]
        asked = select(*(check.rows.exists().label(f"broken_{n}") for n, check in enumerate(batch)))
        answers = (await (await session.connection()).execute(asked)).one()
        found += [check for check, yes in zip(batch, answers, strict=True) if yes]
    return found


async def find(session: AsyncSession, check: Check) -> list[Violation]:
    """What breaks the rule, at most SHOWN rows and then one line with the number of the others."""
    query = check.rows.add_columns(func.count().over().label("of")).limit(SHOWN)
    rows = (await (await session.connection()).execute(query)).mappings().all()
    found = [
        Violation(check.rule, f"{check.table} {row['subject']}", check.text.format_map(row)) for row in rows
    ]
    left = rows[0]["of"] - len(rows) if rows else 0
    return [*found, Violation(check.rule, check.table, f"另有 {left} 处，未逐一列出")] if left else found
