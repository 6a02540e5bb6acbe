"""A team leaves an order that it had accepted: whoever stands by comes instead, or the order is dispatched anew."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.domain.appointments import window_again
from app.domain.lifecycle import Action
from app.errors import IllegalMove
from app.models.offer import Offer
from app.models.order import Order
from app.services import appointments, crew, standby
from app.services.access import Actor
from app.services.dispatching import asked_teams
from app.services.moves import UNSTAFFED, hold, move, move_offers
from app.services.policies import policy_at

ANEW = {**UNSTAFFED, "confirmed_at": None, "wave": 0, "ring": 0}
NOTHING: Mapping[str, Any] = {}


async def leave(
    session: AsyncSession,
    actor: Actor,
    order: Order,
    action: Action,
    reason: str,
    data: dict[str, Any] | None = None,
    offer: Mapping[str, Any] = NOTHING,
) -> Order:
    """Take `order` (as seen) from its team by `action`, whose offer also gets the columns of `offer`.

    The version is part of the compare-and-set: an order that was promoted meanwhile is accepted, too, but by
    another team. Raises IllegalMove, Forbidden.
    """
    policy = await policy_at(session, order.org_path)
    team_id, wanted = order.team_id, order.scheduled_start
    ready = await standby.of(session, order)
    successor = await standby.fit(session, order, ready)
    changes: dict[str, Any] = dict(ANEW)
    if successor is None:
        lead = policy.appointments.standby_minutes
        begins, ends = window_again(now(), order.window_start, order.window_end, order.duration_minutes, lead)
        changes |= {"window_start": begins, "window_end": ends}
    seen = [col(Order.version) == order.version]
    await hold(session, order)
    asked = await asked_teams(session, order.id)
    order = await move(
        session,
        actor,
        order,
        action,
        team_id=team_id,
        asked=asked,
        reason=reason,
        data=data,
        where=seen,
        changes=changes,
    )
    if successor is not None:
        order = await standby.promote(session, order, successor, wanted, policy)
    await move_offers(session, action, col(Offer.order_id) == order.id, changes={"reason": reason, **offer})
    await move_offers(session, Action.RECALL, col(Offer.order_id) == order.id)
    await crew.dismiss(session, order)
    if successor is not None:
        if not await move_offers(session, Action.PROMOTE, col(Offer.id) == successor.id):
            raise IllegalMove
        await appointments.book(session, order, policy)
    elif ready is not None:
        await move_offers(session, Action.STAND_DOWN, col(Offer.id) == ready.id)
    return order
