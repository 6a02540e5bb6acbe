"""签到、签退: what a volunteer's phone proves, and what a leader declares.

Phones lose signal: a press of the button carries the phone's own time and an id made by the phone, may be
sent hours later, and may be sent twice. A late one is kept, marked and judged (app/domain/attendance.py), not
refused; also after the service is closed, when it still earns its points.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.db import insert_new
from app.domain.attendance import Judgement, Stamp, declared_limit, judge, judge_stamp
from app.domain.lifecycle import Action, OrderStatus
from app.domain.roles import Permission
from app.errors import Conflict, Forbidden, IllegalMove, Invalid, NotFound
from app.models.base import new_id
from app.models.consent import Purpose
from app.models.offer import Offer
from app.models.order import Order
from app.models.service import Attendance
from app.schemas.service import StampIn
from app.services import crew, late_proof, orders, standby, visits
from app.services.access import Actor, require_on, role_at
from app.services.actors import person_of
from app.services.closing import credit
from app.services.consent_keeping import ConsentNeeded, given
from app.services.dispatching import asked_teams
from app.services.moves import hold, move, move_offers, refused
from app.services.policies import policy_at
from app.services.scope import visible

ATTENDED = (OrderStatus.IN_SERVICE, OrderStatus.DELIVERED, OrderStatus.CLOSED)
EARLIEST = timedelta(days=1)


class AlreadyCheckedIn(Conflict):
    code, title, title_en = "already_checked_in", "您已签到，请先签退", "Checked in already"


class ClientIdTaken(Conflict):
    code, title, title_en = "attendance_id_taken", "这个打卡编号已被使用", "The client id is already used"


class AttendanceUnknown(NotFound):
    code, title, title_en = "attendance_unknown", "没有对应的签到，请先上传签到", "No check-in with this id"


class TooEarly(Invalid):
    code, title, title_en = "attendance_too_early", "离约定时间还早，暂不能签到", "Too early to check in"


class NotOnCrew(Forbidden):
    code, title, title_en = "not_on_crew", "您不在本次服务的名单中", "Not on the crew of this order"


class AlreadyDeclared(Conflict):
    code, title, title_en = "already_declared", "该志愿者的时长已补录", "Already declared for this volunteer"


class DeclaredTooLong(Invalid):
    code, title = "attendance_declared_too_long", "补录时长超过了服务时长"
    title_en = "More minutes than the service lasted"


async def check_in(session: AsyncSession, actor: Actor, order_id: UUID, stamp: StampIn) -> Attendance:
    """Begin a stay; the first one begins the service. The same `client_id` again is the same stay.

    After the order has gone to another team because nobody came, it is proof that somebody did (late_proof.py).
    """
    person_id = person_of(actor)
    await _may_say_where(session, actor, order_id, stamp)
    try:
        order = await _attended(session, actor, order_id)
    except (NotFound, NotOnCrew, IllegalMove):
        proof = await late_proof.prove(session, person_id, order_id, stamp, _stamp(stamp, now()))
        if proof is None:
            raise
        return proof
    known = await _known(session, order, person_id, stamp.client_id)
    if known is not None:
        return known
    if not await crew.serves(session, order, person_id):
        raise NotOnCrew
    await crew.require_fit_for_risk(session, order, person_id, stamp.at.date())
    past = await visits.earlier(session, order, stamp.at)
    if stamp.at < (past or order.schedule)[0] - EARLIEST:
        raise TooEarly
    if past is None:
        await _start(session, actor, order)
    policy = await policy_at(session, order.org_path)
    marks = judge_stamp(_stamp(stamp, now()), _place(order), policy.attendance)
    attendance = Attendance(
        created_at=now(),
        order_id=order.id,
        person_id=person_id,
        client_id=stamp.client_id,
        check_in_at=stamp.at,
        check_in_received_at=now(),
        check_in_lat=stamp.location.lat if stamp.location else None,
        check_in_lon=stamp.location.lon if stamp.location else None,
        check_in_accuracy_m=stamp.accuracy_m,
        marks=[mark.value for mark in marks],
    )
    if await insert_new(session, attendance):
        return attendance
    raced = await _known(session, order, person_id, stamp.client_id)
    if raced is None:
        raise AlreadyCheckedIn
    return raced


async def check_out(session: AsyncSession, actor: Actor, order_id: UUID, stamp: StampIn) -> Attendance:
    """End a stay and judge it. Sent again, it is what it was."""
    await _may_say_where(session, actor, order_id, stamp)
    order = await _attended(session, actor, order_id)
    attendance = await _known(session, order, person_of(actor), stamp.client_id)
    if attendance is None:
        raise AttendanceUnknown
    verdict = await _judge(session, order, attendance, stamp)
    await session.exec(
        update(Attendance)
        .where(col(Attendance.id) == attendance.id, col(Attendance.check_out_at).is_(None))
        .values(
            check_out_at=stamp.at,
            check_out_received_at=now(),
            check_out_lat=stamp.location.lat if stamp.location else None,
            check_out_lon=stamp.location.lon if stamp.location else None,
            check_out_accuracy_m=stamp.accuracy_m,
            verified_minutes=verdict.verified_minutes,
            marks=[mark.value for mark in verdict.marks],
        )
    )
    await session.refresh(attendance)
    if order.status is OrderStatus.CLOSED:
        await credit(session, order, attendance.id)
    return attendance


async def declare(
    session: AsyncSession, actor: Actor, order_id: UUID, person_id: UUID, minutes: int, reason: str
) -> Attendance:
    """荣誉时数: the leader's word, once for each volunteer and never above the length of the service."""
    order = await orders.get(session, actor, order_id)
    require_on(actor, Permission.ORDERS_CREW, order)
    order = await hold(session, order)
    if order.status not in (OrderStatus.ACCEPTED, OrderStatus.IN_SERVICE, OrderStatus.DELIVERED):
        raise refused(order.status)
    if not await crew.serves(session, order, person_id):
        raise NotOnCrew("该志愿者不在本次服务的名单中")
    stays = [stay for stay in await listing(session, order) if stay.person_id == person_id]
    if minutes > declared_limit(*order.schedule, sum(stay.verified_minutes for stay in stays)):
        raise DeclaredTooLong
    await _start(session, actor, order)
    declared = Attendance(
        created_at=now(),
        order_id=order.id,
        person_id=person_id,
        client_id=new_id(),
        declared_minutes=minutes,
        declared_by_id=person_of(actor),
        declared_reason=reason,
    )
    if not await insert_new(session, declared):
        raise AlreadyDeclared
    return declared


async def listing(session: AsyncSession, order: Order) -> Sequence[Attendance]:
    found = select(Attendance).where(Attendance.order_id == order.id).order_by(col(Attendance.id))
    return (await session.exec(found)).all()


async def shown(session: AsyncSession, actor: Actor, order_id: UUID) -> Sequence[Attendance]:
    """Every stay for the team's leader and the staff; their own for the others of the crew."""
    order = await orders.get(session, actor, order_id)
    stays = await listing(session, order)
    staff = role_at(actor, Permission.ORDERS_READ, order.org_path)
    if staff or order.team_id in actor.teams(Permission.ORDERS_CREW):
        return stays
    return [stay for stay in stays if stay.person_id == actor.person_id]


async def _may_say_where(session: AsyncSession, actor: Actor, order_id: UUID, stamp: StampIn) -> None:
    """A location is taken from who has agreed to that; without one a stay can be stamped, or declared.

    Raises ConsentNeeded, also where no order is to be seen: that it is another's is not told so.
    """
    if stamp.location is None or Purpose.LOCATION in await given(session, person_of(actor)):
        return
    order = (await session.exec(visible(Order, actor).where(Order.id == order_id))).one_or_none()
    if order is None or (await policy_at(session, order.org_path)).privacy.consent_needed:
        raise ConsentNeeded([Purpose.LOCATION])


async def _attended(session: AsyncSession, actor: Actor, order_id: UUID) -> Order:
    """The order, if it is one at which somebody may check in or out now."""
    order = await hold(session, await orders.get(session, actor, order_id))
    if not await crew.serves(session, order, actor.person_id):
        raise NotOnCrew
    if order.status is not OrderStatus.ACCEPTED and order.status not in ATTENDED:
        raise refused(order.status)
    return order


async def _start(session: AsyncSession, actor: Actor, order: Order) -> None:
    """The first to arrive begins the service. The order is held, so who comes at the same instant just arrives."""
    if order.status is not OrderStatus.ACCEPTED:
        return
    ready = await standby.of(session, order)
    asked = [*([ready.team_id] if ready else ()), *await asked_teams(session, order.id)]
    await move(session, actor, order, Action.START, crew=True, asked=asked)
    await move_offers(session, Action.START, col(Offer.order_id) == order.id)


async def _known(session: AsyncSession, order: Order, person_id: UUID, client_id: UUID) -> Attendance | None:
    found = (await session.exec(select(Attendance).where(Attendance.client_id == client_id))).one_or_none()
    if found is not None and (found.order_id, found.person_id) != (order.id, person_id):
        raise ClientIdTaken
    return found


async def _judge(session: AsyncSession, order: Order, stay: Attendance, out: StampIn) -> Judgement:
    if stay.check_in_at is None or stay.check_in_received_at is None:
        raise AttendanceUnknown
    arrived = Stamp(
        at=stay.check_in_at,
        received_at=stay.check_in_received_at,
        place=_pair(stay.check_in_lat, stay.check_in_lon),
        accuracy_m=stay.check_in_accuracy_m,
    )
    policy = await policy_at(session, order.org_path)
    start, end = await visits.schedule_at(session, order, stay.check_in_at)
    return judge(arrived, _stamp(out, now()), start, end, _place(order), policy.attendance)


def _stamp(given: StampIn, received_at: datetime) -> Stamp:
    place = (given.location.lat, given.location.lon) if given.location else None
    return Stamp(at=given.at, received_at=received_at, place=place, accuracy_m=given.accuracy_m)


def _place(order: Order) -> tuple[float, float] | None:
    return _pair(order.lat, order.lon)


def _pair(lat: float | None, lon: float | None) -> tuple[float, float] | None:
    return (lat, lon) if lat is not None and lon is not None else None
