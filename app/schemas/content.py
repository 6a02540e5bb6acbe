"""What was caught in what people wrote, on the wire."""

from datetime import datetime
from uuid import UUID

from app.models.content import ContentKind, ContentState
from app.schemas.base import Input, Keyset, Output, Reason


class ContentFilter(Keyset):
    kind: ContentKind | None = None
    state: ContentState | None = None


class ContentDecisionIn(Input):
    """Why; whoever wrote it reads this where it may not stand."""

    note: Reason


class ContentCheckOut(Output):
    """`texts` is what was written; `found` names words of the place's list, or `wechat:` and what WeChat's check
    says: a label, `silent` (no answer) or `unasked` (the writer was not in the mini-program lately)."""

    id: UUID
    created_at: datetime
    kind: ContentKind
    state: ContentState
    order_id: UUID
    subject_id: UUID
    found: list[str]
    texts: list[str]
    decided_at: datetime | None
    note: str
