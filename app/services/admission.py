"""What signing in leans on, and the one answer with which every way of it ends."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.db import Database
from app.services.actors import actor_of
from app.services.me import HeldRole, Profile, profile
from app.services.sign_ins import Chain, Opened, open_sign_in
from app.services.tokens import Claims, Tokens
from app.settings import Settings
from app.wechat.port import WeChat


class Desk(Protocol):
    """app.house.House has it all."""

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


def chain(desk: Desk) -> Chain:
    kept = (desk.settings.secret, desk.settings.previous_secret)
    return Chain(
        [secret.get_secret_value() for secret in kept if secret is not None],
        timedelta(days=desk.settings.refresh_days),
    )


async def admit(session: AsyncSession, desk: Desk, person_id: UUID) -> SignedIn:
    """Sign a person in whose identity is beyond doubt."""
    return await carry_on(session, desk, await open_sign_in(session, chain(desk), person_id, now()))


async def carry_on(session: AsyncSession, desk: Desk, opened: Opened) -> SignedIn:
    """The answer for a living sign-in. Raises Unauthenticated when its person may no longer be signed in."""
    actor = await actor_of(session, Claims(opened.person_id, opened.sign_in_id, 0))
    return SignedIn(
        access_token=desk.tokens.issue(opened.person_id, opened.sign_in_id, now()),
        refresh_token=opened.refresh_token,
        expires_in=int(desk.tokens.lifetime.total_seconds()),
        person=await profile(session, actor),
    )
