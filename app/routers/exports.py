"""Files with personal data: asked for, allowed by somebody else, fetched by who asked."""

from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse

from app.clock import now
from app.domain.roles import Permission
from app.errors import Forbidden, Invalid, NotFound, Unauthenticated, Unavailable
from app.problems import documented
from app.routers.auth import never_stored
from app.routers.deps import ActorDep, HouseDep, SessionDep
from app.routers.keyed import KeyedRoute
from app.routers.needs import needs
from app.routers.trail import RECORDED
from app.schemas.approval import ApprovalOut
from app.schemas.sheet import ExportCreate
from app.services import approval_views, exports
from app.services.approvals import AlreadyAsked
from app.services.idempotency import IdempotencyMismatch

router = APIRouter(prefix="/exports", tags=["导出"], route_class=KeyedRoute)

MAKERS = needs(Permission.EXPORTS_MAKE, Permission.AUDIT_READ)
FILES = {"text/csv": {"schema": {"type": "string"}}, "application/x-ndjson": {"schema": {"type": "string"}}}


@router.post(
    "",
    status_code=201,
    operation_id="export_create",
    summary="申请导出",
    openapi_extra=MAKERS,
    responses=documented(
        Unauthenticated, Forbidden, NotFound, AlreadyAsked, Invalid, IdempotencyMismatch, Unavailable
    ),
)
async def create_export(session: SessionDep, actor: ActorDep, body: ExportCreate) -> ApprovalOut:
    """`asked` until a second person has decided; `spared` where the place lets one person do it (never `whole`)."""
    (shown,) = await approval_views.shown(session, [await exports.ask(session, actor, body, now())])
    return shown


@router.get(
    "/{export_id}/file",
    operation_id="export_file_get",
    summary="下载导出文件",
    openapi_extra=MAKERS | RECORDED,
    dependencies=[Depends(never_stored)],
    response_class=StreamingResponse,
    responses={
        200: {"description": "CSV（UTF-8，带 BOM）或 JSON Lines", "content": FILES},
        **documented(Unauthenticated, Forbidden, NotFound, exports.ExportNotOpen, Invalid, Unavailable),
    },
)
async def get_export_file(
    session: SessionDep, actor: ActorDep, house: HouseDep, export_id: UUID
) -> StreamingResponse:
    """Only by who asked, within the hours of the approval. The first line says whose file it is, and every row
    bears its mark; each download is told to the auditors with the number of rows."""
    file = await exports.prepare(session, actor, export_id, now())
    return StreamingResponse(
        exports.stream(house.database, file),
        media_type=exports.MEDIA[file.wanted.format],
        headers={"Content-Disposition": f'attachment; filename="{file.name}"', "Cache-Control": "no-store"},
    )
