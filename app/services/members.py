"""Who belongs to a team. A leader is a member who was granted the team."""

from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import insert_new
from app.domain.roles import Permission, Role
from app.errors import Conflict, NotFound
from app.models.person import RoleGrant
from app.models.team import Team, TeamMember
from app.schemas.base import Keyset
from app.schemas.team import MemberOut
from app.services import organisations, people, teams
from app.services.access import SYSTEM, Actor, center_of
from app.services.adults import require_adult
from app.services.columns import columns
from app.services.keyset import newest_first
from app.services.scope import visible


class MemberLeads(Conflict):
    code, title = "member_leads", "此人是队长，请先免去队长"
    title_en = "The member leads the team; end that first"


async def listing(session: AsyncSession, actor: Actor, team_id: UUID, wanted: Keyset) -> list[MemberOut]:
    """Newest first; one more than `limit` when there is a next page. Raises NotFound."""
    team = await teams.get(session, actor, team_id)
    rows = select(TeamMember).where(TeamMember.team_id == team.id)
    found = list(await session.exec(newest_first(rows, TeamMember, wanted)))
    known = await people.by_id(session, (member.person_id for member in found))
    leaders = set(await session.exec(select(RoleGrant.person_id).where(RoleGrant.team_id == team.id)))
    return [
        MemberOut(
            id=member.id,
            person_id=member.person_id,
            name=known[member.person_id].name,
            phone=known[member.person_id].phone,
            leader=member.person_id in leaders,
            joined_at=member.created_at,
        )
        for member in found
    ]


async def join(session: AsyncSession, actor: Actor, team_id: UUID, person_id: UUID) -> None:
    """Once or again: the same. Raises NotFound, Forbidden, PersonUnknown, MemberNotAdult."""
    team = await teams.hold(session, actor, Permission.TEAMS_MANAGE, team_id)
    await _join(session, actor, team, person_id)


async def leave(session: AsyncSession, actor: Actor, team_id: UUID, person_id: UUID) -> None:
    """Raises NotFound (also who is no member), Forbidden, MemberLeads."""
    team = await teams.hold(session, actor, Permission.TEAMS_MANAGE, team_id)
    leads = select(RoleGrant.id).where(RoleGrant.team_id == team.id, RoleGrant.person_id == person_id)
    if (await session.exec(leads)).first() is not None:
        raise MemberLeads
    gone = await session.exec(
        delete(TeamMember)
        .where(col(TeamMember.team_id) == team.id, col(TeamMember.person_id) == person_id)
        .returning(col(TeamMember.id))
    )
    if gone.first() is None:
        raise NotFound("此人不是本队成员")


async def appoint(session: AsyncSession, actor: Actor, team_id: UUID, person_id: UUID) -> None:
    """A leader, and by that a member. Raises NotFound, Forbidden, PersonUnknown, MemberNotAdult."""
    team = await teams.hold(session, actor, Permission.GRANTS_MANAGE, team_id)
    await _join(session, actor, team, person_id)
    grant = RoleGrant(
        person_id=person_id, role=Role.TEAM_LEADER, team_id=team.id, granted_by_id=actor.person_id
    )
    await insert_new(session, grant)


async def dismiss(session: AsyncSession, actor: Actor, team_id: UUID, person_id: UUID) -> None:
    """No longer leader, still a member. Raises NotFound (also who is no leader), Forbidden."""
    team = await teams.hold(session, actor, Permission.GRANTS_MANAGE, team_id)
    gone = await session.exec(
        delete(RoleGrant)
        .where(col(RoleGrant.team_id) == team.id, col(RoleGrant.person_id) == person_id)
        .returning(col(RoleGrant.id))
    )
    if gone.first() is None:
        raise NotFound("此人不是本队队长")


async def bump_teams_of(session: AsyncSession, person_id: UUID, *also: str) -> None:
    """What is true of a person is true of the teams they belong to, in whatever centers (a woman, a language, two).

    The centers of these teams and of the paths in `also` are counted up, always in one order; first in the
    transaction, as organisations.bump asks.
    """
    theirs = visible(Team, SYSTEM).join(TeamMember, col(TeamMember.team_id) == col(Team.id))
    paths = await columns(session, theirs.where(TeamMember.person_id == person_id), Team.org_path)
    for center in sorted({center_of(path) for path in (*(row.org_path for row in paths), *also)}):
        await organisations.bump(session, center)


async def _join(session: AsyncSession, actor: Actor, team: Team, person_id: UUID) -> None:
    await require_adult(session, team, await people.within_reach(session, actor, person_id))
    await insert_new(session, TeamMember(team_id=team.id, person_id=person_id))
