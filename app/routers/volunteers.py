"""Registered volunteers."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.domain.roles import Permission
from app.errors import Forbidden, Invalid, NotFound, Unauthenticated, Unavailable
from app.problems import documented
from app.routers.deps import ActorDep, SessionDep
from app.routers.keyed import KeyedRoute
from app.routers.needs import Caller, needs
from app.routers.trail import RECORDED
from app.schemas.base import Page
from app.schemas.page import next_cursor
from app.schemas.skill import SkillsIn
from app.schemas.volunteer import (
    VolunteerChange,
    VolunteerCreate,
    VolunteerDetail,
    VolunteerFilter,
    VolunteerSummary,
)
from app.services import volunteers
from app.services.adults import TooYoung
from app.services.idempotency import IdempotencyMismatch
from app.services.people import PersonUnknown

router = APIRouter(prefix="/volunteers", tags=["人员"], route_class=KeyedRoute)

_CHANGING = (Unauthenticated, Forbidden, NotFound, Invalid, Unavailable)


@router.get(
    "",
    operation_id="volunteers_list",
    summary="志愿者名册",
    openapi_extra=needs(Caller.SIGNED_IN) | RECORDED,
    responses=documented(Unauthenticated, NotFound, Invalid, Unavailable),
)
async def list_volunteers(
    session: SessionDep, actor: ActorDep, wanted: Annotated[VolunteerFilter, Query()]
) -> Page[VolunteerSummary]:
    """Those of my part of the tree or of the teams I lead, and myself; phone numbers are masked."""
    found = await volunteers.listing(session, actor, wanted)
    return Page(items=found[: wanted.limit], next_cursor=next_cursor(found, wanted.limit))


@router.get(
    "/{volunteer_id}",
    operation_id="volunteer_get",
    summary="一名志愿者",
    openapi_extra=needs(Caller.SIGNED_IN, Permission.PEOPLE_READ) | RECORDED,
    responses=documented(Unauthenticated, NotFound, Invalid, Unavailable),
)
async def get_volunteer(session: SessionDep, actor: ActorDep, volunteer_id: UUID) -> VolunteerDetail:
    """With specialties; numbers of documents are masked."""
    return await volunteers.detail(session, await volunteers.get(session, actor, volunteer_id))


@router.post(
    "",
    status_code=201,
    operation_id="volunteer_create",
    summary="登记志愿者",
    openapi_extra=needs(Permission.PEOPLE_MANAGE),
    responses=documented(
        Unauthenticated,
        Forbidden,
        NotFound,
        PersonUnknown,
        volunteers.AlreadyVolunteer,
        volunteers.IdNumberNeeded,
        volunteers.IdNumberMismatch,
        volunteers.IdNumberTaken,
        TooYoung,
        Invalid,
        IdempotencyMismatch,
        Unavailable,
    ),
)
async def create_volunteer(session: SessionDep, actor: ActorDep, body: VolunteerCreate) -> VolunteerDetail:
    """Registers a person, once, at an organisation where I hold `people:manage`."""
    return await volunteers.detail(session, await volunteers.register(session, actor, body))


@router.patch(
    "/{volunteer_id}",
    operation_id="volunteer_update",
    summary="修改志愿者登记",
    openapi_extra=needs(Permission.PEOPLE_MANAGE),
    responses=documented(*_CHANGING, volunteers.IdNumberMismatch, volunteers.IdNumberTaken),
)
async def update_volunteer(
    session: SessionDep, actor: ActorDep, volunteer_id: UUID, body: VolunteerChange
) -> VolunteerDetail:
    """Gender, languages, insurance, identity card, and whether they still serve; what is not sent stays."""
    changed = await volunteers.change(session, actor, volunteer_id, body.columns())
    return await volunteers.detail(session, changed)


@router.put(
    "/{volunteer_id}/specialties",
    operation_id="volunteer_specialties_replace",
    summary="设置志愿者专长",
    openapi_extra=needs(Permission.PEOPLE_MANAGE),
    responses=documented(*_CHANGING),
)
async def replace_volunteer_specialties(
    session: SessionDep, actor: ActorDep, volunteer_id: UUID, body: SkillsIn
) -> VolunteerDetail:
    """All of them at once. A specialty that needs a legal qualification needs its document's number."""
    changed = await volunteers.set_specialties(session, actor, volunteer_id, body.specialties)
    return await volunteers.detail(session, changed)
