"""What I should know: notices of orders that concern me."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.clock import now
from app.errors import Invalid, NotFound, Unauthenticated, Unavailable
from app.problems import documented
from app.routers.deps import ActorDep, SessionDep
from app.routers.keyed import KeyedRoute
from app.routers.needs import Caller, needs
from app.schemas.base import Page
from app.schemas.inbox import InboxFilter, NoticeOut
from app.schemas.page import next_cursor
from app.services import inbox
from app.services.idempotency import IdempotencyMismatch

router = APIRouter(prefix="/me/inbox", tags=["我的"], route_class=KeyedRoute)


@router.get(
    "",
    operation_id="notices_list",
    summary="我的消息",
    openapi_extra=needs(Caller.SIGNED_IN),
    responses=documented(Unauthenticated, Invalid, Unavailable),
)
async def list_notices(
    session: SessionDep, actor: ActorDep, wanted: Annotated[InboxFilter, Query()]
) -> Page[NoticeOut]:
    """Notices for me, and those for whoever is on duty where I dispatch; newest first."""
    found = await inbox.listing(session, actor, wanted, now())
    return Page(items=found[: wanted.limit], next_cursor=next_cursor(found, wanted.limit))


@router.post(
    "/{notice_id}/read",
    operation_id="notice_read",
    summary="消息已读",
    openapi_extra=needs(Caller.SIGNED_IN),
    responses=documented(Unauthenticated, NotFound, Invalid, IdempotencyMismatch, Unavailable),
)
async def read_notice(session: SessionDep, actor: ActorDep, notice_id: UUID) -> NoticeOut:
    """Marks it as read; one for the whole desk is then read for all of the desk."""
    return await inbox.read(session, actor, notice_id, now())
