"""Who dispatches an order: the clock, a person, or a person to whom the clock suggests."""

from datetime import datetime
from uuid import UUID

from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from app.clock import now
from app.domain.lifecycle import Action, OrderStatus
from app.models.order import Order
from app.services import orders, teams, waves
from app.services.access import SYSTEM, Actor, center_of
from app.services.matching import SpecialtyRetired, occasion_of
from app.services.moves import BY_HAND, move
from app.services.scope import visible

SUGGESTED = 3
NOBODY = "目前没有符合条件的队伍，可开放抢单或吹哨上报"


async def automate(session: AsyncSession, actor: Actor, order_id: UUID) -> Order:
    """Hand the order to the clock, which takes its first step at once. Raises IllegalMove, Forbidden."""
    order = await orders.get(session, actor, order_id)
    at = now()
    changes = {"auto": True, "wave": 0, "ring": 0, "step_at": at}
    order = await move(session, actor, order, Action.AUTOMATE, changes=changes)
    return await waves.advance(session, order, at)


async def take_over(session: AsyncSession, actor: Actor, order_id: UUID, reason: str) -> Order:
    """From now on a dispatcher decides; what was asked stays asked. Raises IllegalMove, Forbidden."""
    order = await orders.get(session, actor, order_id)
    return await move(session, actor, order, Action.TAKE_OVER, reason=reason, changes=BY_HAND)


def unsuggested(at: datetime) -> SelectOfScalar[Order]:
    """Orders for which the clock owes the desk a suggestion by `at` (aware)."""
    return visible(Order, SYSTEM).where(
        col(Order.step_at) <= at, ~col(Order.auto), col(Order.status) == OrderStatus.APPROVED
    )


async def suggest(session: AsyncSession, order: Order) -> Order:
    """Say to the desk whom the ranking recommends; one press sends it."""
    try:
        occasion = await occasion_of(session, order)
    except SpecialtyRetired as retired:
        return await _say(session, order, retired.title, [])
    ranking = await occasion.ranking(SUGGESTED)
    ids = [occasion.index.id_of(item.row) for item in ranking.items]
    if not ids:
        return await _say(session, order, NOBODY, [])
    names = await teams.names(session, ids[:1], within=center_of(order.org_path))
    strongest = max(ranking.items[0].factors, key=lambda factor: factor.contribution)
    return await _say(session, order, f"建议派给“{names[ids[0]]}”（{strongest.reason}）", ids)


async def _say(session: AsyncSession, order: Order, words: str, ids: list[UUID]) -> Order:
    return await move(
        session,
        SYSTEM,
        order,
        Action.SUGGEST,
        reason=words,
        data={"team_ids": [team_id.hex for team_id in ids]},
        changes={"step_at": None},
    )
