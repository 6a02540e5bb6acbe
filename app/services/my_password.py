"""Changing one's own password.

Every other sign-in ends with it: whoever had the old one may have opened them.
"""

from sqlalchemy import update
from sqlmodel import col

from app.clock import now
from app.db import Database
from app.errors import AppError, Unauthenticated
from app.models.person import Person
from app.services import account_trail, passwords, proving
from app.services.actors import actor_of
from app.services.me import myself
from app.services.passwords import PasswordWeak
from app.services.proving import Guess, Proof
from app.services.sign_ins import revoke
from app.services.tokens import Claims

ACT = "my_password_change"


class OldPasswordWrong(AppError):
    """Not a 401: whoever changes a password is signed in, and a phone must not sign them out for a typo."""

    status, code, title, title_en = 422, "old_password_wrong", "原密码不正确", "The old password is wrong"


class PasswordNotSet(AppError):
    """This person signs in by WeChat alone; an administrator gives passwords."""

    status, code = 409, "password_not_set"
    title, title_en = "您的账号没有设置密码，请使用微信登录", "This account has no password"


async def change_password(database: Database, claims: Claims, old: str, new: str) -> None:
    """Set a new password and end every other sign-in; the same call again finds it done and succeeds.

    Raises PasswordWeak, PasswordNotSet, OldPasswordWrong, SignInLocked.
    """
    at = now()
    async with database.transaction() as session:
        actor = await actor_of(session, claims)
        me = await myself(session, actor)
        username = me.username or ""
    if me.password_hash is None:
        raise PasswordNotSet
    passwords.require_strong(new, username)
    if passwords.normal(old) == passwords.normal(new):
        raise PasswordWeak("新密码不能与原密码相同")
    guess = await proving.guess(database, username, col(Person.id) == claims.person_id, at)
    try:
        proof = await _proven(guess, old, new, username)
        async with database.transaction() as session:
            await proving.accept(session, proof, at)
            mine = update(Person).where(col(Person.id) == claims.person_id)
            await session.exec(mine.values(password_changed_at=at))
            await revoke(session, claims.person_id, at, spare=claims.sign_in_id)
            await account_trail.done(session, actor, ACT)
    except (OldPasswordWrong, Unauthenticated) as why:
        await account_trail.refused(database, guess, ACT, why, actor)
        raise OldPasswordWrong from None


async def _proven(guess: Guess, old: str, new: str, username: str) -> Proof:
    account = guess.account
    if account is None:
        raise OldPasswordWrong
    if await passwords.matches(account.password_hash, old):
        return Proof(guess.charge, account, await passwords.hash_strong(new, username), None)
    if await passwords.matches(account.password_hash, new):
        return Proof(guess.charge, account, account.password_hash, None)
    raise OldPasswordWrong
