"""Pictures of a need, of a delivery, or of a consent; the bytes live in the media store."""

from enum import StrEnum
from uuid import UUID

from sqlmodel import Field

from app.models.base import Record, about, enum_column
from app.models.personal import Category, Kept, Personal

PICTURE = Personal(
    Category.SENSITIVE, "说明需要、证明服务与同意的照片（文件在媒体目录，位置等附加信息已除去）", Kept.RECORD
)


class MediaStage(StrEnum):
    ORDER = "order"
    CONSENT = "consent"
    DELIVERY = "delivery"


class Media(Record, table=True):
    """Uploaded by `owner_id`, seen by nobody else until attached to an order, then by whoever sees that."""

    owner_id: UUID = Field(foreign_key="person.id", index=True)
    order_id: UUID | None = Field(default=None, foreign_key="service_order.id", index=True)
    stage: MediaStage | None = enum_column(MediaStage, nullable=True)
    storage_key: str = Field(max_length=80, unique=True, sa_column_kwargs=about(PICTURE))
    content_type: str = Field(max_length=40, sa_column_kwargs=about(PICTURE))
    size: int
    width: int
    height: int
    sha256: str = Field(max_length=64, sa_column_kwargs=about(PICTURE))
