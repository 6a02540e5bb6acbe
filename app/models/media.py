"""Pictures of a need, of a delivery, or of a consent; the bytes live in the media store."""

from enum import StrEnum
from uuid import UUID

from sqlmodel import Field

from app.models.base import Record, enum_column


class MediaStage(StrEnum):
    ORDER = "order"
    CONSENT = "consent"
    DELIVERY = "delivery"


class Media(Record, table=True):
    """Uploaded by `owner_id`, seen by nobody else until attached to an order, then by whoever sees that."""

    owner_id: UUID = Field(foreign_key="person.id", index=True)
    order_id: UUID | None = Field(default=None, foreign_key="service_order.id", index=True)
    stage: MediaStage | None = enum_column(MediaStage, nullable=True)
    storage_key: str = Field(max_length=80, unique=True)
    content_type: str = Field(max_length=40)
    size: int
    width: int
    height: int
    sha256: str = Field(max_length=64)
