"""同步: what changed while there was no signal."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.errors import Invalid, Unauthenticated, Unavailable
from app.problems import documented
from app.routers.deps import ClaimsDep, HouseDep
from app.routers.needs import Caller, needs
from app.schemas.sync import SyncFilter, SyncOut
from app.services import sync
from app.services.order_views import to_json
from app.services.sync_cursor import CursorInvalid

router = APIRouter(tags=["我的"])


@router.get(
    "/sync",
    operation_id="changes_sync",
    summary="同步变化",
    openapi_extra=needs(Caller.SIGNED_IN),
    response_model=SyncOut,
    responses=documented(Unauthenticated, Invalid, CursorInvalid, Unavailable),
)
async def sync_changes(
    house: HouseDep, claims: ClaimsDep, wanted: Annotated[SyncFilter, Query()]
) -> Response:
    """Everything that changed since the `cursor` of the last answer, as far as the caller may see it; without
    `since` a first picture. One call after no signal is enough, unless it says `more`."""
    found = await sync.changes(house.database, claims, wanted.since, wanted.limit)
    return Response(to_json(found), media_type="application/json")
