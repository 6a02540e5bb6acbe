"""Roles given and taken back; both bite within one request."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.clock import now
from app.domain.roles import Permission
from app.errors import Forbidden, Invalid, NotFound, Unauthenticated, Unavailable
from app.models.approval import Approval
from app.problems import documented
from app.routers.deps import ActorDep, SessionDep
from app.routers.keyed import KeyedRoute
from app.routers.needs import needs
from app.schemas.approval import ApprovalOut
from app.schemas.base import Page
from app.schemas.grant import GrantCreate, GrantFilter, GrantOut
from app.schemas.page import next_cursor
from app.services import approval_views, granting, grants
from app.services.apartness import RolesApart
from app.services.approvals import AlreadyAsked
from app.services.idempotency import IdempotencyMismatch
from app.services.people import PersonUnknown

router = APIRouter(prefix="/grants", tags=["授权"], route_class=KeyedRoute)


@router.get(
    "",
    operation_id="grants_list",
    summary="授权列表",
    openapi_extra=needs(Permission.GRANTS_MANAGE),
    responses=documented(Unauthenticated, Forbidden, Invalid, Unavailable),
)
async def list_grants(
    session: SessionDep, actor: ActorDep, wanted: Annotated[GrantFilter, Query()]
) -> Page[GrantOut]:
    """Every role held at or below an organisation where I hold `grants:manage`, leaders among them."""
    found = await grants.listing(session, actor, wanted)
    items = await grants.shown(session, found[: wanted.limit])
    return Page(items=items, next_cursor=next_cursor(found, wanted.limit))


@router.post(
    "",
    status_code=201,
    operation_id="grant_create",
    summary="授予角色",
    openapi_extra=needs(Permission.GRANTS_MANAGE),
    response_model=GrantOut,
    responses={
        202: {"model": ApprovalOut, "description": "该角色须经他人同意，申请已提交"},
        **documented(
            Unauthenticated,
            Forbidden,
            NotFound,
            PersonUnknown,
            grants.AlreadyGranted,
            RolesApart,
            AlreadyAsked,
            Invalid,
            IdempotencyMismatch,
            Unavailable,
        ),
    },
)
async def create_grant(session: SessionDep, actor: ActorDep, body: GrantCreate) -> Any:
    """At my own organisation or below it. Leaders are appointed with `PUT teams/{id}/leaders/{person}`.

    A role that rules over others (by the place's policy) is asked for instead: 202, and a second person decides.
    """
    made = await granting.create(session, actor, body, now())
    if isinstance(made, Approval):
        (asked,) = await approval_views.shown(session, [made])
        return Response(asked.model_dump_json(), 202, media_type="application/json")
    (shown,) = await grants.shown(session, [made])
    return shown


@router.delete(
    "/{grant_id}",
    status_code=204,
    operation_id="grant_delete",
    summary="收回角色",
    openapi_extra=needs(Permission.GRANTS_MANAGE),
    responses=documented(
        Unauthenticated, Forbidden, NotFound, grants.LastAdmin, grants.LastSecurityAdmin, Invalid, Unavailable
    ),
)
async def delete_grant(session: SessionDep, actor: ActorDep, grant_id: UUID) -> None:
    """Takes a role back; that needs nobody. The last administrator of a center stays, and who keeps it secure."""
    await grants.revoke(session, actor, grant_id)
