"""回访: whom somebody has yet to ask how it was."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.clock import now
from app.domain.roles import Permission
from app.models.failing import FollowUp
from app.problems import documented
from app.routers.deps import ActorDep, SessionDep
from app.routers.keyed import KeyedRoute
from app.routers.needs import Caller, needs
from app.routers.orders import MOVE, READ
from app.schemas.base import Page
from app.schemas.follow_up import FollowUpFilter, FollowUpIn, FollowUpOut
from app.schemas.page import next_cursor
from app.services import follow_ups
from app.services.follow_ups import FollowUpDone

router = APIRouter(prefix="/follow-ups", tags=["派单"], route_class=KeyedRoute)


@router.get(
    "",
    operation_id="follow_ups_list",
    summary="回访清单",
    openapi_extra=needs(Caller.SIGNED_IN),
    responses=documented(*READ),
)
async def list_follow_ups(
    session: SessionDep, actor: ActorDep, wanted: Annotated[FollowUpFilter, Query()]
) -> Page[FollowUpOut]:
    """Every order placed for another, and every one with a low rating, once it is closed; newest first."""
    found = [_shown(one) for one in await follow_ups.listing(session, actor, wanted)]
    return Page(items=found[: wanted.limit], next_cursor=next_cursor(found, wanted.limit))


@router.post(
    "/{follow_up_id}/record",
    operation_id="follow_up_record",
    summary="记录回访",
    openapi_extra=needs(Permission.ORDERS_FOLLOW_UP),
    responses=documented(*MOVE, FollowUpDone),
)
async def record_follow_up(
    session: SessionDep, actor: ActorDep, follow_up_id: UUID, given: FollowUpIn
) -> FollowUpOut:
    """What they said; who is not satisfied has complained by it."""
    recorded = await follow_ups.record(session, actor, follow_up_id, given.way, given.satisfied, given.note)
    return _shown(recorded)


def _shown(one: FollowUp) -> FollowUpOut:
    overdue = one.done_at is None and one.due_at < now()
    return FollowUpOut.model_validate(one.model_dump() | {"overdue": overdue})
