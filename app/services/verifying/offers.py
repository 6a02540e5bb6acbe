"""One accepted offer behind each order with a team, and open offers only while somebody is asked."""

from sqlalchemy import and_, case, func, or_, select
from sqlmodel import col

from app.domain.lifecycle import STAFFED, OfferStatus, OrderStatus
from app.models.offer import Offer
from app.models.order import Order
from app.services.verifying.violations import Check, plain, subject

_order_status, _offer_status = plain(Order.status), plain(Offer.status)
_of_order = col(Offer.order_id) == Order.id
_staffed = _order_status.in_(sorted(STAFFED))
_accepted = _offer_status == OfferStatus.ACCEPTED.value
_open = _offer_status == OfferStatus.OPEN.value
_question = and_(_open, ~col(Offer.standby))
_asked_while = case((col(Offer.standby), OrderStatus.ACCEPTED.value), else_=OrderStatus.OFFERED.value)
_ready_while = (OrderStatus.APPROVED, OrderStatus.OFFERED, OrderStatus.POOLED, OrderStatus.ACCEPTED)
_all = func.count(col(Offer.id))
_own = func.count(case((col(Offer.team_id) == Order.team_id, 1)))

CHECKS = (
    Check(
        "offer_behind_team",
        "service_order",
        "应恰有一个已接受的派单且属于承接队伍，实有 {accepted} 个，其中本队 {own} 个",
        select(subject(Order.id), _all.label("accepted"), _own.label("own"))
        .outerjoin(Offer, and_(_of_order, _accepted))
        .where(_staffed)
        .group_by(col(Order.id))
        .having(or_(_all != 1, _own != 1)),
    ),
    Check(
        "offer_accepted_in_vain",
        "offer",
        "派单已被接受，订单却是 {status}",
        select(subject(Offer.id), _order_status.label("status"))
        .join(Order, _of_order)
        .where(_accepted, ~_staffed),
    ),
    Check(
        "offer_missing",
        "service_order",
        "订单待接单，却没有待答复的派单",
        select(subject(Order.id))
        .outerjoin(Offer, and_(_of_order, _question))
        .where(_order_status == OrderStatus.OFFERED.value, col(Offer.id).is_(None)),
    ),
    Check(
        "offer_open_in_vain",
        "offer",
        "派单仍待答复，订单却是 {status}",
        select(subject(Offer.id), _order_status.label("status"))
        .join(Order, _of_order)
        .where(_open, _order_status != _asked_while),
    ),
    Check(
        "offer_standby_in_vain",
        "offer",
        "队伍仍在候补，订单却是 {status}",
        select(subject(Offer.id), _order_status.label("status"))
        .join(Order, _of_order)
        .where(
            _offer_status == OfferStatus.STANDBY.value,
            or_(_order_status.not_in([status.value for status in _ready_while]), ~col(Offer.standby)),
        ),
    ),
    Check(
        "offer_answered_at",
        "offer",
        "派单状态 {status} 与答复时间不符",
        select(subject(Offer.id), _offer_status.label("status")).where(
            _open == col(Offer.answered_at).is_not(None)
        ),
    ),
)
