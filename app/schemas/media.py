"""A stored picture on the wire."""

from uuid import UUID

from app.models.media import MediaStage
from app.schemas.base import Output


class MediaOut(Output):
    id: UUID
    order_id: UUID | None
    stage: MediaStage | None
    content_type: str
    size: int
    width: int
    height: int
