"""Who did not come, who complained and who is owed a call: as many rows as the timeline says, none forgotten."""

from sqlalchemy import String, cast, func, or_, select
from sqlmodel import col

from app.domain.contentment import LOW
from app.domain.lifecycle import Action, OrderStatus
from app.models.event import OrderEvent
from app.models.failing import Absence, Complaint, FollowUp
from app.models.order import Order
from app.models.service import Review
from app.services.verifying.tallies import unlike
from app.services.verifying.violations import Check, plain, subject

_told = (
    select(col(OrderEvent.id))
    .where(
        col(OrderEvent.order_id) == Order.id,
        plain(OrderEvent.action).in_((Action.REVIEW.value, Action.CLOSE.value)),
        cast(col(OrderEvent.data), String).contains('"follow_up"'),
    )
    .correlate(Order)
    .exists()
)
"""Closed since there are follow-ups: who closed an order before had not thought of it."""

_newest = (
    select(func.max(col(Review.created_at)))
    .where(col(Review.order_id) == Order.id)
    .correlate(Order)
    .scalar_subquery()
)
_low = (
    select(col(Review.id))
    .where(
        col(Review.order_id) == Order.id,
        col(Review.created_at) == _newest,
        or_(
            *(
                dimension <= LOW
                for dimension in (
                    col(Review.timeliness),
                    col(Review.attitude),
                    col(Review.quality),
                    col(Review.resolution),
                )
            )
        ),
    )
    .correlate(Order)
    .exists()
)


CHECKS = (
    Check(
        "absence_told",
        "service_order",
        "爽约记录比爽约事件多 {surplus} 条（负数为少）",
        unlike(Absence, Action.MISS),
    ),
    Check(
        "complaint_told",
        "service_order",
        "投诉记录比投诉事件多 {surplus} 条（负数为少）",
        unlike(Complaint, Action.COMPLAIN),
    ),
    Check(
        "follow_up_owed",
        "service_order",
        "代点单或评价较低的订单已完成，却没有回访",
        select(subject(Order.id))
        .outerjoin(FollowUp, col(FollowUp.order_id) == Order.id)
        .where(
            plain(Order.status) == OrderStatus.CLOSED.value,
            col(FollowUp.id).is_(None),
            _told,
            or_(col(Order.beneficiary_id).is_not(None), _low),
        ),
    ),
)
