"""Rows that are only there for a while, or only together with others."""

from sqlalchemy import select
from sqlmodel import col

from app.domain.lifecycle import STAFFED, OrderStatus
from app.models.idempotency import IdempotencyRecord
from app.models.media import Media
from app.models.order import Order
from app.models.service import CrewMember
from app.services.verifying.violations import Check, plain, subject

CREWED = sorted(STAFFED | {OrderStatus.CANCELLED})
"""States in which volunteers may be named: a cancelled order still says who would have come."""

CHECKS = (
    Check(
        "answer_kept",
        "idempotency_record",
        "{person_id} 的请求没有留下答复",
        select(subject(IdempotencyRecord.key), col(IdempotencyRecord.person_id)).where(
            col(IdempotencyRecord.status_code) == 0
        ),
    ),
    Check(
        "media_stage",
        "media",
        "附在订单上的图片须注明用途，未附的不注明",
        select(subject(Media.id)).where(col(Media.order_id).is_(None) != plain(Media.stage).is_(None)),
    ),
    Check(
        "crew_with_team",
        "crew_member",
        "订单 {order_id} 是 {status}，不应有服务人员",
        select(subject(CrewMember.id), col(CrewMember.order_id), plain(Order.status).label("status"))
        .join(Order, col(Order.id) == CrewMember.order_id)
        .where(plain(Order.status).not_in(CREWED)),
    ),
)
