"""爽约: a team did not come. Said by the resident, the desk or the clock; appealed once; undone by late proof."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.db import insert_new
from app.domain.lifecycle import Action, OfferStatus, OrderStatus
from app.domain.notices import Audience
from app.domain.reminders import Reminder
from app.domain.roles import Permission
from app.errors import Conflict, Forbidden, IllegalMove, NotFound
from app.models.failing import Absence
from app.models.offer import Offer
from app.models.order import Order
from app.models.service import CrewMember
from app.schemas.absence import AbsenceFilter
from app.services import orders, succession
from app.services.access import SYSTEM, Actor, require_at, require_on
from app.services.actors import person_of
from app.services.keyset import newest_first
from app.services.moves import refused
from app.services.notifications import audience_of, remind
from app.services.policies import policy_at
from app.services.scope import visible

NOBODY = "到时无人签到"


class NoShowTooEarly(IllegalMove):
    code, title, title_en = "no_show_too_early", "约定时间刚到，请再稍等", "Too early to say that nobody came"


class AbsenceAppealed(Conflict):
    code, title, title_en = "absence_appealed", "这条爽约记录已申诉过", "The absence was appealed already"


class AbsenceDecided(Conflict):
    code, title, title_en = "absence_decided", "这条爽约记录已有决定", "The absence was decided already"


async def report(session: AsyncSession, actor: Actor, order_id: UUID, reason: str) -> Order:
    """The resident, or the desk for them, says that nobody came. Raises NoShowTooEarly, IllegalMove, Forbidden."""
    order = await orders.get(session, actor, order_id)
    require_on(actor, Permission.ORDERS_MISS, order)
    if order.status is not OrderStatus.ACCEPTED:
        raise refused(order.status)
    rule = (await policy_at(session, order.org_path)).appointments
    if now() < max(order.status_at, order.schedule[0]) + timedelta(minutes=rule.report_minutes):
        raise NoShowTooEarly
    return await miss(session, actor, order, reason)


async def miss(session: AsyncSession, actor: Actor, order: Order, reason: str) -> Order:
    """Nobody came: it is put down to the team, and whoever stands by comes, or the order is dispatched anew.

    Who was on the crew is kept with the event: a phone without signal may yet prove that they were there.
    """
    start, team_id = order.schedule[0], order.team_id
    named = await session.exec(select(CrewMember.person_id).where(CrewMember.order_id == order.id))
    if team_id is None:
        raise refused(order.status)
    absence = Absence(
        created_at=now(),
        order_id=order.id,
        team_id=team_id,
        org_path=order.org_path,
        scheduled_start=start,
        marked_by_id=actor.person_id,
        reason=reason,
    )
    data = {"team_id": team_id.hex, "crew": sorted(person.hex for person in named)}
    order = await succession.leave(session, actor, order, Action.MISS, reason, data=data)
    await insert_new(session, absence)
    return order


async def get(session: AsyncSession, actor: Actor, absence_id: UUID) -> Absence:
    """Raises NotFound."""
    found = visible(Absence, actor).where(col(Absence.id) == absence_id)
    absence = (await session.exec(found)).one_or_none()
    if absence is None:
        raise NotFound("没有这条爽约记录")
    return absence


async def listing(session: AsyncSession, actor: Actor, wanted: AbsenceFilter) -> Sequence[Absence]:
    """Newest first; one more than `limit` when there is a next page."""
    found = visible(Absence, actor)
    if wanted.team_id is not None:
        found = found.where(col(Absence.team_id) == wanted.team_id)
    if wanted.order_id is not None:
        found = found.where(col(Absence.order_id) == wanted.order_id)
    if wanted.overturned is not None:
        found = found.where(col(Absence.overturned) == wanted.overturned)
    if wanted.appealed is not None:
        waiting = col(Absence.appealed_at).is_not(None) & col(Absence.decided_at).is_(None)
        found = found.where(waiting if wanted.appealed else ~waiting)
    return (await session.exec(newest_first(found, Absence, wanted))).all()


async def appeal(session: AsyncSession, actor: Actor, absence_id: UUID, reason: str) -> Absence:
    """The team's leader says, once, why it should not count. Raises AbsenceAppealed, AbsenceDecided, Forbidden."""
    absence = await get(session, actor, absence_id)
    if absence.team_id not in actor.teams(Permission.OFFERS_ANSWER):
        raise Forbidden
    if absence.decided_at is not None:
        raise AbsenceDecided
    unasked = (col(Absence.appealed_at).is_(None), col(Absence.decided_at).is_(None))
    appealed = await session.exec(
        update(Absence)
        .where(col(Absence.id) == absence.id, *unasked)
        .values(appeal=reason, appealed_at=now(), appealed_by_id=person_of(actor))
        .returning(Absence)
        .execution_options(populate_existing=True, synchronize_session=False)
    )
    if appealed.scalar_one_or_none() is None:
        raise AbsenceAppealed
    await remind(
        session, await _order(session, absence), Reminder.APPEALED, Audience.STAFF, [None], now(), reason
    )
    return absence


async def decide(
    session: AsyncSession, actor: Actor, absence_id: UUID, overturned: bool, reason: str
) -> Absence:
    """A dispatcher's word is the last, once; what a phone alone has overturned may still be decided otherwise.

    Raises AbsenceDecided, Forbidden.
    """
    absence = await get(session, actor, absence_id)
    require_at(actor, Permission.ORDERS_DISPATCH, absence.org_path)
    undecided = col(Absence.decided_by_id).is_(None)
    decided = await session.exec(
        update(Absence)
        .where(col(Absence.id) == absence.id, undecided)
        .values(overturned=overturned, decided_at=now(), decided_by_id=person_of(actor), decision=reason)
        .returning(Absence)
        .execution_options(populate_existing=True, synchronize_session=False)
    )
    if decided.scalar_one_or_none() is None:
        raise AbsenceDecided
    await count(session, absence)
    words = f"{'撤销' if overturned else '维持'}，{reason}"
    order = await _order(session, absence)
    leaders = await audience_of(session, order, Audience.TEAM, [absence.team_id])
    await remind(session, order, Reminder.DECIDED, Audience.TEAM, leaders, now(), words)
    return absence


async def count(session: AsyncSession, absence: Absence) -> None:
    """What the team gave up by not coming counts against it unless the absence is overturned."""
    await session.exec(
        update(Offer)
        .where(
            col(Offer.order_id) == absence.order_id,
            col(Offer.team_id) == absence.team_id,
            col(Offer.status) == OfferStatus.RELEASED,
        )
        .values(excused=absence.overturned)
        .execution_options(synchronize_session=False)
    )


async def overturn(session: AsyncSession, absence: Absence, at: datetime, words: str) -> None:
    """A phone proves that the team was there: nobody need decide it, but the desk and the team are told, once."""
    overturned = await session.exec(
        update(Absence)
        .where(col(Absence.id) == absence.id, ~col(Absence.overturned))
        .values(overturned=True, decided_at=at, decided_by_id=None, decision=words)
        .returning(Absence)
        .execution_options(populate_existing=True, synchronize_session=False)
    )
    if overturned.scalar_one_or_none() is None:
        return
    await count(session, absence)
    order = await _order(session, absence)
    leaders = await audience_of(session, order, Audience.TEAM, [absence.team_id])
    for audience, people in ((Audience.STAFF, [None]), (Audience.TEAM, leaders)):
        await remind(session, order, Reminder.LATE_PROOF, audience, people, at, words)


async def _order(session: AsyncSession, absence: Absence) -> Order:
    return (await session.exec(visible(Order, SYSTEM).where(Order.id == absence.order_id))).one()
