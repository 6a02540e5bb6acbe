"""评单 and closing an *order* (an account is closed in account_closing.py).

In the same transaction in which the order ends each of the crew is credited, once. What a volunteer is owed
for an order is computed from all their stays; what they have had is read from the ledger; the difference is
transferred. So a reopened order, or a stay uploaded after closing, credits only what is new, and a repeated
closing credits nothing.
"""

from collections import defaultdict
from uuid import UUID, uuid5

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.domain.attendance import declared_limit
from app.domain.contentment import is_low
from app.domain.lifecycle import Action
from app.domain.points import earn
from app.models.content import ContentKind
from app.models.order import Order
from app.models.points import PointsCause
from app.models.service import Attendance, Delivery, Review
from app.schemas.service import ReviewIn
from app.services import follow_ups, orders, points
from app.services.access import Actor
from app.services.actors import person_of
from app.services.content_checks import look_at
from app.services.moves import move
from app.services.policies import policy_at


async def review(session: AsyncSession, actor: Actor, order_id: UUID, given: ReviewIn) -> Order:
    """The resident's rating closes the order."""
    order = await orders.get(session, actor, order_id)
    low = is_low(given.timeliness, given.attitude, given.quality, given.resolution)
    cause = follow_ups.cause_of(order, low=low)
    order = await move(session, actor, order, Action.REVIEW, data={"follow_up": cause is not None})
    delivery = await _last_delivery(session, order)
    made = Review(
        created_at=now(),
        order_id=order.id,
        delivery_id=delivery.id,
        reviewed_by_id=person_of(actor),
        **given.model_dump(),
    )
    session.add(made)
    await session.flush()
    await look_at(session, order, ContentKind.REVIEW, made.id, made.reviewed_by_id, given.comment)
    await credit(session, order, delivery.id)
    if cause is not None:
        await follow_ups.owe(session, order, cause)
    return order


async def close(session: AsyncSession, actor: Actor, order: Order) -> Order:
    """No review came in time: the order closes without one, and without inventing stars."""
    cause = follow_ups.cause_of(order, low=False)
    order = await move(session, actor, order, Action.CLOSE, data={"follow_up": cause is not None})
    delivery = await _last_delivery(session, order)
    await credit(session, order, delivery.id)
    if cause is not None:
        await follow_ups.owe(session, order, cause)
    return order


async def credit(session: AsyncSession, order: Order, occasion: UUID) -> None:
    """Credit whoever served with what they are owed; `occasion` (a delivery, a late stay) happens once."""
    rule = (await policy_at(session, order.org_path)).points
    rating = await _rating(session, order)
    stays = defaultdict(list)
    for stay in await session.exec(select(Attendance).where(Attendance.order_id == order.id)):
        stays[stay.person_id].append(stay)
    for person_id in sorted(stays):
        verified = sum(stay.verified_minutes for stay in stays[person_id])
        declared = sum(stay.declared_minutes for stay in stays[person_id])
        allowed = min(declared, declared_limit(*order.schedule, verified))
        owed = earn(verified, allowed, rating, rule)
        had = await points.had_for_order(session, person_id, order.id)
        reference = uuid5(occasion, person_id.hex)
        await points.issue(session, order, person_id, owed - had, PointsCause.SERVICE, reference)


async def _last_delivery(session: AsyncSession, order: Order) -> Delivery:
    found = select(Delivery).where(Delivery.order_id == order.id).order_by(col(Delivery.id).desc()).limit(1)
    return (await session.exec(found)).one()


async def _rating(session: AsyncSession, order: Order) -> float | None:
    """The mean of the newest review's four dimensions; None when nobody rated."""
    found = select(Review).where(Review.order_id == order.id).order_by(col(Review.id).desc()).limit(1)
    given = (await session.exec(found)).first()
    if given is None:
        return None
    return (given.timeliness + given.attitude + given.quality + given.resolution) / 4
