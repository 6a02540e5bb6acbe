"""投诉: what residents are not content with, and what is answered."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.clock import now
from app.domain.roles import Permission
from app.errors import Forbidden
from app.models.failing import Complaint
from app.problems import documented
from app.routers.deps import ActorDep, SessionDep
from app.routers.keyed import KeyedRoute
from app.routers.needs import Caller, needs
from app.routers.orders import MOVE, READ
from app.schemas.base import Page
from app.schemas.complaint import AnswerIn, ComplaintFilter, ComplaintIn, ComplaintOut
from app.schemas.page import next_cursor
from app.services import complaints
from app.services.complaints import ComplaintAnswered, ComplaintOpen, ComplaintTooLate

router = APIRouter(tags=["点单"], route_class=KeyedRoute)


@router.post(
    "/orders/{order_id}/complain",
    operation_id="order_complain",
    summary="反映问题",
    openapi_extra=needs(Permission.ORDERS_COMPLAIN),
    responses=documented(*MOVE, ComplaintOpen, ComplaintTooLate),
)
async def complain_of_order(
    session: SessionDep, actor: ActorDep, order_id: UUID, given: ComplaintIn
) -> ComplaintOut:
    """Of a service that was done, one complaint at a time; the desk answers within its time."""
    return _shown(await complaints.complain(session, actor, order_id, given.reason))


@router.get(
    "/complaints",
    operation_id="complaints_list",
    summary="反映的问题",
    openapi_extra=needs(Caller.SIGNED_IN),
    responses=documented(*READ),
)
async def list_complaints(
    session: SessionDep, actor: ActorDep, wanted: Annotated[ComplaintFilter, Query()]
) -> Page[ComplaintOut]:
    """One's own, and for staff those of their organisations; newest first."""
    found = [_shown(complaint) for complaint in await complaints.listing(session, actor, wanted)]
    return Page(items=found[: wanted.limit], next_cursor=next_cursor(found, wanted.limit))


@router.post(
    "/complaints/{complaint_id}/answer",
    operation_id="complaint_answer",
    summary="答复",
    openapi_extra=needs(Permission.ORDERS_REOPEN),
    responses=documented(*MOVE, Forbidden, ComplaintAnswered),
)
async def answer_complaint(
    session: SessionDep, actor: ActorDep, complaint_id: UUID, given: AnswerIn
) -> ComplaintOut:
    """By words, or by sending the team back to work; the resident is told."""
    return _shown(await complaints.answer(session, actor, complaint_id, given.answer, given.reopen))


def _shown(complaint: Complaint) -> ComplaintOut:
    overdue = complaint.answered_at is None and complaint.due_at < now()
    return ComplaintOut.model_validate(complaint.model_dump() | {"overdue": overdue})
