"""The timeline of every order is a legal walk through MOVES that ends where the order stands."""

from itertools import product

from sqlalchemy import func, or_, select
from sqlmodel import col

from app.domain.lifecycle import MOVES, Action, OrderStatus
from app.domain.roles import GRANTS, Role
from app.models.event import OrderEvent
from app.models.order import Order
from app.services.verifying.violations import Check, plain, subject

_action = plain(OrderEvent.action)
_from = func.coalesce(plain(OrderEvent.from_status), "")
_to = plain(OrderEvent.to_status)
_role = plain(OrderEvent.actor_role)
_of_order = col(OrderEvent.order_id) == Order.id
_events = func.count(col(OrderEvent.id))
_first, _last = func.coalesce(func.min(OrderEvent.seq), 0), func.coalesce(func.max(OrderEvent.seq), 0)
_walk = select(
    col(OrderEvent.id),
    col(OrderEvent.seq),
    plain(OrderEvent.from_status).label("here"),
    func.lag(_to).over(partition_by=col(OrderEvent.order_id), order_by=col(OrderEvent.seq)).label("before"),
).subquery()

LEGAL = {f"{Action.SUBMIT}::{OrderStatus.SUBMITTED}"} | {
    f"{action}:{source}:{rule.target or source}" for action, rule in MOVES.items() for source in rule.sources
}
"""`action:from:to` of every move and mark."""

ENTITLED = {f"{Action.SUBMIT}:{Role.RESIDENT}", f"{Action.SUBMIT}:{Role.SYSTEM}"} | {
    f"{action}:{role}"
    for (action, rule), role in product(MOVES.items(), Role)
    if rule.permission in GRANTS.get(role, ())
}
"""`action:role` of everybody who may; the clock places the orders of those who recur."""

CHECKS = (
    Check(
        "event_numbers",
        "service_order",
        "事件序号应为 1 至 {version}，实有 {events} 条，从 {first} 到 {last}",
        select(
            subject(Order.id),
            col(Order.version),
            _events.label("events"),
            _first.label("first"),
            _last.label("last"),
        )
        .outerjoin(OrderEvent, _of_order)
        .group_by(col(Order.id), col(Order.version))
        .having(or_(_events != Order.version, _first != 1, _last != Order.version)),
    ),
    Check(
        "event_first",
        "order_event",
        "点单只能是、也必须是第一个事件：第 {seq} 个是 {action}",
        select(subject(OrderEvent.id), col(OrderEvent.seq), _action.label("action")).where(
            (_action == Action.SUBMIT.value) != (col(OrderEvent.seq) == 1)
        ),
    ),
    Check(
        "event_chain",
        "order_event",
        "第 {seq} 个事件从 {here} 开始，上一个却止于 {before}",
        select(subject(_walk.c.id), _walk.c.seq, _walk.c.here, _walk.c.before).where(
            _walk.c.here.is_not(None), _walk.c.here.is_distinct_from(_walk.c.before)
        ),
    ),
    Check(
        "event_legal",
        "order_event",
        "不允许的变化：{move}",
        select(subject(OrderEvent.id), (_action + ":" + _from + ":" + _to).label("move")).where(
            (_action + ":" + _from + ":" + _to).not_in(sorted(LEGAL))
        ),
    ),
    Check(
        "event_actor",
        "order_event",
        "{role} 无权进行 {action}，或缺少操作人",
        select(subject(OrderEvent.id), _action.label("action"), _role.label("role")).where(
            or_(
                (_action + ":" + _role).not_in(sorted(ENTITLED)),
                col(OrderEvent.actor_id).is_(None) != (_role == Role.SYSTEM.value),
            )
        ),
    ),
    Check(
        "event_last",
        "service_order",
        "订单状态是 {status}，最后一个事件止于 {last}",
        select(subject(Order.id), plain(Order.status).label("status"), _to.label("last"))
        .join(OrderEvent, _of_order)
        .where(
            col(OrderEvent.seq)
            == select(func.max(OrderEvent.seq)).where(_of_order).correlate(Order).scalar_subquery(),
            plain(Order.status) != _to,
        ),
    ),
)
