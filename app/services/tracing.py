"""Whose file a line came from: from the mark that it bears to who asked for the export, and who fetched it when.

Everything is read from the approval and from the trail, which are kept at least six months; that somebody looked is
told to the auditors, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import String, cast
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.sheet import Mark
from app.models.approval import Approval, ApprovalKind
from app.models.audit import AuditEntry
from app.schemas.sheet import ExportCreate
from app.services import auditing, people
from app.services.access import SYSTEM
from app.services.auditing import DONE
from app.services.scope import visible

ACT: Final = "export_mark_trace"
FETCHED: Final = "export_file_get"


@dataclass(frozen=True, slots=True)
class Fetch:
    """Once the file left: `rows` were in it, by which of them the line is not of this copy."""

    at: datetime
    name: str
    address: str
    rows: int


@dataclass(frozen=True, slots=True)
class Traced:
    """One export whose id ends as the mark says. `allowed_by` is None where the place needs nobody's yes."""

    export_id: UUID
    org_path: str
    wanted: ExportCreate
    asked_at: datetime
    asked_by_id: UUID
    asked_by: str
    allowed_by: str | None
    fetches: Sequence[Fetch]


async def trace(session: AsyncSession, mark: Mark) -> list[Traced]:
    """Every export that the mark may be of, nearly always one; empty when none is known (any more)."""
    ending = cast(col(Approval.id), String).endswith(mark.ending)
    found = visible(Approval, SYSTEM).where(col(Approval.kind) == ApprovalKind.EXPORT, ending)
    return [await _traced(session, row) for row in await session.exec(found.order_by(col(Approval.id)))]


async def _traced(session: AsyncSession, approval: Approval) -> Traced:
    left = visible(AuditEntry, SYSTEM).where(
        col(AuditEntry.object_id) == approval.id,
        col(AuditEntry.act) == FETCHED,
        col(AuditEntry.result) == DONE,
    )
    entries = (await session.exec(left.order_by(col(AuditEntry.id)))).all()
    acted = (approval.asked_by_id, approval.decided_by_id, *(entry.actor_id for entry in entries))
    known = await people.by_id(session, {one for one in acted if one is not None})
    names = {one.id: one.name for one in known.values()}
    auditing.record(
        session, None, ACT, org_path=approval.org_path, object_kind="export", object_id=approval.id
    )
    return Traced(
        approval.id,
        approval.org_path,
        ExportCreate.model_validate(approval.wanted),
        approval.created_at,
        approval.asked_by_id,
        names[approval.asked_by_id],
        names[approval.decided_by_id] if approval.decided_by_id else None,
        [
            Fetch(
                entry.created_at,
                names[entry.actor_id] if entry.actor_id else "",
                entry.address,
                int(entry.data.get("rows", 0)),
            )
            for entry in entries
        ],
    )
