"""Guessing passwords is made slow, by what is guessed at and by who guesses.

Five wrong guesses at one name lock it for a quarter of an hour, thirty from one address within a quarter of an
hour lock that address for the rest of it: the first stops many who guess at one, the second one who guesses at
many. An attempt is charged to both before anything is looked at, in one transaction that is committed whatever
comes of it, and given back when it was right. So a thousand guesses at once, spread over any number of
processes, are five guesses. A user name that nobody has is counted and locked like any other: who guesses learns
nothing from it. (等保 asks for a lockout; the numbers are a common reading of it.)
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any, Final

from sqlalchemy import case, delete, literal, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import keyring_of, table_of
from app.domain.neighbourhood import neighbourhood
from app.errors import AppError
from app.models.person import SignInAttempt
from app.origin import origin

MOST_FAILURES: Final = 5
MOST_FROM_ADDRESS: Final = 30
"""A whole town hall may stand behind one address: whoever gets in does not count."""
LOCKED_FOR: Final = timedelta(minutes=15)
FORGOTTEN_AFTER: Final = timedelta(days=1)


class SignInLocked(AppError):
    """Too many wrong guesses; even the right one has to wait now."""

    status, code = 429, "signin_locked"
    title, title_en = "密码错误次数过多，请稍后再试", "Too many wrong passwords, try again later"

    def __init__(self, left: timedelta = LOCKED_FOR) -> None:
        seconds = ceil(left.total_seconds())
        super().__init__(f"请在{ceil(seconds / 60)}分钟后再试", headers={"Retry-After": str(seconds)})


@dataclass(frozen=True, slots=True)
class _Limit:
    key: str
    most: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Charge:
    """One attempt, counted under the hash of a name and, when it came from one, of an address. `locks`: unless it
    is given back, it was the last for now.
    """

    name: str
    address: str | None
    locks: bool


async def charge(session: AsyncSession, guessed_at: str, at: datetime) -> Charge | timedelta:
    """Charge an attempt to a name and to the address of this request; for how long they are locked when they are.

    The caller commits, and raises SignInLocked after it.
    """
    name = _Limit(keyring_of(session).hashed(f"name {guessed_at}", "attempt"), MOST_FAILURES, at + LOCKED_FOR)
    address = _address(session, at)
    reached = False
    for limit in filter(None, (address, name)):
        counted = await _count(session, limit, at)
        if isinstance(counted, timedelta):
            return counted
        reached = reached or counted >= limit.most
    return Charge(name.key, address.key if address else None, reached)


async def give_back(session: AsyncSession, charged: Charge) -> None:
    """It was right: of the name nothing is remembered, of the address one guess less."""
    attempts = table_of(SignInAttempt)
    fewer = attempts.c.failures - 1
    freed = case((fewer < MOST_FROM_ADDRESS, None), else_=attempts.c.locked_until)
    connection = await session.connection()
    await connection.execute(
        update(attempts)
        .where(attempts.c.key == charged.address, attempts.c.failures > 0)
        .values(failures=fewer, locked_until=freed)
    )
    await connection.execute(delete(attempts).where(attempts.c.key == charged.name))


def _address(session: AsyncSession, at: datetime) -> _Limit | None:
    """Each quarter of an hour is counted by itself."""
    whence = neighbourhood(origin.get().address)
    if not whence:
        return None
    quarter = int(at.timestamp() // LOCKED_FOR.total_seconds())
    ends = datetime.fromtimestamp((quarter + 1) * LOCKED_FOR.total_seconds(), UTC)
    key = keyring_of(session).hashed(f"from {whence} {quarter}", "attempt")
    return _Limit(key, MOST_FROM_ADDRESS, ends)


async def _count(session: AsyncSession, limit: _Limit, at: datetime) -> int | timedelta:
    """How many there are with this one; how long it is still locked when it may not be counted."""
    table = table_of(SignInAttempt)
    build: Any = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    stale = or_(table.c.locked_until <= at, table.c.tried_at < at - FORGOTTEN_AFTER)
    count = case((stale, 1), else_=table.c.failures + 1)
    until = table.c.locked_until
    charged = await session.exec(
        build(table)
        .values(key=limit.key, failures=1, tried_at=at, locked_until=None)
        .on_conflict_do_update(
            index_elements=["key"],
            set_={
                "failures": count,
                "tried_at": at,
                "locked_until": case((count >= limit.most, literal(limit.until, until.type)), else_=None),
            },
            where=or_(until.is_(None), until <= at),
        )
        .returning(table.c.failures)
    )
    counted = charged.first()
    if counted is not None:
        return int(counted[0])
    locked = (
        await session.exec(select(SignInAttempt.locked_until).where(SignInAttempt.key == limit.key))
    ).first()
    return locked - at if locked is not None and locked > at else LOCKED_FOR
