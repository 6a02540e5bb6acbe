"""四眼审批: what waits for a second person, and that person's yes or no."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.clock import now
from app.domain.roles import Permission
from app.errors import Forbidden, Invalid, NotFound, Unauthenticated, Unavailable
from app.models.approval import Approval
from app.problems import documented
from app.routers.deps import ActorDep, SessionDep
from app.routers.keyed import KeyedRoute
from app.routers.needs import Caller, needs
from app.schemas.approval import ApprovalFilter, ApprovalOut, NoteIn
from app.schemas.base import Page
from app.schemas.page import next_cursor
from app.services import approval_views, approvals
from app.services.apartness import RolesApart
from app.services.grants import AlreadyGranted
from app.services.idempotency import IdempotencyMismatch
from app.services.people import PersonUnknown

router = APIRouter(prefix="/approvals", tags=["审批"], route_class=KeyedRoute)

READ = (Unauthenticated, NotFound, Invalid, Unavailable)
DECIDE = (*READ, Forbidden, approvals.NotYours, approvals.Decided, IdempotencyMismatch)
DEED = (approvals.AskerGone, PersonUnknown, AlreadyGranted, RolesApart)
_DECIDERS = (Permission.GRANTS_APPROVE, Permission.EXPORTS_APPROVE, Permission.MINORS_APPROVE)


@router.get(
    "",
    operation_id="approvals_list",
    summary="审批列表",
    openapi_extra=needs(Caller.SIGNED_IN),
    responses=documented(Unauthenticated, Invalid, Unavailable),
)
async def list_approvals(
    session: SessionDep, actor: ActorDep, wanted: Annotated[ApprovalFilter, Query()]
) -> Page[ApprovalOut]:
    """What I asked for, and what is mine to decide; newest first."""
    found = await approvals.listing(session, actor, wanted)
    items = await approval_views.shown(session, found[: wanted.limit])
    return Page(items=items, next_cursor=next_cursor(found, wanted.limit))


@router.get(
    "/{approval_id}",
    operation_id="approval_get",
    summary="审批详情",
    openapi_extra=needs(Caller.SIGNED_IN, *_DECIDERS),
    responses=documented(*READ),
)
async def get_approval(session: SessionDep, actor: ActorDep, approval_id: UUID) -> ApprovalOut:
    """One that I asked for, or that is mine to decide."""
    return await _shown(session, await approvals.get(session, actor, approval_id))


@router.post(
    "/{approval_id}/approve",
    operation_id="approval_approve",
    summary="同意申请",
    openapi_extra=needs(*_DECIDERS),
    responses=documented(*DECIDE, *DEED),
)
async def approve(session: SessionDep, actor: ActorDep, approval_id: UUID, given: NoteIn) -> ApprovalOut:
    """A role is granted with it, looked at again as it is now; anything else may be done until it expires.

    Neither who asked nor whom it is about decides.
    """
    return await _shown(session, await approvals.decide(session, actor, approval_id, True, given.note, now()))


@router.post(
    "/{approval_id}/refuse",
    operation_id="approval_refuse",
    summary="不同意申请",
    openapi_extra=needs(*_DECIDERS),
    responses=documented(*DECIDE),
)
async def refuse(session: SessionDep, actor: ActorDep, approval_id: UUID, given: NoteIn) -> ApprovalOut:
    """It is over; who asked may ask again, with better reasons."""
    return await _shown(
        session, await approvals.decide(session, actor, approval_id, False, given.note, now())
    )


async def _shown(session: SessionDep, approval: Approval) -> ApprovalOut:
    (shown,) = await approval_views.shown(session, [approval])
    return shown
