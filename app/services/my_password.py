"""Changing one's own password."""

from sqlmodel import col

from app.clock import now
from app.db import Database
from app.errors import AppError
from app.models.person import Person
from app.services import passwords
from app.services.actors import actor_of
from app.services.attempts import charge, forgive
from app.services.me import profile
from app.services.sign_ins import revoke
from app.services.tokens import Claims


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
    async with database.transaction() as session:
        username = (await profile(session, await actor_of(session, claims))).username or ""
    passwords.require_strong(new, username)
    attempt = await charge(database, f"name {username}", col(Person.id) == claims.person_id, now())
    if attempt is None:
        raise PasswordNotSet
    if await passwords.matches(attempt.password_hash, old):
        keep = await passwords.hash_strong(new, username)
    elif await passwords.matches(attempt.password_hash, new):
        keep = attempt.password_hash
    else:
        raise OldPasswordWrong
    async with database.transaction() as session:
        if not await forgive(session, attempt, keep):
            raise OldPasswordWrong
        await revoke(session, claims.person_id, now(), spare=claims.sign_in_id)
