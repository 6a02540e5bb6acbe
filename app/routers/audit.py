"""安全审计: who did what, when, from where, with what result; for auditors, who may do nothing else."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.domain.roles import Permission
from app.errors import Forbidden, Invalid, Unauthenticated, Unavailable
from app.problems import documented
from app.routers.deps import ActorDep, SessionDep
from app.routers.needs import needs
from app.routers.trail import RECORDED
from app.schemas.audit import AuditChainOut, AuditEntryOut, AuditFilter
from app.schemas.base import Page
from app.schemas.page import next_cursor
from app.services import audit_reading

router = APIRouter(tags=["审计"])


@router.get(
    "/audit-entries",
    operation_id="audit_entries_list",
    summary="审计记录",
    openapi_extra=needs(Permission.AUDIT_READ) | RECORDED,
    responses=documented(Unauthenticated, Forbidden, Invalid, Unavailable),
)
async def list_audit_entries(
    session: SessionDep, actor: ActorDep, wanted: Annotated[AuditFilter, Query()]
) -> Page[AuditEntryOut]:
    """Of my places, newest first; that I read them is an entry, too. As a file: `POST exports`."""
    found = await audit_reading.listing(session, actor, wanted)
    return Page(items=found[: wanted.limit], next_cursor=next_cursor(found, wanted.limit))


@router.get(
    "/audit-chain",
    operation_id="audit_chain_get",
    summary="审计链是否完好",
    openapi_extra=needs(Permission.AUDIT_READ),
    responses=documented(Unauthenticated, Forbidden, Invalid, Unavailable),
)
async def get_audit_chain(session: SessionDep, actor: ActorDep) -> AuditChainOut:
    """The newest link and whether the newest entries fit it; `sidan verify` checks every one."""
    return await audit_reading.chain(session, actor)
