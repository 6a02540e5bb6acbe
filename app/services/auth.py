"""Signing in: by WeChat, by staff password, by refresh token.

WeChat is asked, and passwords are worked out, while no transaction is open: both take their time.
"""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.db import insert_new
from app.errors import Forbidden, Unauthenticated, Unavailable
from app.models.person import Person
from app.services import passwords
from app.services.admission import Desk, SignedIn, admit, carry_on, chain
from app.services.attempts import charge, forgive
from app.services.refreshing import RefreshInvalid, RefreshReused, rotate
from app.wechat.port import WeChatIdentity


class AccountClosed(Forbidden):
    """The center has closed this account."""

    code = "account_closed"
    title, title_en = "账号已停用，请联系实践中心", "This account is closed"


class BadCredentials(Unauthenticated):
    """User name or password is wrong; which of the two is nobody's business."""

    code = "bad_credentials"
    title, title_en = "用户名或密码不正确", "Wrong user name or password"


async def by_wechat(desk: Desk, code: str) -> SignedIn:
    """Who is seen for the first time becomes a person; two phones at once become one.

    Raises AccountClosed, and what the WeChat port raises.
    """
    identity = await desk.wechat.code_to_session(code)
    async with desk.database.transaction() as session:
        person = await _person_of(session, identity)
        if not person.active:
            raise AccountClosed
        return await admit(session, desk, person.id)


async def by_password(desk: Desk, username: str, password: str) -> SignedIn:
    """Raises BadCredentials, SignInLocked. A wrong password stays counted although the call fails."""
    attempt = await charge(desk.database, f"name {username}", col(Person.username) == username, now())
    kept = attempt.password_hash if attempt else None
    if not await passwords.matches(kept, password) or attempt is None:
        raise BadCredentials
    keep = await passwords.renewed(attempt.password_hash, password)
    async with desk.database.transaction() as session:
        if not await forgive(session, attempt, keep):
            raise BadCredentials
        return await admit(session, desk, attempt.person_id)


async def by_refresh_token(desk: Desk, token: str) -> SignedIn:
    """The next pair of tokens. Raises RefreshInvalid, RefreshReused (then the sign-in is ended for good)."""
    answer = None
    try:
        async with desk.database.transaction() as session:
            opened = await rotate(session, chain(desk), token, now())
            if opened is not None:
                answer = await carry_on(session, desk, opened)
    except Unauthenticated:
        raise RefreshInvalid from None
    if answer is None:
        raise RefreshReused
    return answer


async def _person_of(session: AsyncSession, identity: WeChatIdentity) -> Person:
    known = select(Person).where(Person.wechat_openid == identity.openid)
    person = (await session.exec(known)).first()
    if person is None:
        await insert_new(session, Person(wechat_openid=identity.openid, wechat_unionid=identity.unionid))
        person = (await session.exec(known)).first()
    if person is None:
        raise Unavailable  # it let go of WeChat between our two questions; the next try makes a new person
    return person
