"""What happened to an order: the timeline, the audit trail and the live feed are this one table."""

from typing import Any
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from app.domain.lifecycle import Action, OrderStatus
from app.domain.roles import Role
from app.models.base import Record, enum_column, json_column


class OrderEvent(Record, table=True):
    """One move or mark. `seq` runs 1, 2, 3 … within an order; the key makes two writers of one step collide."""

    __tablename__ = "order_event"
    __table_args__ = (UniqueConstraint("order_id", "seq"),)

    order_id: UUID = Field(foreign_key="service_order.id")
    seq: int
    action: Action = enum_column(Action)
    from_status: OrderStatus | None = enum_column(OrderStatus, "from_status_known", nullable=True)
    to_status: OrderStatus = enum_column(OrderStatus, "to_status_known")
    actor_id: UUID | None = Field(default=None, foreign_key="person.id")
    actor_role: Role = enum_column(Role)
    reason: str = Field(default="", max_length=200)
    data: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
