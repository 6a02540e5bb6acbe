"""Teams and what is fixed about them; when they are free is in availability.py, who belongs in members.py."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import exists
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.roles import Permission
from app.errors import Conflict, Invalid, NotFound
from app.models.organisation import Organisation
from app.models.team import Team, TeamException, TeamSpecialty
from app.schemas.hours import day_out, week_out
from app.schemas.place import in_columns
from app.schemas.skill import SkillIn
from app.schemas.team import ExceptionOut, TeamCreate, TeamDetail, TeamFilter, TeamSummary
from app.services import organisations, skills
from app.services.access import SYSTEM, Actor, center_of, require_for
from app.services.adults import require_all_adults
from app.services.columns import columns
from app.services.keyset import newest_first
from app.services.policies import policy_at, today_at
from app.services.scope import visible
from app.services.unique import insert_unique, update_unique


class TeamNameTaken(Conflict):
    code, title = "team_name_taken", "该组织已有同名的服务队"
    title_en = "The organisation has a team of this name already"


class TeamTitleUnknown(Invalid):
    code, title = "team_title_unknown", "本地没有这个队伍称谓"
    title_en = "The place has no such title for a team"


class TeamAreaUnknown(Invalid):
    code, title = "team_area_unknown", "服务区域须是本中心的组织"
    title_en = "The team's areas have to be organisations of its center"


async def get(session: AsyncSession, actor: Actor, team_id: UUID) -> Team:
    """The team, if it exists for this actor. Raises NotFound."""
    team = (await session.exec(visible(Team, actor).where(col(Team.id) == team_id))).one_or_none()
    if team is None:
        raise NotFound("没有这支服务队")
    return team


async def names(session: AsyncSession, ids: Iterable[UUID], within: str = "/") -> dict[UUID, str]:
    """What the teams are called, for who was led to them already; none from outside the path `within`."""
    found = visible(Team, SYSTEM).where(col(Team.id).in_(ids), col(Team.org_path).startswith(within))
    return {team.id: team.name for team in await columns(session, found, Team.id, Team.name)}


async def hold(session: AsyncSession, actor: Actor, permission: Permission, team_id: UUID) -> Team:
    """The team as it is once the center is held for a change. Raises NotFound, Forbidden."""
    team = await get(session, actor, team_id)
    require_for(actor, permission, team)
    await organisations.bump(session, team.org_path)
    await session.refresh(team)
    return team


async def listing(session: AsyncSession, actor: Actor, wanted: TeamFilter) -> list[Team]:
    """Newest first; one more than `limit` when there is a next page. Raises NotFound (`within`)."""
    rows = visible(Team, actor)
    if wanted.within is not None:
        place = await organisations.get(session, wanted.within)
        rows = rows.where(col(Team.org_path).startswith(place.path))
    if wanted.kind is not None:
        rows = rows.where(col(Team.kind) == wanted.kind)
    if wanted.name is not None:
        rows = rows.where(col(Team.name).istartswith(wanted.name, autoescape=True))
    if wanted.active is not None:
        rows = rows.where(col(Team.active) == wanted.active)
    if wanted.specialty is not None:
        holds = exists().where(
            col(TeamSpecialty.team_id) == Team.id, col(TeamSpecialty.specialty) == wanted.specialty
        )
        rows = rows.where(holds)
    return list(await session.exec(newest_first(rows, Team, wanted)))


async def detail(session: AsyncSession, team: Team) -> TeamDetail:
    """The team with its specialties, its week, and its exceptions of today and later."""
    today = await today_at(session, team.org_path)
    dated = (
        select(TeamException)
        .where(TeamException.team_id == team.id, col(TeamException.day) >= today)
        .order_by(col(TeamException.day))
    )
    return TeamDetail(
        **TeamSummary.model_validate(team).model_dump(),
        address=team.address,
        area_ids=[UUID(area) for area in team.area_ids],
        travel=team.travel,
        lends=team.lends,
        insured_until=team.insured_until,
        specialties=await skills.of(session, TeamSpecialty, team.id),
        weekly=week_out(team.weekly),
        exceptions=[ExceptionOut(day=row.day, free=day_out(row.free)) for row in await session.exec(dated)],
    )


async def create(session: AsyncSession, actor: Actor, new: TeamCreate) -> Team:
    """Raises NotFound, Forbidden, OrgInactive, TeamTitleUnknown, TeamAreaUnknown, TeamNameTaken."""
    place = await organisations.reach(session, actor, Permission.TEAMS_MANAGE, new.organisation_id)
    await organisations.bump(session, place.path)
    await session.refresh(place)
    if not place.active:
        raise organisations.OrgInactive
    await _check_title(session, place.path, new.title)
    columns = in_columns(dict(new)) | {"area_ids": await _areas(session, place.path, new.area_ids)}
    return await insert_unique(session, Team(**columns, org_path=place.path), TeamNameTaken)


async def change(session: AsyncSession, actor: Actor, team_id: UUID, columns: dict[str, Any]) -> Team:
    """Raises NotFound, Forbidden, TeamTitleUnknown, TeamAreaUnknown, MemberNotAdult (`adults_only`),
    TeamNameTaken.
    """
    team = await hold(session, actor, Permission.TEAMS_MANAGE, team_id)
    if "title" in columns:
        await _check_title(session, team.org_path, columns["title"])
    if "area_ids" in columns:
        columns = columns | {"area_ids": await _areas(session, team.org_path, columns["area_ids"])}
    if columns.get("adults_only"):
        await require_all_adults(session, team.id, team.org_path)
    return await update_unique(session, team, columns, TeamNameTaken)


async def set_specialties(session: AsyncSession, actor: Actor, team_id: UUID, held: list[SkillIn]) -> Team:
    """Raises NotFound, Forbidden."""
    team = await hold(session, actor, Permission.TEAMS_MANAGE, team_id)
    await skills.replace(session, TeamSpecialty, team.id, held)
    return team


async def _check_title(session: AsyncSession, org_path: str, title: str) -> None:
    if title and title not in (titles := (await policy_at(session, org_path)).team_titles):
        raise TeamTitleUnknown(f"可用的称谓：{'、'.join(titles)}")


async def _areas(session: AsyncSession, org_path: str, wanted: Sequence[UUID]) -> list[str]:
    """As the row keeps them."""
    known = select(Organisation.id).where(
        col(Organisation.id).in_(wanted), col(Organisation.path).startswith(center_of(org_path))
    )
    if len((await session.exec(known)).all()) != len(wanted):
        raise TeamAreaUnknown
    return [str(area) for area in wanted]
