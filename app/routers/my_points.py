"""What I have earned."""

from fastapi import APIRouter

from app.errors import Invalid, Unauthenticated, Unavailable
from app.problems import documented
from app.routers.deps import ActorDep, PageDep, SessionDep
from app.routers.needs import Caller, needs
from app.schemas.base import Page
from app.schemas.me import PointsEntryOut, PointsOut
from app.schemas.page import next_cursor
from app.services import my_ledger, my_points

router = APIRouter(prefix="/me/points", tags=["我的"])


@router.get(
    "",
    operation_id="my_points_get",
    summary="我的积分和时长",
    openapi_extra=needs(Caller.SIGNED_IN),
    responses=documented(Unauthenticated, Unavailable),
)
async def get_my_points(session: SessionDep, actor: ActorDep) -> PointsOut:
    """Points at each center, minutes of both kinds, the stars they reach and what the next one lacks."""
    return PointsOut.model_validate(await my_points.earned(session, actor))


@router.get(
    "/entries",
    operation_id="my_points_entries_list",
    summary="我的积分流水",
    openapi_extra=needs(Caller.SIGNED_IN),
    responses=documented(Unauthenticated, Invalid, Unavailable),
)
async def list_my_points_entries(
    session: SessionDep, actor: ActorDep, wanted: PageDep
) -> Page[PointsEntryOut]:
    """The lines of my ledger, newest first, each with the order that earned it."""
    found = await my_ledger.entries(session, actor, wanted)
    rows = [PointsEntryOut.model_validate(entry) for entry in found[: wanted.limit]]
    return Page(items=rows, next_cursor=next_cursor(found, wanted.limit))
