"""The clock looks where it has something to do, and nowhere else: an order that it lost would wait for ever."""

from sqlalchemy import and_, or_, select
from sqlmodel import col

from app.domain.lifecycle import OrderStatus
from app.models.notification import Notification
from app.models.order import Order
from app.models.whistle import Whistle
from app.services.verifying.violations import Check, plain, subject

_status = plain(Order.status)
_WATCHED = (OrderStatus.APPROVED, OrderStatus.OFFERED, OrderStatus.POOLED, OrderStatus.ACCEPTED)
_dispatched = and_(col(Order.auto), _status.in_((OrderStatus.APPROVED.value, OrderStatus.POOLED.value)))
"""Who is offered may wait for the answers alone, and these end by themselves."""

_called = select(col(Whistle.id)).where(
    col(Whistle.order_id) == Order.id,
    col(Whistle.department_id).is_not(None),
    col(Whistle.reported_at).is_(None),
    col(Whistle.missed_at).is_(None),
)
"""Until the department reports or has missed its time, the clock waits for it and not for a moment."""

CHECKS = (
    Check(
        "clock_waits",
        "service_order",
        "订单是 {status}，却没有下次处理时间",
        select(subject(Order.id), _status.label("status")).where(
            col(Order.step_at).is_(None),
            or_(_status == OrderStatus.ACCEPTED.value, and_(_dispatched, ~_called.exists())),
        ),
    ),
    Check(
        "clock_idle",
        "service_order",
        "订单是 {status}，不应再有下次处理时间",
        select(subject(Order.id), _status.label("status")).where(
            col(Order.step_at).is_not(None), _status.not_in([one.value for one in _WATCHED])
        ),
    ),
    Check(
        "risk_before_due",
        "service_order",
        "预警时间晚于办理时限，或没有时限却有预警",
        select(subject(Order.id)).where(
            col(Order.risk_at).is_not(None),
            or_(col(Order.due_at).is_(None), col(Order.risk_at) > Order.due_at),
        ),
    ),
    Check(
        "notice_voided",
        "notification",
        "消息已作废，却仍待发送",
        select(subject(Notification.id)).where(
            col(Notification.voided_at).is_not(None), col(Notification.send_at).is_not(None)
        ),
    ),
)
