"""吹哨报到: the calls that wait for a department."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.errors import Invalid, Unauthenticated, Unavailable
from app.problems import documented
from app.routers.deps import ActorDep, SessionDep
from app.routers.needs import Caller, needs
from app.schemas.base import Page
from app.schemas.page import next_cursor
from app.schemas.whistle import WhistleFilter, WhistleOut
from app.services import reporting

router = APIRouter(prefix="/whistles", tags=["派单"])


@router.get(
    "",
    operation_id="whistles_list",
    summary="吹哨与报到",
    openapi_extra=needs(Caller.SIGNED_IN),
    responses=documented(Unauthenticated, Invalid, Unavailable),
)
async def list_whistles(
    session: SessionDep, actor: ActorDep, wanted: Annotated[WhistleFilter, Query()]
) -> Page[WhistleOut]:
    """Calls to the caller's departments, and those of the orders they oversee; newest first."""
    rows = await reporting.listing(session, actor, wanted)
    found = [WhistleOut.model_validate(reporting.view(one)) for one in rows]
    return Page(items=found[: wanted.limit], next_cursor=next_cursor(found, wanted.limit))
