"""What signing in leans on, and the one answer with which every way of it ends."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.db import Database
from app.domain.duties import Owed
from app.models.person import Means
from app.services import account_trail
from app.services.access import Actor
from app.services.actors import actor_of
from app.services.me import HeldRole, Profile, profile
from app.services.sign_ins import Chain, Opened, open_sign_in
from app.services.tokens import Tokens
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

    @property
    def owed(self) -> tuple[Owed, ...]:
        return self.person.owed


def chain(desk: Desk) -> Chain:
    kept = (desk.settings.secret, desk.settings.previous_secret)
    return Chain(
        [secret.get_secret_value() for secret in kept if secret is not None],
        timedelta(days=desk.settings.refresh_days),
        timedelta(minutes=desk.settings.idle_minutes),
        timedelta(hours=desk.settings.sign_in_hours),
    )


async def admit(
    session: AsyncSession, desk: Desk, person_id: UUID, means: Means, *, strong: bool = False
) -> SignedIn:
    """Sign a person in whose identity is beyond doubt; of staff the auditors are told."""
    opened = await open_sign_in(session, chain(desk), person_id, now(), means, strong)
    actor = await _actor(session, desk, opened)
    told = account_trail.done if means is Means.PASSWORD else account_trail.done_by_staff
    await told(session, actor, f"{means}_sign_in")
    return await _answer(session, desk, opened, actor)


async def carry_on(session: AsyncSession, desk: Desk, opened: Opened) -> SignedIn:
    """The answer for a living sign-in. Raises Unauthenticated when its person may no longer be signed in."""
    return await _answer(session, desk, opened, await _actor(session, desk, opened))


async def _actor(session: AsyncSession, desk: Desk, opened: Opened) -> Actor:
    return await actor_of(session, desk.tokens.claims(opened.person_id, opened.sign_in_id))


async def _answer(session: AsyncSession, desk: Desk, opened: Opened, actor: Actor) -> SignedIn:
    at = now()
    lifetime = min(desk.tokens.lifetime, opened.until - at)
    return SignedIn(
        access_token=desk.tokens.issue(opened.person_id, opened.sign_in_id, at, lifetime),
        refresh_token=opened.refresh_token,
        expires_in=int(lifetime.total_seconds()),
        person=await profile(session, actor),
    )
