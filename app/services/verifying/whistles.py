"""Every call was made by an escalation, and every report and every gap stands behind what the timeline says.

Before there were calls, dispatchers escalated without one; the clock never did.
"""

from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, func, not_, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from app.domain.lifecycle import Action, OrderStatus
from app.domain.roles import Role
from app.models.event import OrderEvent
from app.models.order import Order
from app.models.organisation import Organisation
from app.models.whistle import Gap, Whistle
from app.services.verifying.places import starts_with
from app.services.verifying.tallies import unlike
from app.services.verifying.violations import Check, plain, subject

_department = aliased(Organisation)
_climbs = and_(
    col(OrderEvent.order_id) == Whistle.order_id, plain(OrderEvent.action) == Action.ESCALATE.value
)


def _hex(id_: Any) -> ColumnElement[str]:
    return func.replace(cast(id_, String), "-", "")


_to_it = cast(col(OrderEvent.data), String).contains(_hex(col(Whistle.handler_id)))

CHECKS = (
    Check(
        "whistle_told",
        "whistle",
        "没有与之对应的吹哨事件",
        select(subject(Whistle.id))
        .outerjoin(OrderEvent, and_(_climbs, _to_it))
        .where(col(OrderEvent.id).is_(None)),
    ),
    Check(
        "whistle_missing",
        "order_event",
        "系统吹哨后没有留下记录",
        select(subject(OrderEvent.id))
        .outerjoin(Whistle, and_(_climbs, _to_it))
        .where(
            plain(OrderEvent.action) == Action.ESCALATE.value,
            plain(OrderEvent.actor_role) == Role.SYSTEM.value,
            col(Whistle.id).is_(None),
        ),
    ),
    Check(
        "whistle_place",
        "whistle",
        "被吹哨的组织不在订单的上级链中，或责任部门与其路径、中心不符",
        select(subject(Whistle.id))
        .join(Order, col(Order.id) == Whistle.order_id)
        .join(Organisation, col(Organisation.id) == Whistle.handler_id)
        .outerjoin(_department, col(_department.id) == Whistle.department_id)
        .where(
            or_(
                not_(starts_with(col(Order.org_path), Organisation.path)),
                col(_department.path) != Whistle.department_path,
                not_(starts_with(col(_department.path), Organisation.path)),
            )
        ),
    ),
    Check(
        "report_told",
        "service_order",
        "报到记录比报到事件多 {surplus} 条（负数为少）",
        unlike(Whistle, Action.REPORT, col(Whistle.reported_at).is_not(None)),
    ),
    Check(
        "gap_of_unmet",
        "gap",
        "记为缺口，订单却是 {status}",
        select(subject(Gap.id), plain(Order.status).label("status"))
        .join(Order, col(Order.id) == Gap.order_id)
        .where(plain(Order.status) != OrderStatus.UNMET.value),
    ),
)
