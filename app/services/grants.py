"""Who may give which role to whom, and take it away again.

An administrator gives roles at the own organisation and below it. Roles that follow from what somebody did
are not given, a leader is appointed in the team (members.py), and a center never loses its last administrator.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.roles import APART, Permission, Role
from app.errors import Conflict, Forbidden, NotFound
from app.models.organisation import Organisation, OrgLevel
from app.models.person import Person, RoleGrant
from app.models.team import Team
from app.schemas.grant import GrantFilter, GrantOut
from app.services import auditing, organisations, people
from app.services.access import Actor, ancestors, below, role_at
from app.services.apartness import RolesApart, holds_another, insert_apart
from app.services.keyset import newest_first
from app.services.unique import insert_unique

NO_GRANT = "没有这项授权"


class AlreadyGranted(Conflict):
    code, title = "already_granted", "此人已有这个角色"
    title_en = "The person holds this role there already"


class LastAdmin(Conflict):
    code, title = "last_admin", "中心至少要保留一名管理员"
    title_en = "A center keeps at least one administrator"


class LastSecurityAdmin(Conflict):
    """Without one the next would be given by one person alone (granting.py)."""

    code, title = "last_security_admin", "至少要保留一名安全管理员，请先授予另一人"
    title_en = "A place keeps at least one security administrator"


async def listing(session: AsyncSession, actor: Actor, wanted: GrantFilter) -> list[RoleGrant]:
    """Newest first; one more than `limit` when there is a next page. Raises Forbidden."""
    paths = actor.paths(Permission.GRANTS_MANAGE)
    if not paths:
        raise Forbidden
    rows = (
        select(RoleGrant)
        .outerjoin(Organisation, col(Organisation.id) == RoleGrant.organisation_id)
        .outerjoin(Team, col(Team.id) == RoleGrant.team_id)
        .where(or_(below(Organisation.path, paths), below(Team.org_path, paths)))
    )
    for name, value in wanted.model_dump(exclude={"cursor", "limit"}, exclude_none=True).items():
        rows = rows.where(col(getattr(RoleGrant, name)) == value)
    return list(await session.exec(newest_first(rows, RoleGrant, wanted)))


async def require_grantable(session: AsyncSession, person_id: UUID, role: Role, place: Organisation) -> None:
    """Before a role is asked for: what would be refused in the end is refused now. Raises AlreadyGranted,
    RolesApart.
    """
    there = select(RoleGrant.id).where(
        col(RoleGrant.person_id) == person_id,
        col(RoleGrant.role) == role,
        col(RoleGrant.organisation_id) == place.id,
    )
    if (await session.exec(there)).first() is not None:
        raise AlreadyGranted
    apart = exists().where(col(Person.id) == person_id, holds_another(person_id, role, place.path))
    if role in APART and (await session.exec(select(apart))).one():
        raise RolesApart


async def give(
    session: AsyncSession, actor: Actor, person_id: UUID, role: Role, place: Organisation
) -> RoleGrant:
    """For callers who know that `place` is within the actor's reach. Raises AlreadyGranted, RolesApart."""
    grant = RoleGrant(person_id=person_id, role=role, organisation_id=place.id, granted_by_id=actor.person_id)
    told = {"person_id": str(person_id), "role": role.value, "organisation_id": str(place.id)}
    auditing.about(session, "grant", grant.id, **told)
    if role not in APART:
        return await insert_unique(session, grant, AlreadyGranted)
    await organisations.bump(session, place.path)
    if not await insert_apart(session, grant, place.path):
        await require_grantable(session, person_id, role, place)
        raise RolesApart
    return grant


async def shown(session: AsyncSession, rows: Sequence[RoleGrant]) -> list[GrantOut]:
    """The same grants with the names of their people."""
    known = await people.by_id(session, (row.person_id for row in rows))
    return [GrantOut(**row.model_dump(), person_name=known[row.person_id].name) for row in rows]


async def revoke(session: AsyncSession, actor: Actor, grant_id: UUID) -> None:
    """Raises NotFound (also of a grant that the actor does not manage), LastAdmin, LastSecurityAdmin.

    The bump makes two revocations of one center wait for each other, and the condition of the DELETE, read
    after the wait, keeps the last of them from going through.
    """
    path = await _path_of(session, grant_id)
    if role_at(actor, Permission.GRANTS_MANAGE, path) is None:
        raise NotFound(NO_GRANT)
    await organisations.bump(session, path)
    gone = await session.exec(
        delete(RoleGrant)
        .where(col(RoleGrant.id) == grant_id, ~_is_last_admin(), ~_is_last_security_admin(path))
        .returning(col(RoleGrant.person_id), col(RoleGrant.role))
        .execution_options(synchronize_session=False)
    )
    if (was := gone.first()) is None:
        await _path_of(session, grant_id)
        kept = await session.get(RoleGrant, grant_id)
        raise LastSecurityAdmin if kept and kept.role is Role.SECURITY_ADMIN else LastAdmin
    auditing.about(session, "grant", grant_id, person_id=str(was.person_id), role=was.role)


async def _path_of(session: AsyncSession, grant_id: UUID) -> str:
    """Where the grant holds; through the team for a leader. Raises NotFound."""
    found = await session.exec(
        select(Organisation.path)
        .select_from(RoleGrant)
        .outerjoin(Team, col(Team.id) == RoleGrant.team_id)
        .join(
            Organisation,
            or_(
                col(Organisation.id) == RoleGrant.organisation_id,
                col(Organisation.id) == Team.organisation_id,
            ),
        )
        .where(RoleGrant.id == grant_id)
    )
    path = found.first()
    if path is None:
        raise NotFound(NO_GRANT)
    return path


def _is_last_admin() -> ColumnElement[bool]:
    other = aliased(RoleGrant)
    at_a_center = exists().where(
        col(Organisation.id) == RoleGrant.organisation_id, col(Organisation.level) == OrgLevel.CENTER
    )
    another = exists().where(
        col(other.role) == Role.ORG_ADMIN,
        col(other.organisation_id) == RoleGrant.organisation_id,
        col(other.id) != RoleGrant.id,
        col(Person.id) == other.person_id,
        col(Person.active),
    )
    return and_(col(RoleGrant.role) == Role.ORG_ADMIN, at_a_center, ~another)


def _is_last_security_admin(path: str) -> ColumnElement[bool]:
    """Nobody else keeps `path` secure, there or from above."""
    other, place = aliased(RoleGrant), aliased(Organisation)
    another = exists().where(
        col(other.role) == Role.SECURITY_ADMIN,
        col(other.id) != RoleGrant.id,
        col(place.id) == other.organisation_id,
        col(place.path).in_(ancestors(path)),
        col(Person.id) == other.person_id,
        col(Person.active),
    )
    return and_(col(RoleGrant.role) == Role.SECURITY_ADMIN, ~another)
