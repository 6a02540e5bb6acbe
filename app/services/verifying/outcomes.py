"""What was delivered and how it was rated: one row for each such event, and of the same order."""

from sqlalchemy import or_, select
from sqlmodel import col

from app.domain.lifecycle import Action
from app.models.order import Order
from app.models.service import Delivery, Review
from app.services.verifying.tallies import unlike
from app.services.verifying.violations import Check, subject

CHECKS = (
    Check(
        "delivery_told",
        "service_order",
        "结项记录比完成事件多 {surplus} 条（负数为少）",
        unlike(Delivery, Action.DELIVER),
    ),
    Check(
        "review_told",
        "service_order",
        "评价比评单事件多 {surplus} 条（负数为少）",
        unlike(Review, Action.REVIEW),
    ),
    Check(
        "review_of_delivery",
        "review",
        "评价不属于同一订单的结项，或不是点单人所评",
        select(subject(Review.id))
        .join(Delivery, col(Delivery.id) == Review.delivery_id)
        .join(Order, col(Order.id) == Review.order_id)
        .where(
            or_(col(Delivery.order_id) != Review.order_id, col(Review.reviewed_by_id) != Order.placed_by_id)
        ),
    ),
)
