"""结项: the leader says what was done, with pictures; the resident is asked for a review."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.domain.lifecycle import Action
from app.models.media import MediaStage
from app.models.order import Order
from app.models.service import Delivery
from app.services import orders
from app.services.access import Actor
from app.services.actors import person_of
from app.services.media import attach
from app.services.moves import move


async def deliver(
    session: AsyncSession,
    actor: Actor,
    order_id: UUID,
    summary: str,
    people_served: int,
    media_ids: Sequence[UUID],
) -> Order:
    order = await orders.get(session, actor, order_id)
    order = await move(session, actor, order, Action.DELIVER, data={"people_served": people_served})
    session.add(
        Delivery(
            created_at=now(),
            order_id=order.id,
            delivered_by_id=person_of(actor),
            summary=summary,
            people_served=people_served,
        )
    )
    await attach(session, person_of(actor), media_ids, order.id, MediaStage.DELIVERY)
    return order
