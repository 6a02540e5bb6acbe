"""超时: what nobody answered in time goes back to the dispatcher.

An offer's time limit bites by itself, in the condition under which it can be accepted. This only tidies up
afterwards: the offer is written off, and when nobody is being asked any longer the order waits for dispatch
again and the staff hear of it. The version in the compare-and-set keeps a lapse that was decided on what is
now the past from undoing a dispatch made in between.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from app.domain.lifecycle import Action, OfferStatus, OrderStatus
from app.models.offer import Offer
from app.models.order import Order
from app.services.access import SYSTEM
from app.services.moves import move, move_offers
from app.services.scope import visible


def unanswered(at: datetime) -> SelectOfScalar[Order]:
    """Offered orders with an offer past its time, or with none left that is open.

    The second happens when the last two offers of an order end in the same instant: each of the two
    transactions still sees the other's offer open. Whoever looks next sees that nobody is asked.
    """
    past = _open_offers(col(Offer.expires_at) <= at)
    return visible(Order, SYSTEM).where(
        col(Order.status) == OrderStatus.OFFERED,
        or_(col(Order.id).in_(past), col(Order.id).not_in(_open_offers())),
    )


def unclaimed(at: datetime) -> SelectOfScalar[Order]:
    """Orders that were in the pool (抢单) for their whole time."""
    return visible(Order, SYSTEM).where(col(Order.status) == OrderStatus.POOLED, col(Order.due_at) <= at)


async def lapse_offers(session: AsyncSession, order: Order, at: datetime) -> None:
    """Write off the offers of `order` that were not answered by `at`. Raises IllegalMove when it moved on."""
    open_ = visible(Offer, SYSTEM).where(Offer.order_id == order.id, col(Offer.status) == OfferStatus.OPEN)
    asked = (await session.exec(open_)).all()
    if all(offer.expires_at <= at for offer in asked):
        await _lapse(session, order, [offer.team_id.hex for offer in asked])
    await move_offers(session, Action.LAPSE, col(Offer.order_id) == order.id, col(Offer.expires_at) <= at)


async def lapse_pool(session: AsyncSession, order: Order) -> None:
    """Close the pool around `order`. Raises IllegalMove when a team was faster."""
    await _lapse(session, order, [])


async def _lapse(session: AsyncSession, order: Order, team_ids: list[str]) -> None:
    data = {"team_ids": team_ids} if team_ids else None
    await move(session, SYSTEM, order, Action.LAPSE, data=data, where=[col(Order.version) == order.version])


def _open_offers(*where: ColumnElement[bool]) -> SelectOfScalar[UUID]:
    return select(Offer.order_id).where(col(Offer.status) == OfferStatus.OPEN, *where)
