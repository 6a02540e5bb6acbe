"""What is due and how long the oldest has waited, for the monitor: the database knows, whichever process asks."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, literal, union_all
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.lifecycle import OfferStatus, OrderStatus
from app.models.event import OrderEvent
from app.models.notification import Notification
from app.models.offer import Offer
from app.models.order import Order
from app.models.webhook import Webhook

MOST_COUNTED = 100_000
"""A queue as long as this is told as this long: counting on would only add to the load."""


def _due(at: datetime) -> dict[str, Select[Any]]:
    """The due times of each queue; every one of these is read from an index."""
    order_due, step = col(Order.due_at), col(Order.step_at)
    answers, send = col(Offer.expires_at), col(Notification.send_at)
    hook, made = col(Webhook.next_at), col(OrderEvent.created_at)

    def overdue(status: OrderStatus) -> Select[Any]:
        return select(order_due).where(col(Order.status) == status, order_due <= at)

    return {
        "offers": select(answers).where(col(Offer.status) == OfferStatus.OPEN, answers <= at),
        "pool": overdue(OrderStatus.POOLED),
        "ratings": overdue(OrderStatus.DELIVERED),
        "steps": select(step).where(step.is_not(None), step <= at),
        "notices": select(send).where(send.is_not(None), send <= at),
        "webhooks": select(hook).where(col(Webhook.active), hook <= at, col(Webhook.failures) > 0),
        "events": select(made).where(col(OrderEvent.position).is_(None)),
    }


async def depths(session: AsyncSession, at: datetime) -> dict[str, tuple[int, float]]:
    """Of each queue the number of due rows, at most MOST_COUNTED, and the age of the oldest in seconds."""
    parts = []
    for name, due in _due(at).items():
        rows = due.order_by(*due.selected_columns).limit(MOST_COUNTED).subquery()
        when = next(iter(rows.c))
        parts.append(select(literal(name), func.count(), func.min(when)).select_from(rows))
    found = (await (await session.connection()).execute(union_all(*parts))).all()
    return {
        name: (count, max(0.0, (at - oldest).total_seconds()) if oldest else 0.0)
        for name, count, oldest in found
    }
