"""候补: a second team, ready to go where the first may not come; asked like any other, and as free to refuse."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from app.clock import now
from app.db import insert_new
from app.domain.appointments import standby_until, standby_wanted, substitute_start
from app.domain.lifecycle import Action, OfferStatus, OrderStatus
from app.domain.policy import Policy
from app.domain.roles import Permission
from app.errors import IllegalMove
from app.models.block import TeamBlock
from app.models.offer import Offer
from app.models.order import Order
from app.models.team import Team
from app.services import appointments, orders
from app.services.access import SYSTEM, Actor, require_on
from app.services.dispatching import TeamNotEligible, answer_by
from app.services.matching import occasion_of
from app.services.moves import hold, move, move_offers, refused
from app.services.policies import policy_at
from app.services.scope import visible


class StandbyTaken(IllegalMove):
    code, title, title_en = "standby_taken", "本单已有候补队伍", "A team stands by already"


class StandbyTooLate(IllegalMove):
    code, title, title_en = "standby_too_late", "约定时间已到，来不及候补", "Too late to ask for a standby"


async def wanted(
    session: AsyncSession, order: Order, others: Sequence[UUID], start: datetime, policy: Policy
) -> datetime | None:
    """Until when the other teams that are being asked may say that they stand by; None where nobody is to be."""
    if not others or not standby_wanted(policy.appointments.standby, order.urgency, order.circumstances):
        return None
    if await of(session, order) is not None:
        return None
    return standby_until(now(), await answer_by(session, order), start)


async def invite(
    session: AsyncSession, order: Order, others: Sequence[UUID], until: datetime, policy: Policy
) -> Order:
    """Their questions are from now on whether they stand by."""
    data = {"team_ids": [team_id.hex for team_id in others]}
    words = appointments.when(order, policy)
    order = await move(session, SYSTEM, order, Action.ASK_STANDBY, asked=others, reason=words, data=data)
    await session.exec(
        update(Offer)
        .where(col(Offer.order_id) == order.id, col(Offer.status) == OfferStatus.OPEN)
        .values(standby=True, expires_at=until)
        .execution_options(synchronize_session=False)
    )
    return order


async def ask(session: AsyncSession, actor: Actor, order_id: UUID, team_id: UUID) -> Order:
    """A dispatcher asks a team to stand by, under the same hard conditions as for any offer.

    Raises StandbyTaken, StandbyTooLate, TeamNotEligible, SpecialtyRetired, IllegalMove, Forbidden.
    """
    order = await orders.get(session, actor, order_id)
    require_on(actor, Permission.ORDERS_DISPATCH, order)
    policy = await policy_at(session, order.org_path)
    if order.status is not OrderStatus.ACCEPTED:
        raise refused(order.status)
    if order.team_id == team_id:
        raise TeamNotEligible("该队伍正是现在的承接队伍")
    if findings := await (await occasion_of(session, order)).why_not(team_id):
        raise TeamNotEligible(findings[0].text)
    words = appointments.when(order, policy)
    data = {"team_ids": [team_id.hex]}
    order = await move(session, actor, order, Action.ASK_STANDBY, asked=[team_id], reason=words, data=data)
    if await of(session, order) is not None:
        raise StandbyTaken
    until = standby_until(now(), await answer_by(session, order), order.schedule[0])
    if until is None:
        raise StandbyTooLate
    question = Offer(
        created_at=now(),
        order_id=order.id,
        team_id=team_id,
        status=OfferStatus.OPEN,
        standby=True,
        expires_at=until,
        receipt={"mode": "standby"},
    )
    if not await insert_new(session, question):
        raise TeamNotEligible("该队伍已被询问过本单")
    return order


async def stand_by(session: AsyncSession, actor: Actor, order: Order, offer: Offer) -> tuple[Order, bool]:
    """The team promises to be ready; False when its question is no longer open. The other questions end."""
    order = await hold(session, order)
    rest = visible(Offer, SYSTEM).where(
        Offer.order_id == order.id, col(Offer.status) == OfferStatus.OPEN, Offer.id != offer.id
    )
    others = [other.team_id for other in await session.exec(rest)]
    data = {"team_id": offer.team_id.hex}
    order = await move(session, actor, order, Action.STAND_BY, team_id=offer.team_id, asked=others, data=data)
    answered = await move_offers(
        session,
        Action.STAND_BY,
        col(Offer.id) == offer.id,
        col(Offer.expires_at) > now(),
        changes={"answered_by_id": actor.person_id},
    )
    await move_offers(session, Action.RECALL, col(Offer.order_id) == order.id)
    return order, bool(answered)


async def stand_down(
    session: AsyncSession, actor: Actor, order: Order, offer: Offer, reason: str
) -> tuple[Order, bool]:
    """Who promised to be ready may take it back; False when it has gone already."""
    order = await move(session, actor, order, Action.STAND_DOWN, team_id=offer.team_id, reason=reason)
    answered = {"answered_by_id": actor.person_id, "reason": reason}
    gone = await move_offers(session, Action.STAND_DOWN, col(Offer.id) == offer.id, changes=answered)
    return order, bool(gone)


async def of(session: AsyncSession, order: Order) -> Offer | None:
    """The team that stands by, if any."""
    found = visible(Offer, SYSTEM).where(Offer.order_id == order.id, col(Offer.status) == OfferStatus.STANDBY)
    return (await session.exec(found)).one_or_none()


async def fit(session: AsyncSession, order: Order, ready: Offer | None) -> Offer | None:
    """The one that stands by, while its team exists and may come to this beneficiary."""
    if ready is None:
        return None
    barred = select(TeamBlock.team_id).where(TeamBlock.beneficiary_key == order.beneficiary_key)
    found = visible(Team, SYSTEM).where(
        col(Team.id) == ready.team_id, col(Team.active), col(Team.id).not_in(barred)
    )
    return ready if (await session.exec(found)).one_or_none() else None


async def promote(
    session: AsyncSession, order: Order, ready: Offer, wanted: datetime | None, policy: Policy
) -> Order:
    """The order (approved) is now that of the team that stood by, at the `wanted` time or as soon as it can come.

    Only the order; its offers follow. Raises IllegalMove when somebody was faster.
    """
    at = now()
    start = substitute_start(at, wanted, order.window_start, policy.appointments.standby_minutes)
    changes = appointments.agreed(order, ready.team_id, start, at, policy)
    data = {"team_id": ready.team_id.hex}
    return await move(
        session,
        SYSTEM,
        order,
        Action.PROMOTE,
        team_id=ready.team_id,
        data=data,
        where=[col(Order.version) == order.version],
        changes=changes,
    )


def waiting(at: datetime) -> SelectOfScalar[Order]:
    """Orders for which nobody comes although a team stands by."""
    ready = select(Offer.order_id).where(col(Offer.status) == OfferStatus.STANDBY)
    return visible(Order, SYSTEM).where(
        col(Order.status) == OrderStatus.APPROVED, col(Order.status_at) <= at, col(Order.id).in_(ready)
    )


async def step_in(session: AsyncSession, order: Order) -> Order:
    """Whoever stands by comes after all: the team that was asked instead of the first one does not."""
    ready = await of(session, order)
    if ready is None:
        return order
    policy = await policy_at(session, order.org_path)
    if await fit(session, order, ready) is None:
        await move_offers(session, Action.STAND_DOWN, col(Offer.id) == ready.id)
        return order
    order = await promote(session, order, ready, None, policy)
    await move_offers(session, Action.PROMOTE, col(Offer.id) == ready.id)
    await appointments.book(session, order, policy)
    return order


def unanswered(at: datetime) -> SelectOfScalar[Order]:
    """Accepted orders with a question to stand by that is past its time."""
    past = select(Offer.order_id).where(
        col(Offer.status) == OfferStatus.OPEN, col(Offer.standby), col(Offer.expires_at) <= at
    )
    return visible(Order, SYSTEM).where(col(Order.status) == OrderStatus.ACCEPTED, col(Order.id).in_(past))


async def lapse(session: AsyncSession, order: Order, at: datetime) -> None:
    """Write off the questions that nobody answered by `at`."""
    asked = and_(col(Offer.order_id) == order.id, col(Offer.standby))
    await move_offers(session, Action.LAPSE, asked, col(Offer.expires_at) <= at)
