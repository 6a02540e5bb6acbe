"""My second factor: taken into use, given up, and the recovery codes beside it.

Each of it asks again for what a thief of a telephone does not have. Taking one into use and giving it up ends
every other sign-in, because those were opened under the other rule; this one is a strong one then, or no more.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Update, func, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.db import Database
from app.errors import AppError, Conflict, Unauthenticated
from app.models.person import Means, Person, RecoveryCode, SignIn
from app.services import account_trail, attempts, passwords, proving, second_factor
from app.services.access import Actor
from app.services.actors import actor_of, person_of
from app.services.me import myself
from app.services.my_password import PasswordNotSet
from app.services.proving import Account, Guess, Proof
from app.services.sign_ins import revoke
from app.services.tokens import Claims


class SecondFactorSet(Conflict):
    code, title = "second_factor_set", "已启用二次验证，如需更换请先停用"
    title_en = "There is a second factor already; remove it first"


class SecondFactorNotSet(Conflict):
    code, title = "second_factor_not_set", "尚未启用二次验证"
    title_en = "There is no second factor"


class PasswordWrong(AppError):
    """Not a 401: who calls is signed in, and must not be signed out by a client for a typo."""

    status, code, title, title_en = 422, "password_wrong", "密码不正确", "The password is wrong"


class CodeWrong(AppError):
    """Wrong, or accepted before."""

    status, code, title, title_en = (
        422,
        "code_wrong",
        "动态验证码不正确或已使用过",
        "The code is wrong or used",
    )


async def standing(session: AsyncSession, actor: Actor) -> dict[str, Any]:
    """Whether there is one, since when, and how many recovery codes are left."""
    me = await myself(session, actor)
    unspent = col(RecoveryCode.person_id) == me.id, col(RecoveryCode.spent_at).is_(None)
    left = await (await session.connection()).scalar(select(func.count()).where(*unspent))
    return {"confirmed_at": me.totp_confirmed_at, "recovery_codes_left": left}


async def begin(database: Database, claims: Claims, password: str) -> dict[str, str]:
    """A new secret, which counts from when a code of it was shown (`confirm`).

    Raises PasswordNotSet, PasswordWrong, SecondFactorSet, SignInLocked.
    """
    actor, me = await _me(database, claims)
    if me.totp_confirmed_at is not None:
        raise SecondFactorSet
    guess = await _guess(database, me)
    account = await _with_password(database, guess, password, actor, "my_second_factor_begin")
    secret = second_factor.new_secret()
    async with database.transaction() as session:
        await attempts.give_back(session, guess.charge)
        begun = _mine(actor).where(col(Person.totp_confirmed_at).is_(None))
        begun = begun.values(totp_secret=secret, totp_step=None).returning(col(Person.id))
        if (await session.exec(begun)).first() is None:
            raise SecondFactorSet
        await account_trail.done(session, actor, "my_second_factor_begin")
    return {"secret": secret, "otpauth_uri": second_factor.address_of(secret, account.username)}


async def confirm(database: Database, claims: Claims, code: str) -> list[str]:
    """From now on it is asked for; the recovery codes, shown this once.

    The UPDATE comes first, so that the code is compared with the secret that is confirmed and no other.
    Raises SecondFactorSet, SecondFactorNotSet (not begun), CodeWrong, SignInLocked.
    """
    at = now()
    actor, me = await _me(database, claims)
    guess = await _guess(database, me)
    try:
        async with database.transaction() as session:
            secret = await _confirmed(session, actor, at)
            given = second_factor.given(database.keyring, secret, None, code, at)
            if given is None or given.step is None:
                raise CodeWrong
            await session.exec(_mine(actor).values(totp_step=given.step))
            await attempts.give_back(session, guess.charge)
            await _strong(session, actor, strong=True)
            await revoke(session, person_of(actor), at, spare=actor.sign_in_id)
            await account_trail.done(session, actor, "my_second_factor_confirm")
            return await second_factor.renew_recovery_codes(session, person_of(actor))
    except CodeWrong as why:
        await account_trail.refused(database, guess, "my_second_factor_confirm", why, actor)
        raise


async def remove(database: Database, claims: Claims, password: str, code: str) -> None:
    """Raises SecondFactorNotSet, PasswordWrong, CodeWrong, SignInLocked."""
    act = "my_second_factor_remove"
    actor, me = await _me(database, claims)
    guess = await _guess(database, me)
    await _with_password(database, guess, password, actor, act)
    async with _with_code(database, guess, code, actor, act) as session:
        await session.exec(_mine(actor).values(totp_secret=None, totp_confirmed_at=None, totp_step=None))
        await second_factor.forget_recovery_codes(session, person_of(actor))
        await _strong(session, actor, strong=False)
        await revoke(session, person_of(actor), now(), spare=actor.sign_in_id)


async def renew_recovery_codes(database: Database, claims: Claims, code: str) -> list[str]:
    """Ten new ones for those before. Raises SecondFactorNotSet, CodeWrong, SignInLocked."""
    actor, me = await _me(database, claims)
    guess = await _guess(database, me)
    async with _with_code(database, guess, code, actor, "my_recovery_codes_renew") as session:
        return await second_factor.renew_recovery_codes(session, person_of(actor))


async def _me(database: Database, claims: Claims) -> tuple[Actor, Person]:
    """Raises Unauthenticated, PasswordNotSet: who signs in by WeChat alone has WeChat's own protection."""
    async with database.transaction() as session:
        actor = await actor_of(session, claims)
        me = await myself(session, actor)
    if me.password_hash is None:
        raise PasswordNotSet
    return actor, me


async def _guess(database: Database, me: Person) -> Guess:
    return await proving.guess(database, me.username or "", col(Person.id) == me.id, now())


async def _with_password(database: Database, guess: Guess, password: str, actor: Actor, act: str) -> Account:
    account = guess.account
    if account is None or not await passwords.matches(account.password_hash, password):
        await account_trail.refused(database, guess, act, PasswordWrong(), actor)
        raise PasswordWrong
    return account


@asynccontextmanager
async def _with_code(
    database: Database, guess: Guess, code: str, actor: Actor, act: str
) -> AsyncIterator[AsyncSession]:
    """A transaction in which the code was accepted."""
    at, account = now(), guess.account
    if account is None or account.totp_secret is None:
        raise SecondFactorNotSet
    try:
        given = proving.require_code(database, account, code, at)
        async with database.transaction() as session:
            await proving.accept(session, Proof(guess.charge, account, account.password_hash, given), at)
            yield session
            await account_trail.done(session, actor, act)
    except Unauthenticated as why:
        await account_trail.refused(database, guess, act, why, actor)
        raise CodeWrong from None


async def _confirmed(session: AsyncSession, actor: Actor, at: datetime) -> str:
    """The secret that counts from now on. Raises SecondFactorSet, SecondFactorNotSet."""
    begun = col(Person.totp_confirmed_at).is_(None), col(Person.totp_secret).is_not(None)
    confirmed = _mine(actor).where(*begun).values(totp_confirmed_at=at).returning(col(Person.totp_secret))
    secret: str | None = (await session.exec(confirmed)).scalar_one_or_none()
    if secret is None:
        raise SecondFactorSet if (await myself(session, actor)).totp_confirmed_at else SecondFactorNotSet
    return secret


async def _strong(session: AsyncSession, actor: Actor, *, strong: bool) -> None:
    """Of this sign-in, if it is one by password: WeChat's says nothing of a second factor."""
    here = update(SignIn).where(col(SignIn.id) == actor.sign_in_id, col(SignIn.means) == Means.PASSWORD)
    await session.exec(here.values(strong=strong).execution_options(synchronize_session=False))


def _mine(actor: Actor) -> Update:
    mine = update(Person).where(col(Person.id) == person_of(actor), col(Person.active))
    return mine.execution_options(synchronize_session=False)
