"""爽约: which teams did not come, what they say to it, and what is decided."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.domain.roles import Permission
from app.errors import Forbidden
from app.models.failing import Absence
from app.problems import documented
from app.routers.deps import ActorDep, SessionDep
from app.routers.keyed import KeyedRoute
from app.routers.needs import Caller, needs
from app.routers.orders import READ
from app.schemas.absence import AbsenceFilter, AbsenceOut, DecisionIn
from app.schemas.base import Page
from app.schemas.dispatch import ReasonIn
from app.schemas.page import next_cursor
from app.services import absences
from app.services.absences import AbsenceAppealed, AbsenceDecided
from app.services.idempotency import IdempotencyMismatch

router = APIRouter(prefix="/absences", tags=["接单"], route_class=KeyedRoute)


@router.get(
    "",
    operation_id="absences_list",
    summary="爽约记录",
    openapi_extra=needs(Caller.SIGNED_IN),
    responses=documented(*READ),
)
async def list_absences(
    session: SessionDep, actor: ActorDep, wanted: Annotated[AbsenceFilter, Query()]
) -> Page[AbsenceOut]:
    """Of the caller's teams, or for staff of their organisations; newest first."""
    found = [_shown(absence) for absence in await absences.listing(session, actor, wanted)]
    return Page(items=found[: wanted.limit], next_cursor=next_cursor(found, wanted.limit))


@router.post(
    "/{absence_id}/appeal",
    operation_id="absence_appeal",
    summary="爽约申诉",
    openapi_extra=needs(Permission.OFFERS_ANSWER),
    responses=documented(*READ, Forbidden, AbsenceAppealed, AbsenceDecided, IdempotencyMismatch),
)
async def appeal_absence(
    session: SessionDep, actor: ActorDep, absence_id: UUID, given: ReasonIn
) -> AbsenceOut:
    """The team's leader says, once, why it should not count."""
    return _shown(await absences.appeal(session, actor, absence_id, given.reason))


@router.post(
    "/{absence_id}/decide",
    operation_id="absence_decide",
    summary="裁定爽约",
    openapi_extra=needs(Permission.ORDERS_DISPATCH),
    responses=documented(*READ, Forbidden, AbsenceDecided, IdempotencyMismatch),
)
async def decide_absence(
    session: SessionDep, actor: ActorDep, absence_id: UUID, given: DecisionIn
) -> AbsenceOut:
    """A dispatcher upholds or overturns it, with a reason that the team is told."""
    return _shown(await absences.decide(session, actor, absence_id, given.overturned, given.reason))


def _shown(absence: Absence) -> AbsenceOut:
    return AbsenceOut.model_validate(absence.model_dump() | {"by_clock": absence.marked_by_id is None})
