"""Guessing passwords is made slow: five wrong ones lock what was guessed at for a quarter of an hour.

An attempt is charged before the password is looked at, in one compare-and-set that is committed whatever
comes of it, and given back when the password was right. So a thousand guesses at once, spread over any number
of processes, are five guesses. A user name that nobody has is counted and locked like any other: who guesses
learns nothing from it. (等保 asks for a lockout; the numbers are a common reading of it.)
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, delete, literal, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import Database, table_of
from app.errors import AppError
from app.models.person import Person, SignInAttempt

MOST_FAILURES: Final = 5
LOCKED_FOR: Final = timedelta(minutes=15)
FORGOTTEN_AFTER: Final = timedelta(days=1)


class SignInLocked(AppError):
    """Too many wrong passwords; even the right one has to wait now."""

    status, code = 429, "signin_locked"
    title, title_en = "密码错误次数过多，请稍后再试", "Too many wrong passwords, try again later"

    def __init__(self, left: timedelta = LOCKED_FOR) -> None:
        seconds = ceil(left.total_seconds())
        super().__init__(f"请在{ceil(seconds / 60)}分钟后再试", headers={"Retry-After": str(seconds)})


@dataclass(frozen=True, slots=True)
class Attempt:
    """One charged attempt, and the hash against which it is judged."""

    key: str
    person_id: UUID
    password_hash: str


async def charge(
    database: Database, guessed_at: str, who: ColumnElement[bool], at: datetime, most: int = MOST_FAILURES
) -> Attempt | None:
    """Charge an attempt to `guessed_at` (a name, an address); None when nobody that `who` finds has a password.

    Raises SignInLocked. Commits on its own: what the caller does next may fail.
    """
    key = database.keyring.hashed(guessed_at, "attempt")
    async with database.transaction() as session:
        left = await _charged(session, key, at, most)
        there = select(Person.id, Person.password_hash).where(
            and_(who, col(Person.active), col(Person.password_hash).is_not(None))
        )
        found = (await session.exec(there)).first()
    if left is not None:
        raise SignInLocked(left)
    if found is None or found[1] is None:
        return None
    return Attempt(key, found[0], found[1])


async def _charged(session: AsyncSession, key: str, at: datetime, most: int) -> timedelta | None:
    """None when it was charged; how long it is still locked when it may not be."""
    table = table_of(SignInAttempt)
    build: Any = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    stale = or_(table.c.locked_until <= at, table.c.tried_at < at - FORGOTTEN_AFTER)
    count = case((stale, 1), else_=table.c.failures + 1)
    until = table.c.locked_until
    charged = await session.exec(
        build(table)
        .values(key=key, failures=1, tried_at=at, locked_until=None)
        .on_conflict_do_update(
            index_elements=["key"],
            set_={
                "failures": count,
                "tried_at": at,
                "locked_until": case((count >= most, literal(at + LOCKED_FOR, until.type)), else_=None),
            },
            where=or_(until.is_(None), until <= at),
        )
        .returning(table.c.failures)
    )
    if charged.first() is not None:
        return None
    locked = (await session.exec(select(SignInAttempt.locked_until).where(SignInAttempt.key == key))).first()
    return locked - at if locked is not None and locked > at else LOCKED_FOR


async def forgive(session: AsyncSession, attempt: Attempt, keep: str) -> bool:
    """The password was right: clear the count and keep the hash `keep` from now on.

    False, and nothing done, when meanwhile the password was changed or the account closed.
    """
    kept = await session.exec(
        update(Person)
        .where(
            col(Person.id) == attempt.person_id,
            col(Person.active),
            col(Person.password_hash) == attempt.password_hash,
        )
        .values(password_hash=keep)
        .returning(col(Person.id))
        .execution_options(synchronize_session=False)
    )
    if kept.first() is None:
        return False
    await session.exec(delete(SignInAttempt).where(col(SignInAttempt.key) == attempt.key))
    return True
