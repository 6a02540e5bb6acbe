"""What happened to an order: the timeline, the audit trail and the live feed are this one table."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, SmallInteger, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.domain.lifecycle import Action, OrderStatus
from app.domain.roles import Role
from app.models.base import Fresh, Record, about, enum_column, json_column, sealed_column
from app.models.personal import Category, Kept, Personal

REASON_LENGTH = 200
WORDS = Personal(Category.WORDS, "说明为何这样处理", Kept.RECORD)
DONE = Personal(Category.CONDUCT, "订单进展与责任追溯", Kept.SERVICE)
_UNPLACED = text("position IS NULL")


class OrderEvent(Record, table=True):
    """One move or mark. `seq` runs 1, 2, 3 … within an order; the key makes two writers of one step collide.

    `position` runs 1, 2, 3 … through all events in the order in which they became visible, and is given after the
    commit (app/services/feed.py): whoever has read up to one position has missed nothing before it.
    """

    __tablename__ = "order_event"
    __table_args__ = (
        UniqueConstraint("order_id", "seq"),
        UniqueConstraint("position"),
        Index("ix_order_event_unplaced", "id", sqlite_where=_UNPLACED, postgresql_where=_UNPLACED),
    )

    order_id: UUID = Field(foreign_key="service_order.id")
    seq: int
    action: Action = enum_column(Action)
    from_status: OrderStatus | None = enum_column(OrderStatus, "from_status_known", nullable=True)
    to_status: OrderStatus = enum_column(OrderStatus, "to_status_known")
    actor_id: UUID | None = Field(default=None, foreign_key="person.id", sa_column_kwargs=about(DONE))
    actor_role: Role = enum_column(Role, **about(DONE))
    reason: str = sealed_column("order_event.reason", WORDS, initial="")
    data: dict[str, Any] = Field(default_factory=Fresh(dict), sa_column=json_column(about(DONE)))
    position: int | None = Field(default=None, sa_type=BigInteger)


class FeedPosition(SQLModel, table=True):
    """One row: the last position given. Who holds it gives positions; the others wait."""

    __tablename__ = "feed_position"

    id: int = Field(primary_key=True, sa_type=SmallInteger, sa_column_kwargs={"autoincrement": False})
    last: int = Field(default=0, sa_type=BigInteger)
