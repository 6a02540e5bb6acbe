"""Volunteer teams: for their administrators, leaders and members, not for the public."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.domain.roles import Permission
from app.errors import Forbidden, Invalid, NotFound, Unauthenticated, Unavailable
from app.problems import documented
from app.routers.deps import ActorDep, SessionDep
from app.routers.keyed import KeyedRoute
from app.routers.needs import Caller, needs
from app.schemas.base import Page
from app.schemas.hours import DayIn, WeekIn
from app.schemas.page import next_cursor
from app.schemas.skill import SkillsIn
from app.schemas.team import TeamChange, TeamCreate, TeamDetail, TeamFilter, TeamSummary
from app.services import availability, teams
from app.services.adults import MemberNotAdult
from app.services.idempotency import IdempotencyMismatch
from app.services.organisations import OrgInactive

router = APIRouter(prefix="/teams", tags=["服务队"], route_class=KeyedRoute)

_CHANGING = (Unauthenticated, Forbidden, NotFound, Invalid, Unavailable)


@router.get(
    "",
    operation_id="teams_list",
    summary="服务队列表",
    openapi_extra=needs(Caller.SIGNED_IN),
    responses=documented(Unauthenticated, NotFound, Invalid, Unavailable),
)
async def list_teams(
    session: SessionDep, actor: ActorDep, wanted: Annotated[TeamFilter, Query()]
) -> Page[TeamSummary]:
    """The teams of my part of the tree, those I lead and those I belong to; newest first."""
    found = await teams.listing(session, actor, wanted)
    items = [TeamSummary.model_validate(row) for row in found[: wanted.limit]]
    return Page(items=items, next_cursor=next_cursor(found, wanted.limit))


@router.get(
    "/{team_id}",
    operation_id="team_get",
    summary="一支服务队",
    openapi_extra=needs(Caller.SIGNED_IN, Permission.TEAMS_READ),
    responses=documented(Unauthenticated, NotFound, Invalid, Unavailable),
)
async def get_team(session: SessionDep, actor: ActorDep, team_id: UUID) -> TeamDetail:
    """With its specialties, its week, and the days that differ from it."""
    return await teams.detail(session, await teams.get(session, actor, team_id))


@router.post(
    "",
    status_code=201,
    operation_id="team_create",
    summary="新建服务队",
    openapi_extra=needs(Permission.TEAMS_MANAGE),
    responses=documented(
        Unauthenticated,
        Forbidden,
        NotFound,
        teams.TeamNameTaken,
        OrgInactive,
        Invalid,
        teams.TeamTitleUnknown,
        teams.TeamAreaUnknown,
        IdempotencyMismatch,
        Unavailable,
    ),
)
async def create_team(session: SessionDep, actor: ActorDep, body: TeamCreate) -> TeamDetail:
    """Needs `teams:manage` at the organisation. A new team is never free: set its week next."""
    return await teams.detail(session, await teams.create(session, actor, body))


@router.patch(
    "/{team_id}",
    operation_id="team_update",
    summary="修改服务队",
    openapi_extra=needs(Permission.TEAMS_MANAGE),
    responses=documented(
        *_CHANGING, teams.TeamNameTaken, teams.TeamTitleUnknown, teams.TeamAreaUnknown, MemberNotAdult
    ),
)
async def update_team(session: SessionDep, actor: ActorDep, team_id: UUID, body: TeamChange) -> TeamDetail:
    """What is not sent stays. `adults_only` needs members who are all known to be adults."""
    return await teams.detail(session, await teams.change(session, actor, team_id, body.columns()))


@router.put(
    "/{team_id}/specialties",
    operation_id="team_specialties_replace",
    summary="设置服务队专长",
    openapi_extra=needs(Permission.TEAMS_MANAGE),
    responses=documented(*_CHANGING),
)
async def replace_team_specialties(
    session: SessionDep, actor: ActorDep, team_id: UUID, body: SkillsIn
) -> TeamDetail:
    """All of them at once. A specialty that needs a legal qualification needs its document's number."""
    return await teams.detail(session, await teams.set_specialties(session, actor, team_id, body.specialties))


@router.put(
    "/{team_id}/availability",
    operation_id="team_availability_replace",
    summary="设置每周空闲时间",
    openapi_extra=needs(Permission.TEAMS_SCHEDULE),
    responses=documented(*_CHANGING),
)
async def replace_team_availability(
    session: SessionDep, actor: ActorDep, team_id: UUID, body: WeekIn
) -> TeamDetail:
    """The whole week, in half hours of the center's time zone."""
    return await teams.detail(session, await availability.set_week(session, actor, team_id, body))


@router.put(
    "/{team_id}/exceptions/{day}",
    operation_id="team_exception_replace",
    summary="设置某一天的空闲时间",
    openapi_extra=needs(Permission.TEAMS_SCHEDULE),
    responses=documented(*_CHANGING, availability.DayOutOfRange),
)
async def replace_team_exception(
    session: SessionDep, actor: ActorDep, team_id: UUID, day: date, body: DayIn
) -> TeamDetail:
    """On that day the team is free at these times only, whatever the week says; `[]` is a day off."""
    return await teams.detail(session, await availability.set_day(session, actor, team_id, day, body))


@router.delete(
    "/{team_id}/exceptions/{day}",
    status_code=204,
    operation_id="team_exception_delete",
    summary="取消某一天的另设时间",
    openapi_extra=needs(Permission.TEAMS_SCHEDULE),
    responses=documented(*_CHANGING),
)
async def delete_team_exception(session: SessionDep, actor: ActorDep, team_id: UUID, day: date) -> None:
    """The week counts again on that day."""
    await availability.clear_day(session, actor, team_id, day)
