"""What was asked for and what was decided, on the wire."""

from datetime import datetime
from typing import Any
from uuid import UUID

from app.models.approval import ApprovalKind, ApprovalState
from app.schemas.base import Input, Keyset, Output, Remark


class ApprovalFilter(Keyset):
    kind: ApprovalKind | None = None
    state: ApprovalState | None = None


class NoteIn(Input):
    """Why; shown to who asked."""

    note: Remark = ""

    model_config = Input.model_config | {
        "json_schema_extra": {"examples": [{"note": "已核实身份与任职文件"}]}
    }


class ApprovalOut(Output):
    """`wanted` is what was asked for, in the shape of the call that asked. While `asked` it is decided until
    `expires_at`; `approved` it holds until then. Names are masked."""

    id: UUID
    created_at: datetime
    kind: ApprovalKind
    state: ApprovalState
    org_path: str
    subject_id: UUID | None
    wanted: dict[str, Any]
    reason: str
    asked_by_id: UUID
    asked_by: str
    expires_at: datetime
    decided_by_id: UUID | None
    decided_by: str | None
    decided_at: datetime | None
    note: str
