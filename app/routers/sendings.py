"""通道: what became of the messages that left the house."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.errors import Invalid, Unauthenticated, Unavailable
from app.problems import documented
from app.routers.deps import ActorDep, SessionDep
from app.routers.needs import Caller, needs
from app.schemas.base import Page
from app.schemas.page import next_cursor
from app.schemas.sending import SendingFilter, SendingOut
from app.services import sendings

router = APIRouter(prefix="/sendings", tags=["通道"])


@router.get(
    "",
    operation_id="sendings_list",
    summary="消息发送记录",
    openapi_extra=needs(Caller.SIGNED_IN),
    responses=documented(Unauthenticated, Invalid, Unavailable),
)
async def list_sendings(
    session: SessionDep, actor: ActorDep, wanted: Annotated[SendingFilter, Query()]
) -> Page[SendingOut]:
    """Attempts to send notices of orders in the caller's places, newest first; `outcome=failed` is what nobody will
    try again. Needs `channels:manage` there; who does not hold it sees none."""
    found = await sendings.listing(session, actor, wanted)
    items = [SendingOut.model_validate(row) for row in found[: wanted.limit]]
    return Page(items=items, next_cursor=next_cursor(found, wanted.limit))
