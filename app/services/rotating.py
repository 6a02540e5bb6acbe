"""Changing the key of the personal data while the house goes on working.

Every column of type `Sealed` is walked through, whatever its table: a new one needs no word here. Rows are taken
without waiting for anybody (SKIP LOCKED), sealed anew and written only over the very bytes that were read, a few
at a time. So it may be interrupted, repeated, and run by any number of processes at once.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    Table,
    and_,
    bindparam,
    false,
    func,
    or_,
    select,
    tuple_,
    type_coerce,
    update,
)
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import Database
from app.sealing import KEY_ID, PREFIX, Keyring, Sealed, Unsealable

AT_ONCE: Final = 100
"""Rows in one transaction: for so long does somebody wait at most who changes one of them."""
PASSES: Final = 5
NAMED: Final = 20

Tell = Callable[[str, int], None]


class UnknownKey(ValueError):
    """Something was sealed by a key that is not among those given."""


@dataclass(frozen=True, slots=True)
class Held:
    """So many rows of `column` (`table.column`) are sealed by the key with this id (hex)."""

    column: str
    key_id: str
    rows: int
    known: bool
    current: bool


@dataclass(slots=True)
class Rotated:
    """How many rows were sealed anew, how many values are not under the current key yet, and which of them
    could not be opened (table, column and id; at most NAMED).
    """

    rows: int = 0
    left: int = 0
    damaged: tuple[str, ...] = ()


async def status(database: Database) -> list[Held]:
    """By column and key; what is empty is under no key and not counted. Raises Unavailable."""
    ring = database.keyring
    found: list[Held] = []
    async with database.reading() as session:
        for table, names in sealed_tables():
            for name in names:
                rows = await _by_key(session, table, name)
                found += [
                    Held(
                        f"{table.name}.{name}",
                        key[-KEY_ID:].hex(),
                        many,
                        ring.knows(key),
                        key == ring.current,
                    )
                    for key, many in rows
                ]
    return found


async def rotate(database: Database, tell: Tell = lambda *_: None, at_once: int = AT_ONCE) -> Rotated:
    """Seal by the current key whatever is under another one; `tell` hears a table and how many of it were done.

    Raises UnknownKey before anything is changed, and Unavailable at any time: what was done then stays done.
    """
    unknown = sorted({f"{one.key_id} ({one.column})" for one in await status(database) if not one.known})
    if unknown:
        raise UnknownKey("、".join(unknown))
    done = Rotated()
    damaged: dict[str, None] = {}
    for _ in range(PASSES):
        before = done.rows
        for table, names in sealed_tables():
            done.rows += await _pass(database, table, names, tell, damaged, at_once)
        done.left = sum(one.rows for one in await status(database) if not one.current)
        if not done.left or done.rows == before:
            break
    done.damaged = tuple(damaged)[:NAMED]
    return done


def sealed_tables() -> Iterator[tuple[Table, tuple[str, ...]]]:
    """Every table in which something is sealed, and the names of those columns."""
    for table in SQLModel.metadata.sorted_tables:
        names = tuple(column.name for column in table.columns if isinstance(column.type, Sealed))
        if names:
            yield table, names


def _raw(table: Table, name: str) -> ColumnElement[bytes]:
    """The bytes themselves, neither opened nor refused."""
    return type_coerce(table.c[name], LargeBinary)


def _key_of(table: Table, name: str) -> ColumnElement[bytes]:
    return type_coerce(func.substr(_raw(table, name), 1, PREFIX), LargeBinary)


def _filled(table: Table, name: str) -> ColumnElement[bool]:
    return func.length(_raw(table, name)) > 0


async def _by_key(session: AsyncSession, table: Table, name: str) -> list[tuple[bytes, int]]:
    key = _key_of(table, name).label("key_id")
    counted = select(key, func.count()).where(_filled(table, name)).group_by(key).order_by(key)
    rows = await (await session.connection()).execute(counted)
    return [(bytes(prefix), int(many)) for prefix, many in rows]


async def _pass(
    database: Database, table: Table, names: Sequence[str], tell: Tell, damaged: dict[str, None], at_once: int
) -> int:
    """Once through the table by its primary key; how many rows were sealed anew."""
    done, after = 0, None
    while True:
        async with database.transaction() as session:
            rows = await _stale(session, table, names, database.keyring.current, after, at_once)
            done += await _reseal(session, table, _renewed(database.keyring, table, names, rows, damaged))
        if rows:
            tell(table.name, done)
        if len(rows) < at_once:
            return done
        after = tuple(rows[-1][f"key_{column.name}"] for column in table.primary_key)


async def _stale(
    session: AsyncSession,
    table: Table,
    names: Sequence[str],
    current: bytes,
    after: tuple[Any, ...] | None,
    limit: int,
) -> Sequence[Mapping[str, Any]]:
    """The next rows of which something is not under the current key, and which nobody is changing."""
    keys = list(table.primary_key)
    old = or_(false(), *(and_(_filled(table, name), _key_of(table, name) != current) for name in names))
    wanted = select(
        *(column.label(f"key_{column.name}") for column in keys),
        *(_raw(table, name).label(f"old_{name}") for name in names),
    ).where(old)
    if after is not None:
        wanted = wanted.where(tuple_(*keys) > tuple_(*after))
    wanted = wanted.order_by(*keys).limit(limit).with_for_update(skip_locked=True, key_share=True)
    found = await (await session.connection()).execute(wanted)
    return [dict(row) for row in found.mappings()]


def _renewed(
    keyring: Keyring,
    table: Table,
    names: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    damaged: dict[str, None],
) -> dict[tuple[str, ...], list[dict[str, Any]]]:
    """What is written, by the columns that change."""
    made: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        written = {name: value for name, value in row.items() if name.startswith("key_")}
        changed = []
        for name in names:
            old, label = row[f"old_{name}"], f"{table.name}.{name}"
            if not old or old[:PREFIX] == keyring.current:
                continue
            try:
                new = keyring.seal(keyring.open(bytes(old), label.encode()), label.encode())
            except Unsealable:
                damaged[f"{label} {' '.join(str(row[f'key_{one.name}']) for one in table.primary_key)}"] = (
                    None
                )
                continue
            changed.append(name)
            written |= {f"old_{name}": bytes(old), f"new_{name}": new}
        if changed:
            made[tuple(changed)].append(written)
    return made


async def _reseal(
    session: AsyncSession, table: Table, made: Mapping[tuple[str, ...], list[dict[str, Any]]]
) -> int:
    """Each row only where its bytes are still those that were read."""
    for names, rows in made.items():
        same = [column == bindparam(f"key_{column.name}", type_=column.type) for column in table.primary_key]
        same += [_raw(table, name) == bindparam(f"old_{name}", type_=LargeBinary) for name in names]
        new = {name: bindparam(f"new_{name}", type_=LargeBinary) for name in names}
        await (await session.connection()).execute(update(table).where(*same).values(new), rows)
    return sum(map(len, made.values()))
