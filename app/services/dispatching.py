"""派单 by hand: a dispatcher offers an order to a team, or to all of them (抢单), and may take it back.

An offer is a question, not a command (志愿服务条例 Art. 25). Hard conditions cannot be overridden; the ranking
can, with a reason, and both are kept on the offer as its receipt.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.db import insert_new
from app.domain.lifecycle import Action, OfferStatus
from app.domain.matching.rank import Ranking
from app.domain.matching.receipt import receipt
from app.domain.roles import Permission
from app.errors import IllegalMove, Invalid
from app.models.offer import Offer
from app.models.order import Order
from app.services import crew, orders, teams
from app.services.access import SYSTEM, Actor, center_of, require_on
from app.services.matches import view
from app.services.matching import Occasion, occasion_of
from app.services.moves import BY_HAND, UNSTAFFED, hold, move, move_offers
from app.services.policies import policy_at
from app.services.scope import visible

RECEIPT_LENGTH = 10
NOTHING: Mapping[str, Any] = {}


class TeamNotEligible(IllegalMove):
    code, title, title_en = "team_not_eligible", "该队伍不符合本单的条件", "The team may not serve this order"


class OverrideReasonRequired(Invalid):
    """Says who is first now: it may be another than when the desk read the ranking."""

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
    team_id: UUID | None = None,
    override_reason: str = "",
) -> Order:
    """Offer the order to the named team, or to the pool; from now on it is in a dispatcher's hands.

    Raises TeamNotEligible, OverrideReasonRequired, IllegalMove, Forbidden.
    """
    order = await orders.get(session, actor, order_id)
    require_on(actor, Permission.ORDERS_DISPATCH, order)
    if team_id is None:
        everybody = {"pool_path": center_of(order.org_path), **BY_HAND}
        return await move(session, actor, order, Action.OPEN_POOL, changes=everybody)
    return await offer_to(session, actor, order, team_id, override_reason)


async def offer_to(
    session: AsyncSession,
    actor: Actor,
    order: Order,
    team_id: UUID,
    override_reason: str,
    more: Mapping[str, Any] = NOTHING,
) -> Order:
    """Offer an order to a team; `more` is added to the receipt.

    Raises TeamNotEligible, OverrideReasonRequired, IllegalMove, Forbidden.
    """
    kept = await _choose(session, order, team_id, override_reason)
    data = {"team_id": team_id.hex}
    moved = await move(session, actor, order, Action.DISPATCH, asked=[team_id], data=data, changes=BY_HAND)
    await ask(session, moved, team_id, {**kept, **more}, await answer_by(session, order))
    return moved


async def recall(session: AsyncSession, actor: Actor, order_id: UUID, reason: str) -> Order:
    """Take an offer, or the pool, back; the order waits to be dispatched again."""
    order = await orders.get(session, actor, order_id)
    require_on(actor, Permission.ORDERS_DISPATCH, order)
    order = await hold(session, order)
    asked = await asked_teams(session, order.id)
    order = await move(session, actor, order, Action.RECALL, asked=asked, reason=reason, changes=BY_HAND)
    await move_offers(session, Action.RECALL, col(Offer.order_id) == order.id)
    return order


async def reassign(session: AsyncSession, actor: Actor, order_id: UUID, team_id: UUID, reason: str) -> Order:
    """Another team is asked instead of the one that had accepted; that one is told. It may be who stands by."""
    order = await orders.get(session, actor, order_id)
    require_on(actor, Permission.ORDERS_DISPATCH, order)
    if order.team_id == team_id:
        raise TeamNotEligible("该队伍正是现在的承接队伍")
    before = order.team_id
    kept = await _choose(session, order, team_id, reason)
    order = await hold(session, order)
    withdrawn = [one for one in await asked_teams(session, order.id) if one != team_id]
    moved = await move(
        session,
        actor,
        order,
        Action.REASSIGN,
        team_id=before,
        asked=withdrawn,
        instead=team_id,
        reason=reason,
        data={"team_id": team_id.hex},
        changes={**UNSTAFFED, **BY_HAND},
    )
    await move_offers(session, Action.REASSIGN, col(Offer.order_id) == order.id)
    await move_offers(session, Action.RECALL, col(Offer.order_id) == order.id)
    await move_offers(session, Action.CANCEL, col(Offer.order_id) == order.id, col(Offer.team_id) == team_id)
    await crew.dismiss(session, moved)
    await ask(session, moved, team_id, kept, await answer_by(session, order))
    return moved


async def _choose(session: AsyncSession, order: Order, team_id: UUID, override_reason: str) -> dict[str, Any]:
    """The receipt of this choice."""
    occasion = await occasion_of(session, order)
    ranking = await occasion.ranking(RECEIPT_LENGTH)
    ids = [occasion.index.id_of(item.row) for item in ranking.items]
    if team_id not in ids:
        if findings := await occasion.why_not(team_id):
            raise TeamNotEligible(findings[0].text)
        beyond = (await occasion.alone(team_id)).items
        ranking, ids = replace(ranking, items=ranking.items + beyond), [*ids, *[team_id] * len(beyond)]
    if team_id != ids[0] and not override_reason:
        first = await teams.names(session, ids[:1], within=center_of(order.org_path))
        raise OverrideReasonRequired(f"现在推荐的第一名是“{first[ids[0]]}”")
    return chosen(occasion, ranking, team_id) | {"override_reason": override_reason}


def chosen(occasion: Occasion, ranking: Ranking, team_id: UUID) -> dict[str, Any]:
    """The receipt of a ranking out of which this team was chosen, and when it would best begin."""
    ids = [occasion.index.id_of(item.row) for item in ranking.items]
    start = occasion.starts_at(ranking.items[ids.index(team_id)])
    kept = receipt(ranking, [str(one) for one in ids])
    return kept | {"chosen": str(team_id), "planned_start": start.isoformat()}


async def answer_by(session: AsyncSession, order: Order) -> datetime:
    """Until when a team that is asked now may answer."""
    policy = await policy_at(session, order.org_path)
    limits = policy.limits_of(order.category, order.urgency)
    return policy.after(now(), limits.accept, limits.clock)


async def ask(
    session: AsyncSession, order: Order, team_id: UUID, kept: dict[str, Any], until: datetime
) -> None:
    """The question itself, with its receipt. Raises TeamNotEligible: this team is asked, or has said no."""
    offer = Offer(
        created_at=now(),
        order_id=order.id,
        team_id=team_id,
        status=OfferStatus.OPEN,
        expires_at=until,
        receipt=kept,
    )
    if not await insert_new(session, offer):
        raise TeamNotEligible("该队伍已被询问过本单")


async def asked_teams(session: AsyncSession, order_id: UUID) -> list[UUID]:
    """The teams that are being asked now, in the order in which they were."""
    found = visible(Offer, SYSTEM).where(Offer.order_id == order_id, col(Offer.status) == OfferStatus.OPEN)
    return [offer.team_id for offer in await session.exec(found.order_by(col(Offer.id)))]
