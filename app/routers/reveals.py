"""揭示: who and where, whole, with a reason; and who has looked.

No Idempotency-Key: a kept answer would still show the contacts when they are closed; asking twice is harmless.
"""

from typing import Annotated, Any, Final, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from app.clock import now
from app.domain.roles import Permission
from app.errors import Forbidden
from app.models.approval import Approval
from app.problems import documented
from app.routers.auth import never_stored
from app.routers.deps import ActorDep, SessionDep
from app.routers.needs import Caller, needs
from app.routers.orders import READ
from app.schemas.base import Keyset, Page
from app.schemas.page import next_cursor
from app.schemas.reveal import ApprovalAwaited, RevealedOut, RevealIn, RevealOut, Whole
from app.services import order_contacts, revealing
from app.services.approvals import AlreadyAsked
from app.services.revealing import ORDER, ContactsClosed

router = APIRouter(prefix="/orders/{order_id}", tags=["服务"])

AWAITED = "未成年人的联系方式须经他人同意后才能查看，已代为申请"
MAY_AWAIT: Final[dict[int | str, dict[str, Any]]] = {
    202: {"model": ApprovalAwaited, "description": "须先经他人同意"}
}
Shape = TypeVar("Shape", bound=Whole)


@router.post(
    "/reveal",
    operation_id="order_reveal",
    summary="查看联系方式与地址",
    openapi_extra=needs(Permission.CONTACTS_READ, Permission.ORDERS_PLACE_FOR_STAFF),
    dependencies=[Depends(never_stored)],
    response_model=RevealedOut,
    responses={**documented(*READ, Forbidden, ContactsClosed, AlreadyAsked), **MAY_AWAIT},
)
async def reveal_order(
    session: SessionDep, actor: ActorDep, order_id: UUID, given: RevealIn, response: Response
) -> Response | RevealedOut:
    """Nothing masked: for the team from acceptance to close, for the desk while something about the order waits
    for it. The reason and who looked are kept, and whoever placed the order reads them. The contacts of a minor
    need the yes of a second person: 202, and it is asked for.
    """
    held = await order_contacts.hold(session, actor, order_id)
    found = await revealing.reveal(session, actor, held, given.reason, now())
    return told(found, RevealedOut, response)


@router.get(
    "/reveals",
    operation_id="order_reveals_list",
    summary="谁看过联系方式",
    openapi_extra=needs(Caller.SIGNED_IN, Permission.AUDIT_READ),
    responses=documented(*READ, Forbidden),
)
async def list_order_reveals(
    session: SessionDep, actor: ActorDep, order_id: UUID, wanted: Annotated[Keyset, Query()]
) -> Page[RevealOut]:
    """For whoever placed the order, and for auditors: who had the contacts shown whole, when and why."""
    return page(await revealing.listing(session, actor, ORDER, order_id, wanted), wanted)


def told(found: dict[str, Any] | Approval, shape: type[Shape], response: Response) -> Response | Shape:
    """The contacts, or that somebody is asked first."""
    if isinstance(found, Approval):
        awaited = ApprovalAwaited(approval_id=found.id, expires_at=found.expires_at, text=AWAITED)
        return Response(awaited.model_dump_json(), 202, dict(response.headers), "application/json")
    return shape.model_validate(found)


def page(rows: list[dict[str, Any]], wanted: Keyset) -> Page[RevealOut]:
    """Of `revealing.listing`."""
    found = [RevealOut.model_validate(row) for row in rows]
    return Page(items=found[: wanted.limit], next_cursor=next_cursor(found, wanted.limit))
