"""The tree of organisations: read by anyone, changed by administrators."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.domain.roles import Permission
from app.errors import Forbidden, Invalid, NotFound, Unauthenticated, Unavailable
from app.models.organisation import Organisation
from app.problems import documented
from app.routers.deps import ActorDep, SessionDep
from app.routers.etag import TaggedRoute
from app.routers.needs import Caller, needs
from app.schemas.base import Page
from app.schemas.organisation import OrgChange, OrgCreate, OrgFilter, OrgOut
from app.schemas.page import next_cursor
from app.services import organisations
from app.services.idempotency import IdempotencyMismatch

router = APIRouter(prefix="/orgs", tags=["组织"], route_class=TaggedRoute)


@router.get(
    "",
    operation_id="orgs_list",
    summary="组织树",
    openapi_extra=needs(Caller.ANYBODY),
    responses=documented(NotFound, Invalid, Unavailable),
)
async def list_orgs(session: SessionDep, wanted: Annotated[OrgFilter, Query()]) -> Page[OrgOut]:
    """Flat, newest first: `parent_id` and `path` make it a tree. `within` takes one part of it."""
    found = await organisations.listing(session, wanted)
    items = [OrgOut.model_validate(row) for row in found[: wanted.limit]]
    return Page(items=items, next_cursor=next_cursor(found, wanted.limit))


@router.get(
    "/{organisation_id}",
    operation_id="org_get",
    summary="一个组织",
    openapi_extra=needs(Caller.ANYBODY),
    response_model=OrgOut,
    responses=documented(NotFound, Invalid, Unavailable),
)
async def get_org(session: SessionDep, organisation_id: UUID) -> Organisation:
    """One place of the tree, also when it is no longer active."""
    return await organisations.get(session, organisation_id)


@router.post(
    "",
    status_code=201,
    operation_id="org_create",
    summary="新设所、站、点、基地、责任部门",
    openapi_extra=needs(Permission.ORGS_MANAGE),
    response_model=OrgOut,
    responses=documented(
        Unauthenticated,
        Forbidden,
        NotFound,
        organisations.OrgCodeTaken,
        organisations.OrgInactive,
        Invalid,
        organisations.DutiesMisplaced,
        organisations.OrgLevelMisplaced,
        organisations.OrgPathTooLong,
        IdempotencyMismatch,
        Unavailable,
    ),
)
async def create_org(session: SessionDep, actor: ActorDep, body: OrgCreate) -> Organisation:
    """Needs `orgs:manage` at the parent. The code, once given, stays."""
    return await organisations.create(session, actor, body)


@router.patch(
    "/{organisation_id}",
    operation_id="org_update",
    summary="修改组织资料",
    openapi_extra=needs(Permission.ORGS_MANAGE),
    response_model=OrgOut,
    responses=documented(
        Unauthenticated, Forbidden, NotFound, Invalid, organisations.DutiesMisplaced, Unavailable
    ),
)
async def update_org(
    session: SessionDep, actor: ActorDep, organisation_id: UUID, body: OrgChange
) -> Organisation:
    """Name, address, phone, place, duties, or whether it is active; what is not sent stays. Needs `orgs:manage`."""
    return await organisations.change(session, actor, organisation_id, body.columns())
