"""Where I am signed in, so that I notice who else is, and can end it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.neighbourhood import masked
from app.errors import NotFound
from app.models.person import RefreshToken, SignIn
from app.schemas.base import Keyset
from app.services import account_trail
from app.services.access import Actor
from app.services.actors import person_of
from app.services.keyset import newest_first
from app.services.sign_ins import revoke


async def listing(session: AsyncSession, actor: Actor, wanted: Keyset, at: datetime) -> list[dict[str, Any]]:
    """Those that can still be carried on at `at`, newest first; one more than `limit` when there is a next page."""
    alive = exists().where(
        col(RefreshToken.sign_in_id) == SignIn.id,
        col(RefreshToken.spent_at).is_(None),
        col(RefreshToken.expires_at) > at,
    )
    mine = select(SignIn).where(
        col(SignIn.person_id) == person_of(actor),
        col(SignIn.revoked_at).is_(None),
        or_(alive, col(SignIn.id) == actor.sign_in_id),
    )
    return [
        {
            **one.model_dump(include={"id", "created_at", "means", "strong", "seen_at", "device"}),
            "address": masked(one.address),
            "current": one.id == actor.sign_in_id,
        }
        for one in await session.exec(newest_first(mine, SignIn, wanted))
    ]


async def end(session: AsyncSession, actor: Actor, sign_in_id: UUID, at: datetime) -> None:
    """Again is harmless. Raises NotFound for one that is not mine."""
    mine = select(SignIn.id).where(SignIn.id == sign_in_id, SignIn.person_id == person_of(actor))
    if (await session.exec(mine)).first() is None:
        raise NotFound("没有这次登录")
    await revoke(session, person_of(actor), at, only=sign_in_id)
    await account_trail.done_by_staff(session, actor, "my_sign_in_end")


async def end_others(session: AsyncSession, actor: Actor, at: datetime) -> None:
    """All but the one that asks."""
    await revoke(session, person_of(actor), at, spare=actor.sign_in_id)
    await account_trail.done_by_staff(session, actor, "my_other_sign_ins_end")
