"""派单: the center offers an order to a team, or to all of them (抢单), and may take it back.

An offer is a question, not a command (志愿服务条例 Art. 25). Hard conditions cannot be overridden; the ranking
can, with a reason, and both are kept on the offer as its receipt.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.db import insert_new
from app.domain.lifecycle import Action, OfferStatus
from app.domain.matching.receipt import receipt
from app.domain.roles import Permission
from app.errors import IllegalMove, Invalid
from app.models.offer import Offer
from app.models.order import Order
from app.schemas.dispatch import DispatchMode
from app.services import crew, orders
from app.services.access import SYSTEM, Actor, center_of, require_on, visible
from app.services.matches import view
from app.services.matching import occasion_of
from app.services.moves import move, move_offers
from app.services.orders import UNSTAFFED
from app.services.policies import policy_at

RECEIPT_LENGTH = 10
NOTHING: Mapping[str, Any] = {}
BY_HAND = {"auto": False, "step_at": None}
"""The columns that change when a dispatcher takes an order into their own hands."""


class TeamNotEligible(IllegalMove):
    code, title, title_en = "team_not_eligible", "该队伍不符合本单的条件", "The team may not serve this order"


class NoTeamAvailable(IllegalMove):
    code, title = "no_team_available", "目前没有符合条件的队伍，可吹哨上报或开放抢单"
    title_en = "No team meets the conditions"


class OverrideReasonRequired(Invalid):
    code, title = "override_reason_required", "未选择推荐的第一名，请说明原因"
    title_en = "Say why the first recommendation was not chosen"


async def matches(
    session: AsyncSession, actor: Actor, order_id: UUID, limit: int, explain: UUID | None = None
) -> dict[str, Any]:
    """The ranking a dispatcher sees, and why one team is not in it; nothing is written.

    Raises NotFound, Forbidden, SpecialtyRetired.
    """
    order = await orders.get(session, actor, order_id)
    require_on(actor, Permission.ORDERS_DISPATCH, order)
    return await view(await occasion_of(session, order), limit, explain)


async def dispatch(
    session: AsyncSession,
    actor: Actor,
    order_id: UUID,
    mode: DispatchMode,
    team_id: UUID | None = None,
    override_reason: str = "",
) -> Order:
    """Offer the order to the named team, to the best one, or to the pool.

    Raises TeamNotEligible, NoTeamAvailable, OverrideReasonRequired, IllegalMove, Forbidden.
    """
    order = await orders.get(session, actor, order_id)
    require_on(actor, Permission.ORDERS_DISPATCH, order)
    if mode is DispatchMode.POOL:
        everybody = {"pool_path": center_of(order.org_path), "auto": False}
        return await move(session, actor, order, Action.OPEN_POOL, changes=everybody)
    return await offer_to(session, actor, order, team_id, override_reason)


async def offer_to(
    session: AsyncSession,
    actor: Actor,
    order: Order,
    team_id: UUID | None,
    override_reason: str,
    more: Mapping[str, Any] = NOTHING,
) -> Order:
    """Offer an order to a team, or to the best one; `more` is added to the receipt.

    Raises TeamNotEligible, NoTeamAvailable, OverrideReasonRequired, IllegalMove, Forbidden.
    """
    chosen, receipt = await _choose(session, order, team_id, override_reason)
    data = {"team_id": chosen.hex}
    moved = await move(session, actor, order, Action.DISPATCH, team_id=chosen, data=data, changes=BY_HAND)
    await _offer(session, moved, chosen, {**receipt, **more})
    return moved


async def recall(session: AsyncSession, actor: Actor, order_id: UUID, reason: str) -> Order:
    """Take an offer, or the pool, back; the order waits to be dispatched again."""
    order = await orders.get(session, actor, order_id)
    require_on(actor, Permission.ORDERS_DISPATCH, order)
    asked = await asked_teams(session, order.id)
    order = await move(session, actor, order, Action.RECALL, asked=asked, reason=reason, changes=BY_HAND)
    await move_offers(session, Action.RECALL, col(Offer.order_id) == order.id)
    return order


async def reassign(session: AsyncSession, actor: Actor, order_id: UUID, team_id: UUID, reason: str) -> Order:
    """Another team is asked instead of the one that had accepted; that one is told."""
    order = await orders.get(session, actor, order_id)
    require_on(actor, Permission.ORDERS_DISPATCH, order)
    if order.team_id == team_id:
        raise TeamNotEligible("该队伍正是现在的承接队伍")
    before = order.team_id
    chosen, receipt = await _choose(session, order, team_id, reason)
    data = {"team_id": chosen.hex}
    changes = {**UNSTAFFED, **BY_HAND}
    moved = await move(
        session, actor, order, Action.REASSIGN, team_id=before, reason=reason, data=data, changes=changes
    )
    await move_offers(session, Action.REASSIGN, col(Offer.order_id) == order.id)
    await move_offers(session, Action.RECALL, col(Offer.order_id) == order.id)
    await crew.dismiss(session, moved)
    await _offer(session, moved, chosen, receipt)
    return moved


async def _choose(
    session: AsyncSession, order: Order, team_id: UUID | None, override_reason: str
) -> tuple[UUID, dict[str, Any]]:
    occasion = await occasion_of(session, order)
    ranking = await occasion.ranking(RECEIPT_LENGTH)
    ids = [occasion.index.id_of(item.row) for item in ranking.items]
    chosen = team_id or (ids[0] if ids else None)
    if chosen is None:
        raise NoTeamAvailable
    if chosen not in ids:
        if findings := await occasion.why_not(chosen):
            raise TeamNotEligible(findings[0].text)
        beyond = (await occasion.alone(chosen)).items
        ranking, ids = replace(ranking, items=ranking.items + beyond), [*ids, *[chosen] * len(beyond)]
    if chosen != ids[0] and not override_reason:
        raise OverrideReasonRequired
    kept = receipt(ranking, [str(one) for one in ids])
    start = next(
        occasion.starts_at(item) for item, one in zip(ranking.items, ids, strict=True) if one == chosen
    )
    told = {"chosen": str(chosen), "override_reason": override_reason, "planned_start": start.isoformat()}
    return chosen, kept | told


async def _offer(session: AsyncSession, order: Order, team_id: UUID, receipt: dict[str, Any]) -> Offer:
    at = now()
    policy = await policy_at(session, order.org_path)
    limits = policy.limits_of(order.category, order.urgency)
    offer = Offer(
        created_at=at,
        order_id=order.id,
        team_id=team_id,
        status=OfferStatus.OPEN,
        expires_at=policy.after(at, limits.accept, limits.clock),
        receipt=receipt,
    )
    if not await insert_new(session, offer):
        raise TeamNotEligible("该队伍已被询问过本单")
    return offer


async def asked_teams(session: AsyncSession, order_id: UUID) -> list[UUID]:
    """The teams that are being asked now, in the order in which they were."""
    found = visible(Offer, SYSTEM).where(Offer.order_id == order_id, col(Offer.status) == OfferStatus.OPEN)
    return [offer.team_id for offer in await session.exec(found.order_by(col(Offer.id)))]
