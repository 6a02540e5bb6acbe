"""People, as the staff of a center find and register them."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.clock import now
from app.domain.roles import Permission
from app.errors import Forbidden, Invalid, NotFound, Unauthenticated, Unavailable
from app.problems import documented
from app.routers.deps import ActorDep, SessionDep
from app.routers.keyed import KeyedRoute
from app.routers.needs import needs
from app.routers.trail import RECORDED
from app.schemas.base import Page
from app.schemas.page import next_cursor
from app.schemas.person import PersonFilter, PersonFound, StaffCreate, StaffOut
from app.services import people, staff
from app.services.idempotency import IdempotencyMismatch
from app.services.passwords import PasswordWeak

router = APIRouter(prefix="/people", tags=["人员"], route_class=KeyedRoute)


@router.get(
    "",
    operation_id="people_list",
    summary="查找人员",
    openapi_extra=needs(Permission.PEOPLE_READ) | RECORDED,
    responses=documented(Unauthenticated, Forbidden, Invalid, Unavailable),
)
async def list_people(
    session: SessionDep, actor: ActorDep, wanted: Annotated[PersonFilter, Query()]
) -> Page[PersonFound]:
    """By the whole phone number or the whole name, among those tied to my part of the tree by a role,
    a team, a registration or an order; by the whole number also who is tied to nothing yet."""
    found = await people.listing(session, actor, wanted)
    items = [PersonFound.model_validate(row) for row in found[: wanted.limit]]
    return Page(items=items, next_cursor=next_cursor(found, wanted.limit))


@router.post(
    "",
    status_code=201,
    operation_id="staff_create",
    summary="新增工作人员",
    openapi_extra=needs(Permission.PEOPLE_MANAGE),
    response_model=StaffOut,
    responses=documented(
        Unauthenticated,
        Forbidden,
        NotFound,
        staff.UsernameTaken,
        Invalid,
        PasswordWeak,
        IdempotencyMismatch,
        Unavailable,
    ),
)
async def create_staff(session: SessionDep, actor: ActorDep, body: StaffCreate) -> StaffOut:
    """Somebody who signs in by user name and a first password, with a first role. Needs `people:manage` and
    `grants:manage` at the organisation. A role that takes two is asked for (`approval_id`)."""
    person, approval_id = await staff.create(session, actor, body, now())
    return StaffOut.model_validate(person).model_copy(update={"approval_id": approval_id})
