"""未能满足: said to the resident with the reason, and counted as a gap in what the place can offer."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.db import insert_new
from app.domain.lifecycle import Action, OfferStatus
from app.domain.roles import Permission
from app.domain.unmet import UNMET_ZH, UnmetReason
from app.errors import Forbidden, NotFound
from app.models.offer import Offer
from app.models.order import Order
from app.models.organisation import Organisation
from app.models.whistle import Gap
from app.services.access import SYSTEM, Actor
from app.services.columns import columns
from app.services.moves import BY_HAND, hold, move, move_offers
from app.services.scope import visible


async def give_up(
    session: AsyncSession, actor: Actor, order: Order, reason: UnmetReason, asked: int, words: str = ""
) -> Order:
    """Say that nobody can help; `words` are a dispatcher's own. Nobody need stand by any longer.

    One gap for each specialty that was wanted, or one without any. Raises IllegalMove, Forbidden.
    """
    tried = f"（共询问{asked}支队伍）" if asked else ""
    told = words or f"{UNMET_ZH[reason]}{tried}"
    order = await hold(session, order)
    ready = visible(Offer, SYSTEM).where(Offer.order_id == order.id, col(Offer.status) == OfferStatus.STANDBY)
    order = await move(
        session,
        actor,
        order,
        Action.GIVE_UP,
        asked=[offer.team_id for offer in await session.exec(ready)],
        reason=told,
        data={"reason": reason.value, "asked": asked},
        changes=BY_HAND,
    )
    await move_offers(session, Action.CANCEL, col(Offer.order_id) == order.id)
    for specialty in order.required_specialties or [""]:
        gap = Gap(
            created_at=now(),
            order_id=order.id,
            org_path=order.org_path,
            category=order.category,
            specialty=specialty,
            reason=reason.value,
        )
        await insert_new(session, gap)
    return order


async def counted(
    session: AsyncSession, actor: Actor, organisation_id: UUID | None
) -> Sequence[dict[str, Any]]:
    """Gaps of the places that the actor oversees (of one and what lies below it), most frequent first.

    Raises Forbidden, NotFound.
    """
    if not actor.paths(Permission.ORDERS_READ):
        raise Forbidden
    seen = visible(Gap, actor)
    if organisation_id is not None:
        place = await session.get(Organisation, organisation_id)
        if place is None:
            raise NotFound("没有这个文明实践中心、所或站")
        seen = seen.where(col(Gap.org_path).startswith(place.path))
    what = (Gap.org_path, Gap.category, Gap.specialty, Gap.reason)
    orders = func.count().label("orders")
    rows = await columns(
        session, seen.group_by(*what).order_by(orders.desc(), col(Gap.org_path)).limit(500), *what, orders
    )
    return [dict(row._mapping) for row in rows]
