"""Guessing passwords is made slow: five wrong ones lock the account for a quarter of an hour.

An attempt is charged before the password is looked at, in one compare-and-set that is committed whatever
comes of it, and given back when the password was right. So a thousand guesses at once, spread over any number
of processes, are five guesses. (等保 asks for a lockout; the numbers are a common reading of it.)
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, literal, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import Database, table_of
from app.errors import AppError
from app.models.person import Person

MOST_FAILURES: Final = 5
LOCKED_FOR: Final = timedelta(minutes=15)


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

    person_id: UUID
    password_hash: str


async def charge(database: Database, who: ColumnElement[bool], at: datetime) -> Attempt | None:
    """Charge an attempt to the person that `who` finds; None when nobody there has a password.

    Raises SignInLocked. Commits on its own: what the caller does next may fail.
    """
    there = and_(who, col(Person.active), col(Person.password_hash).is_not(None))
    until = col(Person.locked_until)
    count = case((until <= at, 1), else_=col(Person.failed_signins) + 1)
    async with database.transaction() as session:
        charged = await session.exec(
            update(Person)
            .where(there, or_(until.is_(None), until <= at))
            .values(
                failed_signins=count,
                locked_until=case(
                    (count >= MOST_FAILURES, literal(at + LOCKED_FOR, table_of(Person).c.locked_until.type)),
                    else_=None,
                ),
            )
            .returning(col(Person.id), col(Person.password_hash))
            .execution_options(synchronize_session=False)
        )
        if (row := charged.one_or_none()) is not None:
            return Attempt(row[0], row[1])
        locked_until = (await session.exec(select(Person.locked_until).where(there))).first()
    if locked_until is not None and locked_until > at:
        raise SignInLocked(locked_until - at)
    return None


async def forgive(session: AsyncSession, attempt: Attempt, keep: str) -> bool:
    """The password was right: clear the count and keep the hash `keep` from now on.

    False, and nothing done, when meanwhile the password was changed or the account closed.
    """
    cleared = await session.exec(
        update(Person)
        .where(
            col(Person.id) == attempt.person_id,
            col(Person.active),
            col(Person.password_hash) == attempt.password_hash,
        )
        .values(failed_signins=0, locked_until=None, password_hash=keep)
        .returning(col(Person.id))
        .execution_options(synchronize_session=False)
    )
    return cleared.first() is not None
