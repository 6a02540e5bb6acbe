"""派人: who of the team goes."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.db import insert_new
from app.domain.age import is_adult
from app.domain.beneficiary import needs_two
from app.domain.lifecycle import Action, OrderStatus
from app.domain.reminders import Reminder
from app.domain.roles import Permission
from app.errors import IllegalMove, Invalid
from app.models.menu import Mode, Risk
from app.models.order import Order
from app.models.person import Person
from app.models.service import Attendance, CrewMember
from app.models.team import TeamMember
from app.models.volunteer import Volunteer
from app.schemas.base import Keyset
from app.services import appointments, orders
from app.services.access import SYSTEM, Actor, require_on
from app.services.keyset import newest_first
from app.services.moves import hold, move
from app.services.order_views import summary
from app.services.policies import policy_at
from app.services.scope import visible

UNFINISHED = (OrderStatus.ACCEPTED, OrderStatus.IN_SERVICE)


class CrewNotMember(Invalid):
    code, title = "crew_not_member", "名单中有人不是本队成员"
    title_en = "Somebody named does not belong to the team"


class CrewMinor(Invalid):
    code, title = "crew_minor", "风险服务只能由成年人参加，名单中有人未满18岁或未登记出生日期"
    title_en = "Risky work is for adults with a known date of birth"


class CrewNotInsured(Invalid):
    code, title = "crew_not_insured", "风险服务须先投保，名单中有人的保险不在有效期内"
    title_en = "Risky work needs insurance on the day"


class CrewNeedsTwo(Invalid):
    code, title = "crew_needs_two", "上门看望独居老人、未成年人或留守人员须两人同行，请再安排一人"
    title_en = "Who lives alone or is a minor is visited by two"


class CrewAttended(IllegalMove):
    code, title = "crew_attended", "已签到的志愿者不能移出名单"
    title_en = "Somebody left out has already checked in"


async def name(session: AsyncSession, actor: Actor, order_id: UUID, members: Sequence[UUID]) -> Order:
    """Replace the crew by `members`; those new on it are told.

    Raises CrewNotMember, CrewNeedsTwo, CrewAttended, and for risky work CrewMinor and CrewNotInsured
    (条例 Art. 15, 17).
    """
    order = await orders.get(session, actor, order_id)
    require_on(actor, Permission.ORDERS_CREW, order)
    order = await hold(session, order)
    await _fit(session, order, members)
    present = {one.person_id for one in await listing(session, order)}
    attended = set(await session.exec(select(Attendance.person_id).where(Attendance.order_id == order.id)))
    if not attended & present <= set(members):
        raise CrewAttended
    await session.exec(
        delete(CrewMember).where(
            col(CrewMember.order_id) == order.id, col(CrewMember.person_id).not_in(members)
        )
    )
    for one in members:
        await insert_new(session, CrewMember(created_at=now(), order_id=order.id, person_id=one))
    order = await move(session, actor, order, Action.NAME_CREW, data={"members": len(members)})
    if order.status is OrderStatus.ACCEPTED:
        await appointments.withdraw(session, order, tuple(Reminder), present - set(members))
        await appointments.book(session, order, await policy_at(session, order.org_path))
    return order


async def listing(session: AsyncSession, order: Order) -> Sequence[CrewMember]:
    found = select(CrewMember).where(CrewMember.order_id == order.id).order_by(col(CrewMember.id))
    return (await session.exec(found)).all()


async def tasks(session: AsyncSession, actor: Actor, wanted: Keyset) -> list[dict[str, Any]]:
    """Unfinished orders on whose crew the actor is, newest first; one more than `limit` when more follow."""
    mine = select(CrewMember.order_id).where(CrewMember.person_id == actor.person_id)
    query = visible(Order, actor).where(col(Order.id).in_(mine), col(Order.status).in_(UNFINISHED))
    found = await session.exec(newest_first(query, Order, wanted))
    return [summary(order.model_dump(), now()) for order in found]


async def show(session: AsyncSession, order: Order) -> list[dict[str, object]]:
    """The crew with names, for those who see the order."""
    found = await session.exec(
        select(Person.id, Person.name)
        .join(CrewMember, col(CrewMember.person_id) == Person.id)
        .where(CrewMember.order_id == order.id)
        .order_by(col(CrewMember.id))
    )
    return [{"person_id": person_id, "name": name} for person_id, name in found]


async def serves(session: AsyncSession, order: Order, person_id: UUID | None) -> bool:
    """Whether this person is on the crew."""
    found = select(CrewMember.id).where(CrewMember.order_id == order.id, CrewMember.person_id == person_id)
    return (await session.exec(found)).first() is not None


async def dismiss(session: AsyncSession, order: Order) -> None:
    """Nobody goes any more: the team has given the order back or lost it."""
    await session.exec(delete(CrewMember).where(col(CrewMember.order_id) == order.id))


async def require_fit_for_risk(session: AsyncSession, order: Order, person_id: UUID, day: date) -> None:
    """Whoever arrives for risky work is an adult still, as far as anybody knows: a birth date may have been put
    right since the crew was named. Raises CrewMinor.
    """
    if order.risk is not Risk.RISKY:
        return
    if not is_adult((await session.get_one(Person, person_id)).birth_date, day):
        raise CrewMinor


async def _fit(session: AsyncSession, order: Order, members: Sequence[UUID]) -> None:
    found = await session.exec(
        select(Person)
        .join(TeamMember, col(TeamMember.person_id) == Person.id)
        .where(TeamMember.team_id == order.team_id, col(Person.id).in_(members), col(Person.active))
    )
    people = found.all()
    if len(people) != len(set(members)):
        raise CrewNotMember
    await _not_alone(session, order, len(people))
    if order.risk is not Risk.RISKY or order.scheduled_end is None:
        return
    day = order.scheduled_end.date()
    if not all(is_adult(person.birth_date, day) for person in people):
        raise CrewMinor
    insured = visible(Volunteer, SYSTEM).where(
        col(Volunteer.person_id).in_(members), col(Volunteer.active), col(Volunteer.insured_until) >= day
    )
    if len((await session.exec(insured)).all()) != len(people):
        raise CrewNotInsured


async def _not_alone(session: AsyncSession, order: Order, people: int) -> None:
    """Two who vouch for each other, where the place has not decided otherwise (policy `two_person_visits`)."""
    if people > 1 or order.mode is not Mode.ON_SITE or not needs_two(order.circumstances):
        return
    if (await policy_at(session, order.org_path)).two_person_visits:
        raise CrewNeedsTwo
