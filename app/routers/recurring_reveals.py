"""揭示 of a series: who and where, whole, for the desk that decides about it; and who has looked."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from app.clock import now
from app.domain.roles import Permission
from app.errors import Forbidden
from app.problems import documented
from app.routers.auth import never_stored
from app.routers.deps import ActorDep, SessionDep
from app.routers.needs import Caller, needs
from app.routers.orders import READ
from app.routers.reveals import MAY_AWAIT, page, told
from app.schemas.base import Keyset, Page
from app.schemas.reveal import RevealIn, RevealOut, SeriesRevealedOut
from app.services import recurring_contacts, revealing
from app.services.approvals import AlreadyAsked
from app.services.recurring_contacts import SeriesContactsClosed
from app.services.revealing import SERIES

router = APIRouter(prefix="/recurring-orders/{recurring_id}", tags=["点单"])
"""No Idempotency-Key, as with an order (reveals.py)."""


@router.post(
    "/reveal",
    operation_id="recurring_order_reveal",
    summary="查看长期点单的联系方式与地址",
    openapi_extra=needs(Permission.CONTACTS_READ, Permission.ORDERS_PLACE_FOR_STAFF),
    dependencies=[Depends(never_stored)],
    response_model=SeriesRevealedOut,
    responses={**documented(*READ, Forbidden, SeriesContactsClosed, AlreadyAsked), **MAY_AWAIT},
)
async def reveal_recurring_order(
    session: SessionDep, actor: ActorDep, recurring_id: UUID, given: RevealIn, response: Response
) -> Response | SeriesRevealedOut:
    """Nothing masked: for the desk that decides about the series, or calls about it while it runs. The rest is as
    with an order; who goes there asks for each order.
    """
    held = await recurring_contacts.hold(session, actor, recurring_id)
    found = await revealing.reveal(session, actor, held, given.reason, now())
    return told(found, SeriesRevealedOut, response)


@router.get(
    "/reveals",
    operation_id="recurring_order_reveals_list",
    summary="谁看过长期点单的联系方式",
    openapi_extra=needs(Caller.SIGNED_IN, Permission.AUDIT_READ),
    responses=documented(*READ, Forbidden),
)
async def list_recurring_order_reveals(
    session: SessionDep, actor: ActorDep, recurring_id: UUID, wanted: Annotated[Keyset, Query()]
) -> Page[RevealOut]:
    """For whoever asked for the series, and for auditors: who had its contacts shown whole, when and why."""
    return page(await revealing.listing(session, actor, SERIES, recurring_id, wanted), wanted)
