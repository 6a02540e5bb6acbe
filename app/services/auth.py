"""Signing in: by WeChat, by staff password, by refresh token. Each way ends with the same answer.

WeChat is asked, and passwords are worked out, while no transaction is open: both take their time.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.db import Database, insert_new
from app.errors import AppError, Forbidden, Unauthenticated, Unavailable
from app.models.person import Person
from app.services import passwords, sign_ins
from app.services.actors import actor_of
from app.services.attempts import charge, forgive
from app.services.me import HeldRole, Profile, profile
from app.services.sign_ins import Chain, Opened, RefreshInvalid, RefreshReused
from app.services.tokens import Claims, Tokens
from app.settings import Settings
from app.wechat.port import WeChat, WeChatIdentity


class AccountClosed(Forbidden):
    """The center has closed this account."""

    code = "account_closed"
    title, title_en = "账号已停用，请联系实践中心", "This account is closed"


class BadCredentials(Unauthenticated):
    """User name or password is wrong; which of the two is nobody's business."""

    code = "bad_credentials"
    title, title_en = "用户名或密码不正确", "Wrong user name or password"


class OldPasswordWrong(AppError):
    """Not a 401: whoever changes a password is signed in, and a phone must not sign them out for a typo."""

    status, code, title, title_en = 422, "old_password_wrong", "原密码不正确", "The old password is wrong"


class PasswordNotSet(AppError):
    """This person signs in by WeChat alone; an administrator gives passwords."""

    status, code = 409, "password_not_set"
    title, title_en = "您的账号没有设置密码，请使用微信登录", "This account has no password"


class Desk(Protocol):
    """What signing in leans on (app.house.House has it all)."""

    @property
    def settings(self) -> Settings: ...
    @property
    def database(self) -> Database: ...
    @property
    def tokens(self) -> Tokens: ...
    @property
    def wechat(self) -> WeChat: ...


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`expires_in` is the access token's life in seconds."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    person: Profile

    @property
    def roles(self) -> tuple[HeldRole, ...]:
        return self.person.roles


async def by_wechat(desk: Desk, code: str) -> SignedIn:
    """Who is seen for the first time becomes a person; two phones at once become one.

    Raises AccountClosed, and what the WeChat port raises.
    """
    identity = await desk.wechat.code_to_session(code)
    async with desk.database.transaction() as session:
        person = await _person_of(session, identity)
        if not person.active:
            raise AccountClosed
        return await _admit(session, desk, person.id)


async def by_password(desk: Desk, username: str, password: str) -> SignedIn:
    """Raises BadCredentials, SignInLocked. A wrong password stays counted although the call fails."""
    attempt = await charge(desk.database, col(Person.username) == username, now())
    kept = attempt.password_hash if attempt else None
    if not await passwords.matches(kept, password) or attempt is None:
        raise BadCredentials
    keep = await passwords.renewed(attempt.password_hash, password)
    async with desk.database.transaction() as session:
        if not await forgive(session, attempt, keep):
            raise BadCredentials
        return await _admit(session, desk, attempt.person_id)


async def by_refresh_token(desk: Desk, token: str) -> SignedIn:
    """The next pair of tokens. Raises RefreshInvalid, RefreshReused (then the sign-in is ended for good)."""
    answer = None
    async with desk.database.transaction() as session:
        opened = await sign_ins.rotate(session, _chain(desk), token, now())
        if opened is not None:
            answer = await _answer(session, desk, opened)
    if answer is None:
        raise RefreshReused
    return answer


async def change_password(desk: Desk, claims: Claims, old: str, new: str) -> None:
    """Set a new password and end every other sign-in; the same call again finds it done and succeeds.

    Raises PasswordWeak, PasswordNotSet, OldPasswordWrong, SignInLocked.
    """
    async with desk.database.transaction() as session:
        username = (await profile(session, await actor_of(session, claims))).username
    passwords.require_strong(new, username or "")
    attempt = await charge(desk.database, col(Person.id) == claims.person_id, now())
    if attempt is None:
        raise PasswordNotSet
    if await passwords.matches(attempt.password_hash, old):
        keep = await passwords.hash_strong(new, username or "")
    elif await passwords.matches(attempt.password_hash, new):
        keep = attempt.password_hash
    else:
        raise OldPasswordWrong
    async with desk.database.transaction() as session:
        if not await forgive(session, attempt, keep):
            raise OldPasswordWrong
        await sign_ins.revoke(session, claims.person_id, now(), spare=claims.sign_in_id)


async def _person_of(session: AsyncSession, identity: WeChatIdentity) -> Person:
    known = select(Person).where(Person.wechat_openid == identity.openid)
    person = (await session.exec(known)).first()
    if person is None:
        await insert_new(session, Person(wechat_openid=identity.openid, wechat_unionid=identity.unionid))
        person = (await session.exec(known)).first()
    if person is None:
        raise Unavailable  # it let go of WeChat between our two questions; the next try makes a new person
    return person


async def _admit(session: AsyncSession, desk: Desk, person_id: UUID) -> SignedIn:
    opened = await sign_ins.open_sign_in(session, _chain(desk), person_id, now())
    return await _answer(session, desk, opened)


async def _answer(session: AsyncSession, desk: Desk, opened: Opened) -> SignedIn:
    try:
        actor = await actor_of(session, Claims(opened.person_id, opened.sign_in_id, 0))
    except Unauthenticated:
        raise RefreshInvalid from None
    return SignedIn(
        access_token=desk.tokens.issue(opened.person_id, opened.sign_in_id, now()),
        refresh_token=opened.refresh_token,
        expires_in=int(desk.tokens.lifetime.total_seconds()),
        person=await profile(session, actor),
    )


def _chain(desk: Desk) -> Chain:
    kept = (desk.settings.secret, desk.settings.previous_secret)
    return Chain(
        [secret.get_secret_value() for secret in kept if secret is not None],
        timedelta(days=desk.settings.refresh_days),
    )
