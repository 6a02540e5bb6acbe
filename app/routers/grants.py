"""Roles given and taken back; both bite within one request."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.domain.roles import Permission
from app.errors import Forbidden, Invalid, NotFound, Unauthenticated, Unavailable
from app.problems import documented
from app.routers.deps import ActorDep, SessionDep
from app.routers.keyed import KeyedRoute
from app.routers.needs import needs
from app.schemas.base import Page
from app.schemas.grant import GrantCreate, GrantFilter, GrantOut
from app.schemas.page import next_cursor
from app.services import grants
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
    responses=documented(
        Unauthenticated,
        Forbidden,
        NotFound,
        PersonUnknown,
        grants.AlreadyGranted,
        Invalid,
        IdempotencyMismatch,
        Unavailable,
    ),
)
async def create_grant(session: SessionDep, actor: ActorDep, body: GrantCreate) -> GrantOut:
    """At my own organisation or below it. Leaders are appointed with `PUT teams/{id}/leaders/{person}`."""
    (shown,) = await grants.shown(session, [await grants.create(session, actor, body)])
    return shown


@router.delete(
    "/{grant_id}",
    status_code=204,
    operation_id="grant_delete",
    summary="收回角色",
    openapi_extra=needs(Permission.GRANTS_MANAGE),
    responses=documented(Unauthenticated, Forbidden, NotFound, grants.LastAdmin, Invalid, Unavailable),
)
async def delete_grant(session: SessionDep, actor: ActorDep, grant_id: UUID) -> None:
    """Takes a role back. The last administrator of a center stays."""
    await grants.revoke(session, actor, grant_id)
