"""Notices are rows written with the move that causes them: neither is ever there without the other."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.domain.lifecycle import Action
from app.domain.notices import NOTICES, Audience
from app.domain.roles import Role
from app.models.base import new_id
from app.models.notification import Notification
from app.models.order import Order
from app.models.person import RoleGrant
from app.models.service import CrewMember


def notice(
    order: Order, action: Action, audience: Audience, person_id: UUID | None, reason: str
) -> Notification:
    """The outbox row for one recipient: a person, or the staff on duty at the order's organisation."""
    return Notification(
        id=new_id(),
        created_at=now(),
        person_id=person_id,
        org_path=order.org_path if person_id is None else None,
        order_id=order.id,
        kind=action.value,
        data={"title": order.title, "reason": reason, "audience": audience.value},
        dedupe_key=f"{order.id.hex}:{order.version}:{audience}:{person_id.hex if person_id else ''}",
    )


async def tell(
    session: AsyncSession, order: Order, action: Action, *, team_id: UUID | None, reason: str
) -> None:
    """Write every notice that `action` owes (app/domain/notices.py). `team_id` is the team concerned."""
    for audience in NOTICES[action]:
        for person_id in await _people(session, order, audience, team_id):
            session.add(notice(order, action, audience, person_id, reason))


async def _people(
    session: AsyncSession, order: Order, audience: Audience, team_id: UUID | None
) -> Iterable[UUID | None]:
    found: Any
    match audience:
        case Audience.RESIDENT:
            return [order.placed_by_id]
        case Audience.STAFF:
            return [None]
        case Audience.TEAM:
            found = select(RoleGrant.person_id).where(
                RoleGrant.team_id == (team_id or order.team_id), col(RoleGrant.role) == Role.TEAM_LEADER
            )
        case Audience.CREW:
            found = select(CrewMember.person_id).where(CrewMember.order_id == order.id)
    return list(await session.exec(found.distinct()))
