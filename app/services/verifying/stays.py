"""Minutes lie within the agreed time, and only who was sent, to a service that began, has any."""

from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, cast, extract, or_, select
from sqlmodel import col

from app.domain.attendance import DISPROVING
from app.domain.lifecycle import Action
from app.models.event import OrderEvent
from app.models.order import Order
from app.models.service import Attendance, CrewMember
from app.services.verifying.limits import Policies, allowed
from app.services.verifying.violations import Check, plain, subject

MINUTE, BLINK = 60, 1
"""Seconds; SQLite forgets the fractions."""

_stay = subject(Attendance.id)
_verified, _declared = col(Attendance.verified_minutes), col(Attendance.declared_minutes)
_in, _received = col(Attendance.check_in_at), col(Attendance.check_in_received_at)
_out = col(Attendance.check_out_at)
_of_order = col(Order.id) == Attendance.order_id
_crew = and_(
    col(CrewMember.order_id) == Attendance.order_id, col(CrewMember.person_id) == Attendance.person_id
)
_left = and_(
    col(OrderEvent.order_id) == Attendance.order_id,
    plain(OrderEvent.action).in_(
        [action.value for action in (Action.RELEASE, Action.MISS, Action.RELIEVE, Action.REASSIGN)]
    ),
)
"""Whoever served half and then left the rest to another team is on the list no more."""

_start = and_(col(OrderEvent.order_id) == Attendance.order_id, plain(OrderEvent.action) == Action.START.value)


def _seconds(start: Any, end: Any) -> ColumnElement[int]:
    return extract("epoch", end) - extract("epoch", start)


def checks(policies: Policies) -> tuple[Check, ...]:
    grace = allowed(policies, Order.org_path, lambda policy: policy.attendance.grace_minutes)
    most = Order.duration_minutes + grace
    began = case((_received < _in, _received), else_=_in)
    marked = cast(col(Attendance.marks), String)
    length = _seconds(Order.scheduled_start, Order.scheduled_end)
    return (
        Check(
            "schedule",
            "service_order",
            "约定时间不在居民期望的时间内，或与服务时长 {duration_minutes} 分钟不符",
            select(subject(Order.id), col(Order.duration_minutes)).where(
                or_(
                    col(Order.scheduled_start) < Order.window_start,
                    col(Order.scheduled_end) > Order.window_end,
                    _differ(length, col(Order.duration_minutes) * MINUTE),
                )
            ),
        ),
        Check(
            "attendance_crew",
            "attendance",
            "{person_id} 不在本单的服务名单中",
            select(_stay, col(Attendance.person_id))
            .outerjoin(CrewMember, _crew)
            .where(col(CrewMember.id).is_(None), ~select(col(OrderEvent.id)).where(_left).exists()),
        ),
        Check(
            "attendance_started",
            "attendance",
            "订单 {order_id} 的服务从未开始",
            select(_stay, col(Attendance.order_id)).where(~select(col(OrderEvent.id)).where(_start).exists()),
        ),
        Check(
            "minutes_verified",
            "attendance",
            "信用时数 {verified_minutes} 分钟，最多 {most} 分钟",
            select(_stay, _verified, most.label("most")).join(Order, _of_order).where(_verified > most),
        ),
        Check(
            "minutes_proven",
            "attendance",
            "信用时数 {verified_minutes} 分钟，超过了签到至签退的时间",
            select(_stay, _verified).where(
                _verified > 0,
                or_(
                    _in.is_(None),
                    _out.is_(None),
                    _verified * MINUTE > _seconds(began, _out) + BLINK,
                ),
            ),
        ),
        Check(
            "minutes_disproved",
            "attendance",
            "信用时数 {verified_minutes} 分钟，打卡标记却是 {marks}",
            select(_stay, _verified, marked.label("marks")).where(
                _verified > 0,
                or_(*(marked.contains(f'"{mark}"', autoescape=True) for mark in sorted(DISPROVING))),
            ),
        ),
        Check(
            "minutes_declared",
            "attendance",
            "荣誉时数 {declared_minutes} 分钟，最多 {duration_minutes} 分钟，且须有补录人",
            select(_stay, _declared, col(Order.duration_minutes))
            .join(Order, _of_order)
            .where(
                or_(
                    _declared > Order.duration_minutes,
                    and_(_declared > 0, col(Attendance.declared_by_id).is_(None)),
                    and_(_declared > 0, _in.is_not(None)),
                )
            ),
        ),
    )


def _differ(one: ColumnElement[int], other: ColumnElement[int]) -> ColumnElement[bool]:
    return or_(one > other + BLINK, one < other - BLINK)
