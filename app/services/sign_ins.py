"""Sign-ins: opened on one more device, ended on one or on all.

One by password, which staff have, ends by itself: after half an hour in which its device was silent, and after
twelve hours in any case (等保: idle logout). One by WeChat lasts as long as the phone is used.

Each is carried on by a chain of refresh tokens (services/refreshing.py). A token is 256 bits, of which only
the SHA-256 digest is kept; the one after it is its HMAC under the service's secret, so that it can be told
again without having been kept.
"""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.models.person import Means, RefreshToken, SignIn
from app.origin import origin

_CONTEXT: Final = b"sidan refresh successor "


@dataclass(frozen=True, slots=True)
class Opened:
    """A living sign-in and the refresh token that carries it on, which can be spent before `until`."""

    person_id: UUID
    sign_in_id: UUID
    until: datetime
    refresh_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Chain:
    """How tokens follow each other: the secrets, newest first; how long each can be spent, with `idle` where staff
    signed in by password; and how long such a sign-in lasts `at_most`.
    """

    secrets: Sequence[str] = field(repr=False)
    lifetime: timedelta
    idle: timedelta
    at_most: timedelta

    def until(self, sign_in: SignIn, at: datetime) -> datetime:
        """When the sign-in has ended if nothing is heard of it after `at`."""
        if sign_in.means is not Means.PASSWORD:
            return at + self.lifetime
        return min(at + self.idle, sign_in.created_at + self.at_most)

    def successors(self, token: str) -> list[str]:
        """The next token under each secret: a retry may arrive just after the secret was rotated."""
        return [
            hmac.new(secret.encode(), _CONTEXT + token.encode(), sha256).hexdigest()
            for secret in self.secrets
        ]


def digest_of(token: str) -> str:
    return sha256(token.encode()).hexdigest()


async def open_sign_in(
    session: AsyncSession, chain: Chain, person_id: UUID, at: datetime, means: Means, strong: bool
) -> Opened:
    """A new sign-in of a person, on one more device; `strong` when a second factor was given."""
    sign_in = SignIn(created_at=at, person_id=person_id, means=means, strong=strong)
    session.add(sign_in)
    return await extend(session, chain, sign_in, secrets.token_hex(32), at)


async def extend(session: AsyncSession, chain: Chain, sign_in: SignIn, token: str, at: datetime) -> Opened:
    """Let `token` carry the sign-in on from now, and write down from where it was heard of."""
    here, until = origin.get(), chain.until(sign_in, at)
    sign_in.sqlmodel_update({"seen_at": at, "device": here.device, "address": here.address})
    await session.flush()
    session.add(RefreshToken(sign_in_id=sign_in.id, digest=digest_of(token), expires_at=until))
    await session.flush()
    return Opened(sign_in.person_id, sign_in.id, until, token)


async def revoke(
    session: AsyncSession,
    person_id: UUID,
    at: datetime,
    *,
    only: UUID | None = None,
    spare: UUID | None = None,
) -> int:
    """End a person's sign-ins: all, or `only` one, or all but the one to `spare`; how many. Again is harmless."""
    ended = update(SignIn).where(col(SignIn.person_id) == person_id, col(SignIn.revoked_at).is_(None))
    if only is not None:
        ended = ended.where(col(SignIn.id) == only)
    if spare is not None:
        ended = ended.where(col(SignIn.id) != spare)
    done = ended.values(revoked_at=at).execution_options(synchronize_session=False)
    return int((await session.exec(done)).rowcount)
