"""Files with personal data: asked for with a reason, allowed by a second person, fetched by who asked, and told.

The request for the file counts its rows and tells the trail before the first of them leaves: a line that breaks
later changes nothing about what may have been seen. Rows are then read in batches, each in its own short moment, so
that no connection waits for a slow line.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import Database
from app.domain.sheet import Cell, csv_head, csv_lines, json_lines, mark
from app.errors import Conflict, NotFound
from app.models.approval import Approval, ApprovalKind, ApprovalState
from app.models.base import new_id
from app.models.person import Person
from app.schemas.sheet import ExportCreate, SheetFormat
from app.services import approvals, auditing, organisations
from app.services.access import SYSTEM, Actor, require_at
from app.services.actors import person_of
from app.services.policies import policy_at
from app.services.scope import visible
from app.services.sheets import SHEETS, Look, Sheet

AT_ONCE = 500
MEDIA = {SheetFormat.CSV: "text/csv; charset=utf-8", SheetFormat.JSONL: "application/x-ndjson"}


class ExportNotOpen(Conflict):
    code, title = "export_not_open", "该导出尚未获同意，或已过期"
    title_en = "The export is not approved, or its time is over"


@dataclass(frozen=True, slots=True)
class File:
    """What will be streamed: of these rows, marked like this."""

    export_id: UUID
    wanted: ExportCreate
    sheet: Sheet
    chosen: Any
    look: Look
    watermark: str

    @property
    def name(self) -> str:
        return f"sidan-{self.wanted.kind}-{self.look.at:%Y%m%d}-{self.export_id.hex}.{self.wanted.format}"


async def ask(session: AsyncSession, actor: Actor, wanted: ExportCreate, at: datetime) -> Approval:
    """Raises NotFound, Forbidden, AlreadyAsked. Whole numbers take a second person wherever it is."""
    permission = SHEETS[wanted.kind].permission
    place = await organisations.reach(session, actor, permission, wanted.organisation_id)
    return await approvals.ask(
        session,
        actor,
        ApprovalKind.EXPORT,
        org_path=place.path,
        subject_id=place.id,
        wanted=wanted.model_dump(mode="json"),
        reason=wanted.reason,
        at=at,
        spared=not await _takes_two(session, place.path, wanted),
    )


async def _takes_two(session: AsyncSession, org_path: str, wanted: ExportCreate) -> bool:
    return wanted.whole or (await policy_at(session, org_path)).approvals.exports


async def prepare(session: AsyncSession, actor: Actor, export_id: UUID, at: datetime) -> File:
    """By who asked, while it holds, and while they still may. Raises NotFound, ExportNotOpen, Forbidden."""
    me = person_of(actor)
    found = visible(Approval, SYSTEM).where(
        col(Approval.id) == export_id,
        col(Approval.kind) == ApprovalKind.EXPORT,
        col(Approval.asked_by_id) == me,
    )
    approval = (await session.exec(found)).one_or_none()
    if approval is None:
        raise NotFound("没有这项导出")
    wanted = ExportCreate.model_validate(approval.wanted)
    sheet = SHEETS[wanted.kind]
    require_at(actor, sheet.permission, approval.org_path)
    policy = await policy_at(session, approval.org_path)
    spared = approval.state is ApprovalState.SPARED and not (wanted.whole or policy.approvals.exports)
    if not (approval.state is ApprovalState.APPROVED or spared) or approval.expires_at <= at:
        raise ExportNotOpen
    chosen = _chosen(actor, sheet, wanted, approval.org_path)
    (count,) = await session.exec(select(func.count()).select_from(chosen.subquery()))
    auditing.about(
        session, "export", approval.id, kind=wanted.kind, format=wanted.format, whole=wanted.whole, rows=count
    )
    look = Look(wanted.whole, ZoneInfo(policy.time_zone), at)
    name = (await session.get_one(Person, me)).name
    said = (f"导出编号 {approval.id.hex}", f"导出人 {name}（{me.hex}）", f"时间 {look.time(at)}")
    watermark = "；".join((*said, f"用途 {wanted.reason}", f"共 {count} 行", "内含个人信息，不得外传"))
    return File(approval.id, wanted, sheet, chosen, look, watermark)


def _chosen(actor: Actor, sheet: Sheet, wanted: ExportCreate, org_path: str) -> Any:
    """Rows that are there now: what comes later has a greater id."""
    model = sheet.model
    found = visible(model, actor).where(col(model.org_path).startswith(org_path), col(model.id) <= new_id())
    if wanted.since is not None:
        found = found.where(col(model.created_at) >= wanted.since)
    if wanted.until is not None:
        found = found.where(col(model.created_at) < wanted.until)
    return found.with_only_columns(col(model.id))


async def stream(database: Database, file: File) -> AsyncIterator[str]:
    """The text of the file, in portions. Raises Unavailable."""
    keys = ["mark", *(key for key, _ in file.sheet.columns)]
    headings = [heading for _, heading in file.sheet.columns]
    as_csv = file.wanted.format is SheetFormat.CSV
    yield csv_head(file.watermark, headings) if as_csv else json_lines([{"watermark": file.watermark}])
    number, after = 0, UUID(int=0)
    while True:
        model = file.sheet.model
        batch = file.chosen.where(col(model.id) > after).order_by(col(model.id)).limit(AT_ONCE)
        async with database.reading() as session:
            found = await file.sheet.rows(session, batch, file.look)
        lines: list[list[Cell]] = []
        for _, cells in found:
            number += 1
            lines.append([mark(file.export_id.hex, number), *cells])
        if lines:
            yield (
                csv_lines(lines)
                if as_csv
                else json_lines(dict(zip(keys, line, strict=True)) for line in lines)
            )
        if len(found) < AT_ONCE:
            return
        after = found[-1][0]
