"""Contacts are whole, or they were kept long enough and nothing is left of them."""

from sqlalchemy import func, or_, select
from sqlmodel import col

from app.models.order import Beneficiary, Order
from app.services.verifying.violations import Check, subject

_EMPTIED = col(Order.contacts_emptied_at).is_not(None)

CHECKS = (
    Check(
        "contacts_emptied",
        "service_order",
        "记为已清空的订单仍有联系方式或地址，或反之",
        select(subject(Order.id)).where(
            or_(
                (func.length(col(Order.contact_phone)) == 0) != _EMPTIED,
                _EMPTIED & (func.length(col(Order.address)) > 0),
            )
        ),
    ),
    Check(
        "beneficiary_emptied",
        "beneficiary",
        "订单 {order_id} 已清空，服务对象的姓名或电话还在",
        select(subject(Beneficiary.id), col(Order.id).label("order_id"))
        .join(Order, col(Order.beneficiary_id) == Beneficiary.id)
        .where(_EMPTIED, func.length(col(Beneficiary.name)) + func.length(col(Beneficiary.phone)) > 0),
    ),
)
