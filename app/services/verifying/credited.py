"""Every point has its order: closed, of the same center, served by whoever has the point, within the cap."""

from sqlalchemy import and_, func, literal, select, union_all
from sqlmodel import col

from app.domain.lifecycle import OrderStatus
from app.models.event import OrderEvent
from app.models.order import Order
from app.models.organisation import Organisation
from app.models.points import PointsAccount, PointsCause, PointsEntry, PointsTransfer
from app.models.service import Attendance
from app.services.verifying.limits import Policies, allowed
from app.services.verifying.violations import Check, Rows, plain, subject

_was_closed = (
    select(col(OrderEvent.id))
    .where(
        col(OrderEvent.order_id) == PointsTransfer.order_id,
        plain(OrderEvent.to_status) == OrderStatus.CLOSED.value,
    )
    .exists()
)
_credits: Rows = (
    select(subject(PointsTransfer.id), col(PointsAccount.person_id).label("person"))
    .join(PointsEntry, col(PointsEntry.transfer_id) == PointsTransfer.id)
    .join(PointsAccount, col(PointsAccount.id) == PointsEntry.account_id)
    .join(Order, col(Order.id) == PointsTransfer.order_id)
    .where(col(PointsAccount.person_id).is_not(None))
)
_credited = func.sum(PointsEntry.amount)
_both = union_all(
    _credits.with_only_columns(
        col(PointsTransfer.order_id),
        col(PointsAccount.person_id),
        literal(1).label("credits"),
        literal(0).label("minutes"),
    ),
    select(
        col(Attendance.order_id),
        col(Attendance.person_id),
        literal(0),
        col(Attendance.verified_minutes) + Attendance.declared_minutes,
    ),
).subquery()
_unserved = and_(func.sum(_both.c.credits) > 0, func.sum(_both.c.minutes) == 0)
"""Of a person at an order. Summed and not joined: a join on two columns is a guess to a database that has
not counted its rows since it was restored.
"""


def checks(policies: Policies) -> tuple[Check, ...]:
    cap = allowed(policies, Order.org_path, lambda policy: policy.points.cap_per_order)
    return (
        Check(
            "credit_without_order",
            "points_transfer",
            "服务积分没有对应的订单",
            select(subject(PointsTransfer.id)).where(
                plain(PointsTransfer.cause) == PointsCause.SERVICE.value,
                col(PointsTransfer.order_id).is_(None),
            ),
        ),
        Check(
            "credit_unclosed",
            "points_transfer",
            "订单 {order_id} 从未完成，却已记积分",
            select(subject(PointsTransfer.id), col(PointsTransfer.order_id)).where(
                col(PointsTransfer.order_id).is_not(None), ~_was_closed
            ),
        ),
        Check(
            "credit_unserved",
            "service_order",
            "{person_id} 没有服务时长，却得了积分",
            select(subject(_both.c.order_id), _both.c.person_id)
            .group_by(_both.c.order_id, _both.c.person_id)
            .having(_unserved),
        ),
        Check(
            "credit_elsewhere",
            "points_transfer",
            "{person} 的积分记在别的中心",
            _credits.join(Organisation, col(Organisation.id) == PointsAccount.center_id).where(
                func.substr(Order.org_path, 1, func.length(Organisation.path)) != Organisation.path
            ),
        ),
        Check(
            "credit_cap",
            "service_order",
            "{person} 得积分 {credited}，超过每单上限 {cap}",
            _credits.with_only_columns(
                subject(Order.id),
                col(PointsAccount.person_id).label("person"),
                _credited.label("credited"),
                cap.label("cap"),
            )
            .group_by(col(Order.id), col(Order.org_path), col(PointsAccount.person_id))
            .having(_credited > cap),
        ),
    )
