"""Tables only. Importing this package registers every table on SQLModel.metadata."""

from app.models import (
    event,
    idempotency,
    media,
    menu,
    notification,
    offer,
    order,
    organisation,
    person,
    points,
    service,
    team,
    volunteer,
)

__all__ = [
    "event",
    "idempotency",
    "media",
    "menu",
    "notification",
    "offer",
    "order",
    "organisation",
    "person",
    "points",
    "service",
    "team",
    "volunteer",
]
