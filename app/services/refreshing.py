"""A refresh token is spent once, for the next one.

Presenting a spent token means that two parties hold it, so the whole sign-in ends. But phones lose answers:
within a minute the same token gives the same successor again, as long as that is still unspent.
"""

import logging
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.errors import Unauthenticated
from app.models.person import RefreshToken, SignIn
from app.services import account_trail
from app.services.access import Actor
from app.services.sign_ins import Chain, Opened, digest_of, extend, revoke

REPEATABLE: Final = timedelta(seconds=60)

log = logging.getLogger(__name__)


class RefreshInvalid(Unauthenticated):
    """Not a refresh token of this service, or expired, or its sign-in has ended: sign in again."""

    code = "refresh_invalid"
    title, title_en = "登录已失效，请重新登录", "The sign-in has ended, sign in again"


class RefreshReused(Unauthenticated):
    """This token was spent before: somebody copied it, and the whole sign-in has been ended."""

    code = "refresh_reused"
    title, title_en = "登录凭证被重复使用，为保护您的账号已退出登录", "The refresh token was used before"


async def rotate(session: AsyncSession, chain: Chain, token: str, at: datetime) -> Opened | None:
    """Spend `token` for its successor, or tell the same successor again.

    None: the token was reused, and the sign-in is now revoked; commit that, then raise RefreshReused.
    Raises RefreshInvalid for a token that is unknown, expired, or of an ended sign-in.
    """
    spent = await session.exec(
        update(RefreshToken)
        .where(
            col(RefreshToken.digest) == digest_of(token),
            col(RefreshToken.spent_at).is_(None),
            col(RefreshToken.expires_at) > at,
        )
        .values(spent_at=at)
        .returning(col(RefreshToken.id))
        .execution_options(synchronize_session=False)
    )
    spent_now = spent.first() is not None
    sign_in, spent_at = await _read(session, token)
    if spent_now:
        return await extend(session, chain, sign_in, chain.successors(token)[0], at)
    if spent_at is None:
        raise RefreshInvalid  # neither now nor before, so it has expired
    if at - spent_at <= REPEATABLE and (successor := await _unspent_successor(session, chain, token)):
        return Opened(sign_in.person_id, sign_in.id, chain.until(sign_in, at), successor)
    await revoke(session, sign_in.person_id, at, only=sign_in.id)
    somebody = Actor(sign_in.person_id, sign_in_id=sign_in.id)
    await account_trail.done(session, somebody, "tokens_refresh", result=RefreshReused.code)
    log.warning("a spent refresh token came back; sign-in %s is ended", sign_in.id)
    return None


async def _read(session: AsyncSession, token: str) -> tuple[SignIn, datetime | None]:
    found = await session.exec(
        select(SignIn, RefreshToken.spent_at)
        .join(RefreshToken, col(RefreshToken.sign_in_id) == SignIn.id)
        .where(RefreshToken.digest == digest_of(token), col(SignIn.revoked_at).is_(None))
    )
    row = found.first()
    if row is None:
        raise RefreshInvalid
    return row[0], row[1]


async def _unspent_successor(session: AsyncSession, chain: Chain, token: str) -> str | None:
    by_digest = {digest_of(successor): successor for successor in chain.successors(token)}
    unspent = await session.exec(
        select(RefreshToken.digest).where(
            col(RefreshToken.digest).in_(by_digest), col(RefreshToken.spent_at).is_(None)
        )
    )
    digest = unspent.first()
    return by_digest[digest] if digest else None
