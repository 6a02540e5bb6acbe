"""What a stream tells, event by event."""

from datetime import datetime
from uuid import UUID

from app.domain.lifecycle import Action, OrderStatus
from app.schemas.base import Output


class StreamEvent(Output):
    """The `data` of an event `order`: one move or mark of an order. Its `id:` is the position.

    `version` is the order's after it: what is older than the order one already shows can be passed over.
    """

    position: int
    order_id: UUID
    title: str
    action: Action
    from_status: OrderStatus | None
    to_status: OrderStatus
    version: int
    at: datetime
