"""Who belongs to a team and who leads it."""

from uuid import UUID

from fastapi import APIRouter

from app.domain.roles import Permission
from app.errors import Forbidden, Invalid, NotFound, Unauthenticated, Unavailable
from app.problems import documented
from app.routers.deps import ActorDep, PageDep, SessionDep
from app.routers.keyed import KeyedRoute
from app.routers.needs import Caller, needs
from app.schemas.base import Page
from app.schemas.page import next_cursor
from app.schemas.team import MemberOut
from app.services import members
from app.services.adults import MemberNotAdult
from app.services.people import PersonUnknown

router = APIRouter(prefix="/teams/{team_id}", tags=["服务队"], route_class=KeyedRoute)

_CHANGING = (Unauthenticated, Forbidden, NotFound, Invalid, Unavailable)


@router.get(
    "/members",
    operation_id="team_members_list",
    summary="队员名单",
    openapi_extra=needs(Caller.SIGNED_IN, Permission.TEAMS_READ),
    responses=documented(Unauthenticated, NotFound, Invalid, Unavailable),
)
async def list_team_members(
    session: SessionDep, actor: ActorDep, team_id: UUID, wanted: PageDep
) -> Page[MemberOut]:
    """For who may see the team. Phone numbers are masked."""
    found = await members.listing(session, actor, team_id, wanted)
    return Page(items=found[: wanted.limit], next_cursor=next_cursor(found, wanted.limit))


@router.put(
    "/members/{person_id}",
    status_code=204,
    operation_id="team_member_add",
    summary="加入队员",
    openapi_extra=needs(Permission.TEAMS_MANAGE),
    responses=documented(*_CHANGING, PersonUnknown, MemberNotAdult),
)
async def add_team_member(session: SessionDep, actor: ActorDep, team_id: UUID, person_id: UUID) -> None:
    """Once or again: the same. Needs `teams:manage`; an adults-only team needs a known date of birth."""
    await members.join(session, actor, team_id, person_id)


@router.delete(
    "/members/{person_id}",
    status_code=204,
    operation_id="team_member_remove",
    summary="移出队员",
    openapi_extra=needs(Permission.TEAMS_MANAGE),
    responses=documented(*_CHANGING, members.MemberLeads),
)
async def remove_team_member(session: SessionDep, actor: ActorDep, team_id: UUID, person_id: UUID) -> None:
    """A leader is dismissed first."""
    await members.leave(session, actor, team_id, person_id)


@router.put(
    "/leaders/{person_id}",
    status_code=204,
    operation_id="team_leader_appoint",
    summary="任命队长",
    openapi_extra=needs(Permission.GRANTS_MANAGE),
    responses=documented(*_CHANGING, PersonUnknown, MemberNotAdult),
)
async def appoint_team_leader(session: SessionDep, actor: ActorDep, team_id: UUID, person_id: UUID) -> None:
    """Grants the team to this person, who becomes a member by it. Needs `grants:manage`."""
    await members.appoint(session, actor, team_id, person_id)


@router.delete(
    "/leaders/{person_id}",
    status_code=204,
    operation_id="team_leader_dismiss",
    summary="免去队长",
    openapi_extra=needs(Permission.GRANTS_MANAGE),
    responses=documented(*_CHANGING),
)
async def dismiss_team_leader(session: SessionDep, actor: ActorDep, team_id: UUID, person_id: UUID) -> None:
    """Takes the grant back at once; the person stays a member."""
    await members.dismiss(session, actor, team_id, person_id)
