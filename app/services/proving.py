"""Showing who one is: a password, and a second factor where the account has one.

It goes in three steps, because working out a password takes its time and must not hold a transaction open:
`guess()` charges the attempt and reads what is kept; `prove()` compares; `accept()` takes what was proven, on the
condition that nothing of the account has changed since, and gives the charge back. A code is accepted once: the
time step of the last one is part of that condition, so of two who show the same code at once one is refused.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import Database
from app.errors import Unauthenticated
from app.models.person import Person
from app.services import attempts, passwords, second_factor
from app.services.attempts import Charge, SignInLocked
from app.services.columns import columns
from app.services.second_factor import Given


class BadCredentials(Unauthenticated):
    """User name or password is wrong; which of the two is nobody's business."""

    code = "bad_credentials"
    title, title_en = "用户名或密码不正确", "Wrong user name or password"


class SecondFactorNeeded(Unauthenticated):
    """The password was right; the same call again with `code`. It stays charged until that is right, too."""

    code = "second_factor_needed"
    title, title_en = "请输入动态验证码", "Give the code of your second factor"


class SecondFactorWrong(Unauthenticated):
    """Not the code of now, or one that was accepted before, or a recovery code that is spent."""

    code = "second_factor_wrong"
    title, title_en = "动态验证码不正确或已使用过", "The code is wrong or used"


@dataclass(frozen=True, slots=True)
class Account:
    """What is kept of who may sign in by password; `totp_secret` only once it is confirmed."""

    person_id: UUID
    username: str
    password_hash: str
    totp_secret: str | None
    totp_confirmed_at: datetime | None
    totp_step: int | None


@dataclass(frozen=True, slots=True)
class Guess:
    """A charged attempt. `account` is None when nobody has that name, or no password."""

    charge: Charge
    account: Account | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found right, to be accepted: `keep` is the password's hash from now on."""

    charge: Charge
    account: Account
    keep: str
    given: Given | None


async def guess(database: Database, guessed_at: str, who: ColumnElement[bool], at: datetime) -> Guess:
    """Charge an attempt at the user name `guessed_at`. Raises SignInLocked.

    Commits on its own: what the caller does next may fail.
    """
    async with database.transaction() as session:
        charged = await attempts.charge(session, guessed_at, at)
        account = None if isinstance(charged, timedelta) else await _account(session, who)
    if isinstance(charged, timedelta):
        raise SignInLocked(charged)
    return Guess(charged, account)


async def _account(session: AsyncSession, who: ColumnElement[bool]) -> Account | None:
    there = select(Person).where(and_(who, col(Person.active), col(Person.password_hash).is_not(None)))
    rows = await columns(
        session,
        there,
        Person.id,
        Person.username,
        Person.password_hash,
        Person.totp_secret,
        Person.totp_confirmed_at,
        Person.totp_step,
    )
    for found, username, kept, secret, confirmed_at, step in rows:
        return Account(found, username or "", kept, secret if confirmed_at else None, confirmed_at, step)
    return None


async def prove(database: Database, guess: Guess, password: str, code: str | None, at: datetime) -> Proof:
    """Raises BadCredentials, after the same work whoever is guessed at, SecondFactorNeeded, SecondFactorWrong."""
    account = guess.account
    if not await passwords.matches(account.password_hash if account else None, password) or account is None:
        raise BadCredentials
    given = require_code(database, account, code, at)
    return Proof(guess.charge, account, await passwords.renewed(account.password_hash, password), given)


def require_code(database: Database, account: Account, code: str | None, at: datetime) -> Given | None:
    """None where the account has no second factor. Raises SecondFactorNeeded, SecondFactorWrong."""
    if account.totp_secret is None:
        return None
    if not code:
        raise SecondFactorNeeded
    given = second_factor.given(database.keyring, account.totp_secret, account.totp_step, code, at)
    if given is None:
        raise SecondFactorWrong
    return given


async def accept(session: AsyncSession, proof: Proof, at: datetime) -> None:
    """Take what was proven. Raises BadCredentials, SecondFactorWrong: somebody was first, or changed the account;
    then the caller's transaction is rolled back.
    """
    account, given = proof.account, proof.given
    confirmed = col(Person.totp_confirmed_at)
    unchanged = [
        col(Person.id) == account.person_id,
        col(Person.active),
        col(Person.password_hash) == account.password_hash,
        confirmed.is_(None) if account.totp_confirmed_at is None else confirmed == account.totp_confirmed_at,
    ]
    kept: dict[str, str | int] = {"password_hash": proof.keep}
    if given is not None and given.step is not None:
        unchanged.append(or_(col(Person.totp_step).is_(None), col(Person.totp_step) < given.step))
        kept["totp_step"] = given.step
    taken = await session.exec(
        update(Person)
        .where(*unchanged)
        .values(kept)
        .returning(col(Person.id))
        .execution_options(synchronize_session=False)
    )
    if taken.first() is None:
        raise BadCredentials if given is None else SecondFactorWrong
    recovery = given.recovery if given else None
    if recovery is not None and not await second_factor.spend(session, account.person_id, recovery, at):
        raise SecondFactorWrong
    await attempts.give_back(session, proof.charge)
