"""Reading orders, and the moves of residents and dispatchers that need nobody else."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.domain.lifecycle import ENDED, MOVES, OFFER_MOVES, Action, OrderStatus
from app.domain.policy import Automation
from app.domain.roles import Permission
from app.domain.unmet import UnmetReason
from app.errors import AppError, IllegalMove, NotFound
from app.models.content import ContentState
from app.models.event import OrderEvent
from app.models.media import Media, MediaStage
from app.models.offer import Offer
from app.models.order import Order
from app.models.organisation import Organisation
from app.models.service import CrewMember
from app.schemas.order_filter import OrderFilter
from app.services import discretion, gaps, whistles
from app.services.access import SYSTEM, Actor, require_on, role_at
from app.services.content_checks import seen
from app.services.moves import BY_HAND, UNSTAFFED, hold, move, move_offers, refused
from app.services.order_views import SUMMARY_COLUMNS, detail, kept_order, summary
from app.services.organisations import Stale
from app.services.policies import policy_at
from app.services.scope import visible

_HELD = OFFER_MOVES[Action.CANCEL][0]
_OPEN_REASONS = frozenset({Action.REJECT, Action.GIVE_UP, Action.CANCEL, Action.REOPEN, Action.RESCHEDULE})


class UrgedRecently(AppError):
    status, code = 429, "urged_recently"
    title, title_en = "刚刚催过单，请稍后再催", "Urged a short while ago"


class ReopenTooLate(IllegalMove):
    code, title, title_en = "reopen_too_late", "已超过可退回重办的期限", "Too late to reopen"


class NoHigherLevel(IllegalMove):
    code, title, title_en = "no_higher_level", "已在最上一级，无法再上报", "Already at the highest level"


class LevelsUntried(IllegalMove):
    code, title = "levels_untried", "须先逐级吹哨上报，仍无力量时才能告知居民未能满足"
    title_en = "Every level has to be tried before giving up"


async def get(session: AsyncSession, actor: Actor, order_id: UUID) -> Order:
    """The order, if it exists for this actor; NotFound otherwise."""
    order = (await session.exec(visible(Order, actor).where(Order.id == order_id))).one_or_none()
    if order is None:
        raise NotFound("没有这个订单")
    return order


async def _theirs(session: AsyncSession, actor: Actor, order_id: UUID, action: Action) -> Order:
    """The order, for who may do this: whoever may not is told so, and not why it would not work anyway."""
    order = await get(session, actor, order_id)
    require_on(actor, MOVES[action].permission, order)
    return order


async def listing(session: AsyncSession, actor: Actor, wanted: OrderFilter) -> list[dict[str, Any]]:
    """Summaries, newest first; one more than `limit` when there is a next page."""
    columns = [getattr(Order, name) for name in SUMMARY_COLUMNS]
    query = visible(Order, actor).with_only_columns(*columns).order_by(col(Order.id).desc())
    at = now()
    if wanted.mine:
        query = query.where(col(Order.placed_by_id) == actor.person_id)
    if wanted.status:
        query = query.where(col(Order.status).in_(wanted.status))
    if wanted.urgency:
        query = query.where(col(Order.urgency) == wanted.urgency)
    if wanted.category:
        query = query.where(col(Order.category) == wanted.category)
    if wanted.organisation_id:
        below = select(Organisation.path).where(Organisation.id == wanted.organisation_id).scalar_subquery()
        query = query.where(col(Order.org_path).startswith(below))
    if wanted.overdue is not None:
        late = (col(Order.due_at) < at) & col(Order.status).not_in(ENDED)
        query = query.where(late if wanted.overdue else or_(~late, col(Order.due_at).is_(None)))
    if wanted.at_risk is not None:
        near = (col(Order.risk_at) <= at) & (col(Order.due_at) >= at) & col(Order.status).not_in(ENDED)
        query = query.where(near if wanted.at_risk else or_(~near, col(Order.due_at).is_(None)))
    if wanted.cursor:
        query = query.where(col(Order.id) < wanted.cursor)
    rows = (await (await session.connection()).execute(query.limit(wanted.limit + 1))).mappings()
    return [summary(dict(row), at) for row in rows]


async def show(session: AsyncSession, actor: Actor, order: Order) -> dict[str, Any]:
    """The order as this actor may see it; of who and where only what discretion.py leaves them."""
    serving = select(CrewMember.id).where(
        CrewMember.order_id == order.id, CrewMember.person_id == actor.person_id
    )
    crew = (await session.exec(serving)).first() is not None
    beneficiary = await discretion.beneficiary_of(session, order)
    media = visible(Media, actor).where(col(Media.order_id) == order.id).order_by(col(Media.id))
    if role_at(actor, Permission.CONTACTS_READ, order.org_path) is None:
        mine = col(Media.owner_id) == actor.person_id
        media = media.where(or_(col(Media.stage) != MediaStage.CONSENT, mine))
    media_ids = [picture.id for picture in await session.exec(media)]
    return detail(
        order.model_dump(),
        now(),
        sight=discretion.sight(actor, order, beneficiary, crew=crew),
        beneficiary=beneficiary.model_dump() if beneficiary else None,
        media_ids=media_ids,
        merged_into=await _merged_into(session, actor, order),
    )


async def _merged_into(session: AsyncSession, actor: Actor, order: Order) -> dict[str, Any] | None:
    if order.merged_into_id is None:
        return None
    kept = (await session.exec(visible(Order, SYSTEM).where(Order.id == order.merged_into_id))).one()
    return kept_order(
        kept.model_dump(), shown=role_at(actor, Permission.ORDERS_READ, kept.org_path) is not None
    )


async def events(session: AsyncSession, actor: Actor, order: Order) -> Sequence[dict[str, Any]]:
    """The timeline, oldest first. Reasons between staff and teams stay between them."""
    staff = role_at(actor, Permission.ORDERS_READ, order.org_path) is not None
    rows = await session.exec(
        select(OrderEvent).where(OrderEvent.order_id == order.id).order_by(col(OrderEvent.seq))
    )
    return [
        {
            **event.model_dump(include={"seq", "action", "from_status", "to_status", "actor_role"}),
            "at": event.created_at,
            "reason": event.reason if staff or event.action in _OPEN_REASONS else "",
        }
        for event in rows
    ]


async def approve(session: AsyncSession, actor: Actor, order_id: UUID) -> Order:
    """The order may be dispatched; by whom, the place's policy says."""
    order = await _theirs(session, actor, order_id, Action.APPROVE)
    mode = (await policy_at(session, order.org_path)).dispatch.mode
    by_clock = mode is not Automation.MANUAL
    changes = {"auto": mode is Automation.AUTO, "step_at": now() if by_clock else None}
    order = await move(session, actor, order, Action.APPROVE, changes=changes)
    await seen(session, actor, order, ContentState.CLEARED)
    return order


async def reject(session: AsyncSession, actor: Actor, order_id: UUID, reason: str) -> Order:
    order = await get(session, actor, order_id)
    order = await move(session, actor, order, Action.REJECT, reason=reason)
    await seen(session, actor, order, ContentState.REFUSED)
    return order


async def cancel(session: AsyncSession, actor: Actor, order_id: UUID, reason: str) -> Order:
    """Whoever was asked or had agreed to come is told; an open or accepted offer is taken back."""
    return await call_off(session, actor, await get(session, actor, order_id), reason)


async def call_off(session: AsyncSession, actor: Actor, order: Order, reason: str) -> Order:
    """Cancel the order as it was seen: IllegalMove when it has moved since."""
    seen = order.version
    if (await hold(session, order)).version != seen:
        raise refused(order.status)
    held = visible(Offer, SYSTEM).where(Offer.order_id == order.id, col(Offer.status).in_(_HELD))
    asked = [offer.team_id for offer in await session.exec(held)]
    changes = {**UNSTAFFED, **BY_HAND}
    order = await move(
        session,
        actor,
        order,
        Action.CANCEL,
        team_id=order.team_id,
        asked=asked,
        reason=reason,
        changes=changes,
    )
    await move_offers(session, Action.CANCEL, col(Offer.order_id) == order.id)
    return order


async def urge(session: AsyncSession, actor: Actor, order_id: UUID) -> Order:
    """催单, at most once within the policy's interval."""
    order = await _theirs(session, actor, order_id, Action.URGE)
    policy = await policy_at(session, order.org_path)
    at = now()
    wait = timedelta(minutes=policy.times.urge_minutes)
    if order.urged_at is not None and order.urged_at > at - wait:
        left = int((order.urged_at + wait - at).total_seconds())
        raise UrgedRecently(headers={"Retry-After": str(max(1, left))})
    rested = or_(col(Order.urged_at).is_(None), col(Order.urged_at) <= at - wait)
    changes = {"urged_times": Order.urged_times + 1, "urged_at": at}
    return await move(session, actor, order, Action.URGE, where=[rested], changes=changes)


async def escalate(
    session: AsyncSession, actor: Actor, order_id: UUID, reason: str, version: int | None = None
) -> Order:
    """吹哨 (S1.23): the next level above answers for the order from now on.

    With `version` only if the order is still as the caller saw it: two who press one after the other would climb
    two levels. Raises NoHigherLevel, Stale, IllegalMove.
    """
    order = await _theirs(session, actor, order_id, Action.ESCALATE)
    handler = await session.get_one(Organisation, order.handler_id)
    if handler.parent_id is None:
        raise NoHigherLevel
    if version is not None and version != order.version:
        raise Stale
    return await whistles.climb(session, actor, order, handler, reason)


async def give_up(session: AsyncSession, actor: Actor, order_id: UUID, reason: str) -> Order:
    """Only the center may say that nobody can help, and it must say why (志愿服务条例 Art. 22)."""
    order = await _theirs(session, actor, order_id, Action.GIVE_UP)
    handler = await session.get_one(Organisation, order.handler_id)
    if handler.parent_id is not None:
        raise LevelsUntried
    return await gaps.give_up(session, actor, order, UnmetReason.DECIDED, asked=0, words=reason)


async def reopen(session: AsyncSession, actor: Actor, order_id: UUID, reason: str) -> Order:
    """On a complaint within the policy's days: the same team goes back to work."""
    order = await _theirs(session, actor, order_id, Action.REOPEN)
    policy = await policy_at(session, order.org_path)
    earliest = now() - timedelta(days=policy.times.reopen_days)
    if order.status is OrderStatus.CLOSED and order.status_at < earliest:
        raise ReopenTooLate
    return await move(
        session, actor, order, Action.REOPEN, reason=reason, where=[col(Order.status_at) >= earliest]
    )
