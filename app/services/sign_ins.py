"""Sign-ins and the chain of refresh tokens that keeps each alive.

A refresh token is 256 random bits, of which only the SHA-256 digest is kept. It is spent once, for the next
one; presenting a spent token means that two parties hold it, so the whole sign-in ends. But phones lose
answers: within a minute the same token gives the same successor again, as long as that is still unspent. The
successor is an HMAC of the token under the service's secret: it can be told again without having been kept.
"""

import hmac
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.errors import Unauthenticated
from app.models.person import RefreshToken, SignIn

REPEATABLE: Final = timedelta(seconds=60)
_CONTEXT: Final = b"sidan refresh successor "

log = logging.getLogger(__name__)


class RefreshInvalid(Unauthenticated):
    """Not a refresh token of this service, or expired, or its sign-in has ended: sign in again."""

    code = "refresh_invalid"
    title, title_en = "登录已失效，请重新登录", "The sign-in has ended, sign in again"


class RefreshReused(Unauthenticated):
    """This token was spent before: somebody copied it, and the whole sign-in has been ended."""

    code = "refresh_reused"
    title, title_en = "登录凭证被重复使用，为保护您的账号已退出登录", "The refresh token was used before"


@dataclass(frozen=True, slots=True)
class Opened:
    """A living sign-in and the refresh token that carries it on."""

    person_id: UUID
    sign_in_id: UUID
    refresh_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Chain:
    """How tokens follow each other: the secrets, newest first, and how long each token can be spent."""

    secrets: Sequence[str] = field(repr=False)
    lifetime: timedelta

    def successors(self, token: str) -> list[str]:
        """The next token under each secret: a retry may arrive just after the secret was rotated."""
        return [
            hmac.new(secret.encode(), _CONTEXT + token.encode(), sha256).hexdigest()
            for secret in self.secrets
        ]


async def open_sign_in(session: AsyncSession, chain: Chain, person_id: UUID, at: datetime) -> Opened:
    """A new sign-in of a person, on one more device."""
    sign_in = SignIn(person_id=person_id)
    session.add(sign_in)
    await session.flush()
    token = secrets.token_hex(32)
    _keep(session, chain, sign_in.id, token, at)
    await session.flush()
    return Opened(person_id, sign_in.id, token)


async def rotate(session: AsyncSession, chain: Chain, token: str, at: datetime) -> Opened | None:
    """Spend `token` for its successor, or tell that again to whom it may concern.

    None: the token was reused, and the sign-in is now revoked; commit that, then raise RefreshReused.
    Raises RefreshInvalid for a token that is unknown, expired, or of an ended sign-in.
    """
    spent = await session.exec(
        update(RefreshToken)
        .where(
            col(RefreshToken.digest) == _digest(token),
            col(RefreshToken.spent_at).is_(None),
            col(RefreshToken.expires_at) > at,
        )
        .values(spent_at=at)
        .returning(col(RefreshToken.sign_in_id))
        .execution_options(synchronize_session=False)
    )
    now_spent = spent.first() is not None
    row, sign_in = await _read(session, token)
    if not now_spent:
        if row.spent_at is None:
            raise RefreshInvalid  # never spent, so it has expired
        return await _repeat(session, chain, token, row, sign_in, at)
    successor = chain.successors(token)[0]
    _keep(session, chain, sign_in.id, successor, at)
    await session.flush()
    return Opened(sign_in.person_id, sign_in.id, successor)


async def revoke(
    session: AsyncSession,
    person_id: UUID,
    at: datetime,
    *,
    only: UUID | None = None,
    spare: UUID | None = None,
) -> None:
    """End a person's sign-ins: all, or `only` one, or all but the one to `spare`. Again is harmless."""
    ended = update(SignIn).where(col(SignIn.person_id) == person_id, col(SignIn.revoked_at).is_(None))
    if only is not None:
        ended = ended.where(col(SignIn.id) == only)
    if spare is not None:
        ended = ended.where(col(SignIn.id) != spare)
    await session.exec(ended.values(revoked_at=at).execution_options(synchronize_session=False))


async def _read(session: AsyncSession, token: str) -> tuple[RefreshToken, SignIn]:
    found = await session.exec(
        select(RefreshToken, SignIn)
        .join(SignIn, col(SignIn.id) == RefreshToken.sign_in_id)
        .where(RefreshToken.digest == _digest(token), col(SignIn.revoked_at).is_(None))
    )
    row = found.first()
    if row is None:
        raise RefreshInvalid
    return row[0], row[1]


async def _repeat(
    session: AsyncSession, chain: Chain, token: str, row: RefreshToken, sign_in: SignIn, at: datetime
) -> Opened | None:
    if row.spent_at is not None and at - row.spent_at <= REPEATABLE:
        by_digest = {_digest(successor): successor for successor in chain.successors(token)}
        unspent = await session.exec(
            select(RefreshToken.digest).where(
                col(RefreshToken.digest).in_(by_digest), col(RefreshToken.spent_at).is_(None)
            )
        )
        if (digest := unspent.first()) is not None:
            return Opened(sign_in.person_id, sign_in.id, by_digest[digest])
    await revoke(session, sign_in.person_id, at, only=sign_in.id)
    log.warning("a spent refresh token came back; sign-in %s is ended", sign_in.id)
    return None


def _keep(session: AsyncSession, chain: Chain, sign_in_id: UUID, token: str, at: datetime) -> None:
    session.add(RefreshToken(sign_in_id=sign_in_id, digest=_digest(token), expires_at=at + chain.lifetime))


def _digest(token: str) -> str:
    return sha256(token.encode(errors="replace")).hexdigest()
