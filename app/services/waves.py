"""自动派单: the clock asks teams, opens the pool, climbs, and at last says that nobody could help.

What to do is decided in app/domain/waves.py; here it is done, one step in one transaction, with the next look
(`step_at`) written beside it. A dispatcher who takes an order over ends this at any moment (automation.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from app.domain.lifecycle import NEVER_AGAIN, Action, OfferStatus, OrderStatus
from app.domain.matching.rank import Ranking
from app.domain.policy import Policy, Urgency
from app.domain.unmet import why
from app.domain.waves import (
    Ask,
    Call,
    Climb,
    ClosePool,
    GiveUp,
    OpenPool,
    Situation,
    Wait,
    hopes,
    next_step,
)
from app.models.offer import Offer
from app.models.order import Order
from app.models.organisation import Organisation
from app.models.standing import TeamStanding
from app.services import gaps, whistles
from app.services.access import SYSTEM, ancestors
from app.services.columns import columns
from app.services.dispatching import ask, chosen
from app.services.matching import Occasion, SpecialtyRetired, occasion_of
from app.services.moves import BY_HAND, move
from app.services.policies import policy_at
from app.services.scope import visible

CANDIDATES = 20
"""Teams of which a wave is chosen: the fatigued among them are passed over."""

DAY = timedelta(days=1)
WAITING = frozenset({OrderStatus.APPROVED, OrderStatus.OFFERED, OrderStatus.POOLED})
NOBODY = "本级可以询问的队伍都未能承接"
_ASKED = NEVER_AGAIN | {OfferStatus.LAPSED}
"""A team that did not answer is not asked again for this order either; the pool is open to it."""


@dataclass(frozen=True, slots=True)
class _Candidates:
    """`free` are the teams that may be asked now, best first, with the chance of a yes (`hopes`); `asked` is how
    many different ones were before; and the ranking that they come from."""

    occasion: Occasion
    ranking: Ranking
    free: Sequence[UUID]
    hopes: Sequence[float]
    asked: int


def due(at: datetime) -> SelectOfScalar[Order]:
    """Orders that the clock dispatches and looks at again by `at` (aware)."""
    return visible(Order, SYSTEM).where(
        col(Order.step_at) <= at, col(Order.auto), col(Order.status).in_(tuple(WAITING))
    )


async def advance(session: AsyncSession, order: Order, at: datetime) -> Order:
    """Do the next step for an order that the clock dispatches. Raises IllegalMove when somebody was faster."""
    policy = await policy_at(session, order.org_path)
    try:
        candidates = await _candidates(session, order, policy, at)
    except SpecialtyRetired as retired:
        return await move(session, SYSTEM, order, Action.TAKE_OVER, reason=retired.title, changes=BY_HAND)
    handler = await session.get_one(Organisation, order.handler_id)
    level, until = await whistles.level_of(session, order, handler, at)
    circles = ancestors(order.org_path)[::-1]
    latest = order.window_end - timedelta(minutes=order.duration_minutes)
    situation = Situation(
        at=at,
        latest=latest,
        status=order.status,
        urgency=order.urgency,
        wave=order.wave,
        ring=order.ring,
        rings=len(circles),
        hopes=candidates.hopes,
        level=level,
        until=min(until, latest) if until else None,
    )
    match next_step(situation, policy.dispatch, ZoneInfo(policy.time_zone)):
        case Ask() as asking:
            return await _ask(session, order, candidates, asking)
        case OpenPool(ring, until):
            action = Action.WIDEN_POOL if order.status is OrderStatus.POOLED else Action.OPEN_POOL
            changes = {"pool_path": circles[ring], "ring": ring + 1, "step_at": until}
            return await move(session, SYSTEM, order, action, data={"path": circles[ring]}, changes=changes)
        case ClosePool():
            return await move(session, SYSTEM, order, Action.LAPSE)
        case Climb():
            return await whistles.climb(session, SYSTEM, order, handler, NOBODY)
        case Call():
            return await whistles.call(session, SYSTEM, order, handler, NOBODY)
        case Wait(until):
            return await _wait(session, order, until)
        case GiveUp(late):
            reason = why(candidates.ranking.excluded, candidates.asked, late=late)
            return await gaps.give_up(session, SYSTEM, order, reason, candidates.asked)


async def _candidates(session: AsyncSession, order: Order, policy: Policy, at: datetime) -> _Candidates:
    """Raises SpecialtyRetired."""
    occasion = await occasion_of(session, order)
    ranking = await occasion.ranking(CANDIDATES)
    ids = [occasion.index.id_of(item.row) for item in ranking.items]
    preferred = order.preferred_team_id if order.wave == 0 else None
    if preferred is not None and preferred not in ids:
        alone = (await occasion.alone(preferred)).items
        ranking, ids = replace(ranking, items=ranking.items + alone), [*ids, *[preferred] * len(alone)]
    asked = await columns(
        session, visible(Offer, SYSTEM).where(Offer.order_id == order.id), Offer.team_id, Offer.status
    )
    out = {team_id for team_id, status in asked if status in _ASKED}
    if order.urgency is not Urgency.EMERGENCY:
        out |= await _tired(session, ids, at, policy.dispatch.asks_a_day)
    free = [team_id for team_id in ids if team_id not in out]
    if preferred in free:
        free = [preferred]
    return _Candidates(
        occasion, ranking, free, await _hopes(session, free), len({team_id for team_id, _ in asked})
    )


async def _tired(session: AsyncSession, teams: Sequence[UUID], at: datetime, most: int) -> set[UUID]:
    """Teams that were asked so often within a day that they have had enough."""
    lately = (
        visible(Offer, SYSTEM)
        .where(col(Offer.team_id).in_(teams), col(Offer.created_at) > at - DAY)
        .group_by(col(Offer.team_id))
        .having(func.count() >= most)
    )
    return {team_id for (team_id,) in await columns(session, lately, Offer.team_id)}


async def _hopes(session: AsyncSession, teams: Sequence[UUID]) -> list[float]:
    told = select(TeamStanding).where(col(TeamStanding.team_id).in_(teams))
    known = {one.team_id: (one.asked, one.accepted) for one in await session.exec(told)}
    return hopes([known.get(team_id, (0, 0)) for team_id in teams])


async def _ask(session: AsyncSession, order: Order, candidates: _Candidates, asking: Ask) -> Order:
    teams = candidates.free[: asking.teams]
    action = Action.WIDEN if order.status is OrderStatus.OFFERED else Action.DISPATCH
    data = {"wave": order.wave + 1, "team_ids": [team_id.hex for team_id in teams]}
    changes = {"wave": order.wave + 1, "step_at": asking.look}
    order = await move(session, SYSTEM, order, action, asked=teams, data=data, changes=changes)
    for team_id in teams:
        kept = chosen(candidates.occasion, candidates.ranking, team_id)
        await ask(session, order, team_id, kept | {"wave": order.wave}, asking.until)
    return order


async def _wait(session: AsyncSession, order: Order, until: datetime | None) -> Order:
    """Nothing happened, so there is no event; but the next look is later."""
    await session.exec(
        update(Order)
        .where(col(Order.id) == order.id, col(Order.version) == order.version, col(Order.auto))
        .values(step_at=until)
        .execution_options(synchronize_session=False)
    )
    return order
