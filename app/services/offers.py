"""接单: a team answers an offer, takes an order from the pool, or gives one back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.db import insert_new
from app.domain.appointments import soonest
from app.domain.lifecycle import Action, OfferStatus, OrderStatus
from app.domain.roles import Permission
from app.errors import Forbidden, IllegalMove, Invalid, NotFound
from app.models.event import OrderEvent
from app.models.offer import Offer
from app.models.order import Order
from app.schemas.offer import OfferFilter
from app.services import appointments, standby
from app.services.access import SYSTEM, Actor, below, center_of, require_on
from app.services.dispatching import TeamNotEligible, asked_teams
from app.services.keyset import newest_first
from app.services.matching import occasion_of
from app.services.moves import hold, move, move_offers
from app.services.policies import policy_at
from app.services.scope import visible
from app.services.teams import get as team_of


class OfferExpired(IllegalMove):
    code, title, title_en = "offer_expired", "已超过接单时限", "The time to answer has run out"


class OfferAnswered(IllegalMove):
    code, title, title_en = "offer_answered", "这个派单已有答复或已收回", "The offer is already answered"


class WindowOver(IllegalMove):
    """Nobody can promise to come at a time that is past; the desk finds another with the resident."""

    code, title = "window_over", "居民期望的时间已过，请与调度员联系改期"
    title_en = "The order's window is over"


class ScheduleOutsideWindow(Invalid):
    code, title = "schedule_outside_window", "开始时间不在居民期望的时间内"
    title_en = "The start lies outside the order's window"


async def listing(session: AsyncSession, actor: Actor, wanted: OfferFilter) -> Sequence[tuple[Offer, Order]]:
    """Offers to the caller's teams (or, for staff, in their subtree), newest first, with their orders.

    A team sees what became of what it was asked; the summary of an order names nobody.
    """
    query = visible(Offer, actor)
    if wanted.status:
        query = query.where(col(Offer.status) == wanted.status)
    if wanted.order_id:
        query = query.where(col(Offer.order_id) == wanted.order_id)
    offers = (await session.exec(newest_first(query, Offer, wanted))).all()
    found = visible(Order, SYSTEM).where(col(Order.id).in_([offer.order_id for offer in offers]))
    by_id = {order.id: order for order in await session.exec(found)}
    return [(offer, by_id[offer.order_id]) for offer in offers]


async def accept(
    session: AsyncSession, actor: Actor, offer_id: UUID, scheduled_start: datetime | None
) -> Order:
    """Take the order, or (asked to) stand by. Of any number of leaders pressing at once, one is told yes.

    Raises OfferExpired, OfferAnswered, WindowOver, ScheduleOutsideWindow, Forbidden.
    """
    offer, order = await _offer(session, actor, offer_id)
    if offer.standby:
        return await _stand_by(session, actor, order, offer)
    order = await hold(session, order)
    at, policy = now(), await policy_at(session, order.org_path)
    start = _start(order, scheduled_start, _planned(offer), at)
    others = [one for one in await asked_teams(session, order.id) if one != offer.team_id]
    until = await standby.wanted(session, order, others, start, policy)
    changes = appointments.agreed(order, offer.team_id, start, at, policy)
    try:
        order = await move(
            session,
            actor,
            order,
            Action.ACCEPT,
            team_id=offer.team_id,
            asked=() if until else others,
            data={"team_id": offer.team_id.hex},
            changes=changes,
        )
    except IllegalMove:
        raise await _why_not(session, offer) from None
    if not await _answer(session, actor, offer, Action.ACCEPT):
        raise await _why_not(session, offer)
    await appointments.book(session, order, policy)
    if until is not None:
        return await standby.invite(session, order, others, until, policy)
    await move_offers(session, Action.RECALL, col(Offer.order_id) == order.id)
    return order


async def _stand_by(session: AsyncSession, actor: Actor, order: Order, offer: Offer) -> Order:
    try:
        order, answered = await standby.stand_by(session, actor, order, offer)
    except IllegalMove:
        raise await _why_not(session, offer) from None
    if not answered:
        raise await _why_not(session, offer)
    return order


async def decline(session: AsyncSession, actor: Actor, offer_id: UUID, reason: str) -> Order:
    """Say no, with a reason; this team is not asked again for this order. Who stands by may step back, too."""
    offer, order = await _offer(session, actor, offer_id)
    if offer.status is OfferStatus.STANDBY:
        order, gone = await standby.stand_down(session, actor, order, offer, reason)
        if not gone:
            raise await _why_not(session, offer)
        return order
    alone = [offer.team_id] == await asked_teams(session, order.id) and order.status is OrderStatus.OFFERED
    if alone:
        others = select(Offer.id).where(
            Offer.order_id == order.id, col(Offer.status) == OfferStatus.OPEN, Offer.id != offer.id
        )
        order = await move(
            session,
            actor,
            order,
            Action.DECLINE,
            team_id=offer.team_id,
            reason=reason,
            data={"team_id": offer.team_id.hex},
            where=[~others.exists()],
        )
    if not await _answer(session, actor, offer, Action.DECLINE, reason=reason):
        raise await _why_not(session, offer)
    return await standby.step_in(session, order) if alone else order


async def claim(
    session: AsyncSession,
    actor: Actor,
    order_id: UUID,
    team_id: UUID | None,
    scheduled_start: datetime | None,
) -> Order:
    """抢单: the first eligible team to press has it. `team_id` where the caller leads more than one."""
    team_id = _led(actor, team_id)
    order = await _pooled(session, actor, order_id)
    require_on(actor, Permission.OFFERS_ANSWER, order, team_id=team_id)
    at, policy = now(), await policy_at(session, order.org_path)
    start = _start(order, scheduled_start, None, at)
    if not (await team_of(session, SYSTEM, team_id)).org_path.startswith(order.pool_path or order.org_path):
        raise TeamNotEligible("本单目前只在更小的范围内开放抢单")
    if findings := await (await occasion_of(session, order)).why_not(team_id):
        raise TeamNotEligible(findings[0].text)
    order = await move(
        session,
        actor,
        order,
        Action.CLAIM,
        team_id=team_id,
        data={"team_id": team_id.hex},
        changes=appointments.agreed(order, team_id, start, at, policy),
    )
    claimed = Offer(
        created_at=at,
        order_id=order.id,
        team_id=team_id,
        status=OfferStatus.ACCEPTED,
        expires_at=at,
        answered_at=at,
        answered_by_id=actor.person_id,
        receipt={"mode": "pool"},
    )
    if not await insert_new(session, claimed):
        raise TeamNotEligible("该队伍已婉拒过本单")
    await appointments.book(session, order, policy)
    return order


async def _offer(session: AsyncSession, actor: Actor, offer_id: UUID) -> tuple[Offer, Order]:
    offer = (await session.exec(visible(Offer, actor).where(Offer.id == offer_id))).one_or_none()
    if offer is None:
        raise NotFound("没有这个派单")
    if offer.team_id not in actor.teams(Permission.OFFERS_ANSWER):
        raise Forbidden
    order = (await session.exec(visible(Order, actor).where(Order.id == offer.order_id))).one_or_none()
    if order is None:
        raise OfferAnswered
    return offer, order


async def _pooled(session: AsyncSession, actor: Actor, order_id: UUID) -> Order:
    """What was open once in the caller's center is said to be gone rather than never to have been; what never was
    is not there for who does not see it anyway.
    """
    centers = tuple({center_of(held.org_path) for held in actor.held if held.team_id})
    open_once = select(OrderEvent.id).where(
        OrderEvent.order_id == Order.id, col(OrderEvent.action) == Action.OPEN_POOL
    )
    seen = visible(Order, actor).where(Order.id == order_id).with_only_columns(col(Order.id))
    found = visible(Order, SYSTEM).where(
        Order.id == order_id,
        below(Order.org_path, centers),
        or_(open_once.exists(), col(Order.id).in_(seen)),
    )
    order = (await session.exec(found)).one_or_none()
    if order is None:
        raise NotFound("没有这个订单")
    if order.status is not OrderStatus.POOLED:
        raise IllegalMove("这个订单已不在抢单池中")
    return order


async def _answer(session: AsyncSession, actor: Actor, offer: Offer, action: Action, **changes: Any) -> bool:
    """Compare-and-set: still open, and still in time."""
    answered = await move_offers(
        session,
        action,
        col(Offer.id) == offer.id,
        col(Offer.expires_at) > now(),
        changes={"answered_by_id": actor.person_id, **changes},
    )
    return bool(answered)


async def _why_not(session: AsyncSession, offer: Offer) -> IllegalMove:
    await session.refresh(offer)
    return OfferExpired() if offer.status is OfferStatus.OPEN else OfferAnswered()


def _led(actor: Actor, team_id: UUID | None) -> UUID:
    led = actor.teams(Permission.OFFERS_ANSWER)
    if team_id in led:
        return team_id
    if team_id is None and len(led) == 1:
        return led[0]
    raise Forbidden("请说明以您带领的哪支队伍抢单") if led and team_id is None else Forbidden


def _planned(offer: Offer) -> datetime | None:
    """When the service fits best: as the ranking or the plan found that led to this offer."""
    planned = offer.receipt.get("planned_start")
    return datetime.fromisoformat(planned) if planned else None


def _start(order: Order, wanted: datetime | None, planned: datetime | None, at: datetime) -> datetime:
    """The agreed start: the whole service lies inside the window. Who says nothing does not begin in the past."""
    if order.window_end <= at:
        raise WindowOver
    first, last = order.window_start, order.window_end - timedelta(minutes=order.duration_minutes)
    start = wanted or min(max(planned or first, soonest(at)), max(planned or first, last))
    if not first <= start <= last:
        raise ScheduleOutsideWindow
    return start


def view(offer: Offer, order: dict[str, Any]) -> dict[str, Any]:
    """The shape of schemas.offer.OfferOut."""
    fields = {
        "id",
        "created_at",
        "team_id",
        "status",
        "expires_at",
        "answered_at",
        "reason",
        "standby",
        "excused",
    }
    return {**offer.model_dump(include=fields), "order": order}
