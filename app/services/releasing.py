"""退单: a team gives an order back, and whether that counts against it."""

from uuid import UUID

from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.domain.lifecycle import Action, OfferStatus
from app.domain.notices import Audience
from app.domain.reminders import Reminder
from app.domain.roles import Permission
from app.errors import IllegalMove, NotFound
from app.models.event import REASON_LENGTH
from app.models.offer import Offer
from app.models.order import Order
from app.schemas.offer import CAUSE_ZH, EXCUSING, ReleaseCause
from app.services import orders, succession
from app.services.access import SYSTEM, Actor, require_on
from app.services.notifications import audience_of, remind
from app.services.scope import visible


class OfferNotReleased(IllegalMove):
    code, title, title_en = "offer_not_released", "这个派单没有退回过", "The order was not given back"


async def release(
    session: AsyncSession, actor: Actor, order_id: UUID, reason: str, cause: ReleaseCause = ReleaseCause.TEAM
) -> Order:
    """Give an accepted order back before service begins; who stands by comes, or it is dispatched anew.

    Weather and a beneficiary who is not there excuse the team by its own word; the desk reads it and may differ.
    """
    order = await orders.get(session, actor, order_id)
    require_on(actor, Permission.OFFERS_ANSWER, order)
    words = f"{CAUSE_ZH[cause]}：{reason}"[:REASON_LENGTH] if cause is not ReleaseCause.TEAM else reason
    excused = {"excused": cause in EXCUSING}
    data = {"cause": cause.value}
    return await succession.leave(session, actor, order, Action.RELEASE, words, data=data, offer=excused)


async def excuse(session: AsyncSession, actor: Actor, offer_id: UUID, excused: bool, reason: str) -> Offer:
    """The desk decides whether an order that was given back counts against the team. Raises OfferNotReleased."""
    offer = (await session.exec(visible(Offer, actor).where(Offer.id == offer_id))).one_or_none()
    if offer is None:
        raise NotFound("没有这个派单")
    order = (await session.exec(visible(Order, SYSTEM).where(Order.id == offer.order_id))).one()
    require_on(actor, Permission.ORDERS_DISPATCH, order)
    decided = await session.exec(
        update(Offer)
        .where(col(Offer.id) == offer.id, col(Offer.status) == OfferStatus.RELEASED)
        .values(excused=excused)
        .returning(Offer)
        .execution_options(populate_existing=True, synchronize_session=False)
    )
    if decided.scalar_one_or_none() is None:
        raise OfferNotReleased
    words = f"{'不计入' if excused else '计入'}退单次数，{reason}"
    leaders = await audience_of(session, order, Audience.TEAM, [offer.team_id])
    await remind(session, order, Reminder.EXCUSED, Audience.TEAM, leaders, now(), words)
    return offer
