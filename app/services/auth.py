"""Signing in: by WeChat, by staff password, by refresh token.

WeChat is asked, and passwords are worked out, while no transaction is open: both take their time.
"""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.db import insert_new
from app.errors import Forbidden, Unauthenticated, Unavailable
from app.models.person import Means, Person
from app.services import account_trail, proving
from app.services.admission import Desk, SignedIn, admit, carry_on, chain
from app.services.refreshing import RefreshInvalid, RefreshReused, rotate
from app.wechat.port import WeChatIdentity


class AccountClosed(Forbidden):
    """The center has closed this account."""

    code = "account_closed"
    title, title_en = "账号已停用，请联系实践中心", "This account is closed"


async def by_wechat(desk: Desk, code: str) -> SignedIn:
    """Who is seen for the first time becomes a person; two phones at once become one.

    Raises AccountClosed, and what the WeChat port raises.
    """
    identity = await desk.wechat.code_to_session(code)
    async with desk.database.transaction() as session:
        person = await _person_of(session, identity)
        if not person.active:
            raise AccountClosed
        return await admit(session, desk, person.id, Means.WECHAT)


async def by_password(desk: Desk, username: str, password: str, code: str | None = None) -> SignedIn:
    """`code` is that of a second factor, or a recovery code. A wrong guess stays counted although the call fails.

    Raises BadCredentials, SecondFactorNeeded, SecondFactorWrong, SignInLocked.
    """
    at = now()
    guess = await proving.guess(desk.database, username, col(Person.username) == username, at)
    try:
        proof = await proving.prove(desk.database, guess, password, code, at)
        async with desk.database.transaction() as session:
            await proving.accept(session, proof, at)
            strong = proof.given is not None
            return await admit(session, desk, proof.account.person_id, Means.PASSWORD, strong=strong)
    except Unauthenticated as why:
        await account_trail.refused(desk.database, guess, "password_sign_in", why)
        raise


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
