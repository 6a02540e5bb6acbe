"""Signing out, here or everywhere, and ending the sign-ins of somebody else: a lost telephone, a colleague who has
left, an account in wrong hands.

The last is the security administrator's to do, within the own part of the tree, and it takes no right away: who may
still sign in, does.
"""

from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.roles import Permission
from app.errors import Forbidden
from app.models.person import Person
from app.services import account_trail
from app.services.access import Actor
from app.services.actors import person_of
from app.services.people import PersonUnknown, tied
from app.services.sign_ins import revoke
from app.services.tokens import Claims


async def leave(session: AsyncSession, claims: Claims, at: datetime) -> None:
    """End this one sign-in; again is harmless."""
    if await revoke(session, claims.person_id, at, only=claims.sign_in_id):
        left = Actor(claims.person_id, sign_in_id=claims.sign_in_id)
        await account_trail.done_by_staff(session, left, "device_sign_out")


async def leave_everywhere(session: AsyncSession, actor: Actor, at: datetime) -> None:
    await revoke(session, person_of(actor), at)
    await account_trail.done_by_staff(session, actor, "devices_sign_out")


async def sign_out(session: AsyncSession, actor: Actor, person_id: UUID, reason: str, at: datetime) -> None:
    """Raises Forbidden, PersonUnknown (nobody, or tied to no place within reach)."""
    paths = actor.paths(Permission.SIGN_INS_REVOKE)
    if not paths:
        raise Forbidden
    there = select(Person.id).where(Person.id == person_id, col(Person.active), tied(paths))
    if (await session.exec(there)).first() is None:
        raise PersonUnknown
    await revoke(session, person_id, at)
    await account_trail.done(session, actor, "person_sign_out", about=person_id, reason=reason)
