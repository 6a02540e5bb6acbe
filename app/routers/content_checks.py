"""内容审核: what people wrote and somebody should read first."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.domain.roles import Permission
from app.errors import Forbidden
from app.problems import documented
from app.routers.deps import ActorDep, SessionDep
from app.routers.keyed import KeyedRoute
from app.routers.needs import Caller, needs
from app.routers.orders import MOVE, READ
from app.schemas.base import Page
from app.schemas.content import ContentCheckOut, ContentDecisionIn, ContentFilter
from app.schemas.page import next_cursor
from app.services import content_reviewing
from app.services.content_reviewing import ContentDecided

router = APIRouter(prefix="/content-checks", tags=["派单"], route_class=KeyedRoute)


@router.get(
    "",
    operation_id="content_checks_list",
    summary="待查看的内容",
    openapi_extra=needs(Caller.SIGNED_IN),
    responses=documented(*READ),
)
async def list_content_checks(
    session: SessionDep, actor: ActorDep, wanted: Annotated[ContentFilter, Query()]
) -> Page[ContentCheckOut]:
    """Of the caller's organisations, newest first; `state=held` are those that wait for a person."""
    found = await content_reviewing.listing(session, actor, wanted)
    items = [ContentCheckOut.model_validate(one) for one in found]
    return Page(items=items[: wanted.limit], next_cursor=next_cursor(items, wanted.limit))


@router.post(
    "/{check_id}/clear",
    operation_id="content_check_clear",
    summary="放行内容",
    openapi_extra=needs(Permission.CONTENT_REVIEW),
    responses=documented(*MOVE, Forbidden, ContentDecided),
)
async def clear_content(
    session: SessionDep, actor: ActorDep, check_id: UUID, given: ContentDecisionIn
) -> ContentCheckOut:
    """It may stand. An order that its place approves by itself is approved with it."""
    return ContentCheckOut.model_validate(await content_reviewing.clear(session, actor, check_id, given.note))


@router.post(
    "/{check_id}/refuse",
    operation_id="content_check_refuse",
    summary="不予显示",
    openapi_extra=needs(Permission.CONTENT_REVIEW),
    responses=documented(*MOVE, Forbidden, ContentDecided),
)
async def refuse_content(
    session: SessionDep, actor: ActorDep, check_id: UUID, given: ContentDecisionIn
) -> ContentCheckOut:
    """It may not stand, and whoever wrote it is told why. An order that waits is rejected."""
    return ContentCheckOut.model_validate(
        await content_reviewing.refuse(session, actor, check_id, given.note)
    )
