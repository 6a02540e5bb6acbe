"""并单: the same need ordered twice becomes one order, and neither caller is lost.

The order that goes is closed as merged and points to the one that stays; its caller goes on hearing of that one
(services/notifications.py) and sees how it stands, but not whose it is.
"""

from uuid import UUID

from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.lifecycle import MOVES, OFFER_MOVES, Action
from app.errors import IllegalMove, Invalid
from app.models.offer import Offer
from app.models.order import Order
from app.services import orders
from app.services.access import SYSTEM, Actor, center_of, require_on
from app.services.moves import move, move_offers
from app.services.scope import visible

_HELD = OFFER_MOVES[Action.CANCEL][0]


class MergeIntoItself(Invalid):
    code, title, title_en = "merge_into_itself", "不能并入自己", "An order cannot be merged into itself"


class MergeOtherCenter(Invalid):
    code, title = "merge_other_center", "只能并入同一中心的订单"
    title_en = "The other order is another center's"


class MergeTargetEnded(IllegalMove):
    code, title = "merge_target_ended", "要并入的订单已结束、已并入或已在服务，不能再并入"
    title_en = "The order to merge into has ended or is being served"


async def merge(session: AsyncSession, actor: Actor, order_id: UUID, into_id: UUID, reason: str) -> Order:
    """End `order_id` in favour of `into_id`; the merged order.

    Both rows are taken in the order of their ids, each on the condition that it is as it was seen: of two
    dispatchers who merge the same two the other way round, one is told that it is too late. What had been merged
    into this order goes along, so that nothing ever points to an order that is merged itself.
    """
    order = await orders.get(session, actor, order_id)
    kept = await orders.get(session, actor, into_id)
    require_on(actor, MOVES[Action.MERGE].permission, order)
    require_on(actor, MOVES[Action.JOIN].permission, kept)
    if order.id == kept.id:
        raise MergeIntoItself
    if center_of(order.org_path) != center_of(kept.org_path):
        raise MergeOtherCenter
    if kept.status not in MOVES[Action.JOIN].sources:
        raise MergeTargetEnded
    for one in sorted((order, kept), key=lambda row: row.id):
        await (
            _leave(session, actor, one, kept, reason) if one is order else _join(session, actor, one, order)
        )
    await move_offers(session, Action.CANCEL, col(Offer.order_id) == order.id)
    await session.exec(
        update(Order)
        .where(col(Order.merged_into_id) == order.id)
        .values(merged_into_id=kept.id)
        .execution_options(synchronize_session=False)
    )
    return order


async def _leave(session: AsyncSession, actor: Actor, order: Order, kept: Order, reason: str) -> None:
    held = visible(Offer, SYSTEM).where(Offer.order_id == order.id, col(Offer.status).in_(_HELD))
    await move(
        session,
        actor,
        order,
        Action.MERGE,
        asked=[offer.team_id for offer in await session.exec(held)],
        reason=reason,
        data={"into": str(kept.id)},
        where=[col(Order.version) == order.version],
        changes={"merged_into_id": kept.id, "auto": False},
    )


async def _join(session: AsyncSession, actor: Actor, kept: Order, order: Order) -> None:
    await move(session, actor, kept, Action.JOIN, data={"merged": str(order.id)})
