"""The feed has no holes: positions run from 1 to the last one given, and nobody is ahead of it."""

from sqlalchemy import func, or_, select
from sqlmodel import col

from app.models.event import FeedPosition, OrderEvent
from app.models.webhook import Webhook
from app.services.verifying.violations import Check, subject

_given = func.count(col(OrderEvent.position))
_first, _last = (
    func.coalesce(func.min(col(OrderEvent.position)), 1),
    func.coalesce(func.max(col(OrderEvent.position)), 0),
)
_told = func.coalesce(select(func.max(col(FeedPosition.last))).scalar_subquery(), 0)
_placed = select(
    _given.label("given"), _first.label("first"), _last.label("last"), _told.label("told")
).subquery()

CHECKS = (
    Check(
        "feed_positions",
        "feed_position",
        "事件位置应为 1 至 {told}，实有 {given} 个，从 {first} 到 {last}",
        select(subject(_placed.c.told), _placed).where(
            or_(
                _placed.c.given != _placed.c.told,
                _placed.c.last != _placed.c.told,
                _placed.c.first != 1,
            )
        ),
    ),
    Check(
        "webhook_ahead",
        "webhook",
        "已送达位置 {position}，事件却只到 {told}",
        select(subject(Webhook.id), col(Webhook.position), _told.label("told")).where(
            col(Webhook.position) > _told
        ),
    ),
)
