"""The tree of a center, and the one number that says when anything static in it has changed."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.roles import Permission
from app.domain.taxonomy import categories
from app.errors import AppError, Conflict, Invalid, NotFound
from app.models.base import PATH_LENGTH
from app.models.organisation import Organisation, OrgLevel
from app.schemas.organisation import OrgCreate, OrgFilter
from app.schemas.place import in_columns
from app.services.access import Actor, center_of, require_at
from app.services.keyset import newest_first
from app.services.unique import insert_unique

DEPTH = {
    OrgLevel.CENTER: 0,
    OrgLevel.OFFICE: 1,
    OrgLevel.DEPARTMENT: 1,
    OrgLevel.STATION: 2,
    OrgLevel.POINT: 3,
    OrgLevel.BASE: 3,
}


class OrgCodeTaken(Conflict):
    code, title = "org_code_taken", "同级组织中已有这个代码"
    title_en = "A sibling has this code already"


class OrgLevelMisplaced(Invalid):
    code, title = "org_level_misplaced", "所、站、点、基地须逐级设在上级之下，中心不能设在下级"
    title_en = "This level cannot stand below that one"


class OrgPathTooLong(Invalid):
    code, title = "org_path_too_long", "组织层级过深或代码过长"
    title_en = "The tree is too deep or its codes are too long"


class OrgInactive(Conflict):
    code, title = "org_inactive", "该组织已停用"
    title_en = "The organisation is not active"


class DutiesMisplaced(Invalid):
    code, title = "org_duties_misplaced", "只有责任部门可以设置报到类别，且类别须在目录中"
    title_en = "Only a department has duties, and they are known categories"


class Stale(AppError):
    """Compare-and-set on the revision: somebody changed something since the caller looked."""

    status, code = 412, "stale"
    title, title_en = "内容已被他人修改，请刷新后再试", "Changed meanwhile; read it again first"


async def bump(session: AsyncSession, org_path: str, *, seen: int | None = None) -> int:
    """Count one change of the center's tree, menu, policies or teams; the new revision.

    It comes first in the transaction: the center's row is then held until the commit, so that two changes of
    one center are made one after the other and the second sees the first. Raises Stale when the revision is
    no longer `seen`.
    """
    bumped = await session.exec(
        update(Organisation)
        .where(
            col(Organisation.path) == center_of(org_path),
            *([] if seen is None else [col(Organisation.revision) == seen]),
        )
        .values(revision=col(Organisation.revision) + 1)
        .returning(col(Organisation.revision))
        .execution_options(synchronize_session=False)
    )
    revision: int | None = bumped.scalar_one_or_none()
    if revision is None:
        raise Stale
    return revision


async def get(session: AsyncSession, organisation_id: UUID) -> Organisation:
    """The tree is public. Raises NotFound."""
    found = await session.get(Organisation, organisation_id)
    if found is None:
        raise NotFound("没有这个文明实践中心、所或站")
    return found


def require_within(actor: Actor, permission: Permission, org_path: str) -> None:
    """Raises Forbidden, and NotFound for who holds `permission` in another center: this one is not theirs."""
    paths = actor.paths(permission)
    if paths and center_of(org_path) not in {center_of(path) for path in paths}:
        raise NotFound
    require_at(actor, permission, org_path)


async def reach(
    session: AsyncSession, actor: Actor, permission: Permission, organisation_id: UUID
) -> Organisation:
    """The organisation, where the actor holds `permission`. Raises NotFound, Forbidden."""
    found = await get(session, organisation_id)
    require_within(actor, permission, found.path)
    return found


async def listing(session: AsyncSession, wanted: OrgFilter) -> list[Organisation]:
    """Newest first; one more than `limit` when there is a next page. Raises NotFound (`within`)."""
    rows = select(Organisation)
    if wanted.within is not None:
        rows = rows.where(col(Organisation.path).startswith((await get(session, wanted.within)).path))
    if wanted.parent_id is not None:
        rows = rows.where(col(Organisation.parent_id) == wanted.parent_id)
    if wanted.level is not None:
        rows = rows.where(col(Organisation.level) == wanted.level)
    if wanted.active is not None:
        rows = rows.where(col(Organisation.active) == wanted.active)
    return list(await session.exec(newest_first(rows, Organisation, wanted)))


async def create(session: AsyncSession, actor: Actor, new: OrgCreate) -> Organisation:
    """Raises NotFound and Forbidden (the parent), OrgInactive, OrgLevelMisplaced, DutiesMisplaced, OrgPathTooLong,
    OrgCodeTaken.
    """
    parent = await reach(session, actor, Permission.ORGS_MANAGE, new.parent_id)
    await bump(session, parent.path)
    await session.refresh(parent)
    if not parent.active:
        raise OrgInactive
    if new.level is OrgLevel.CENTER or DEPTH[new.level] < DEPTH[parent.level]:
        raise OrgLevelMisplaced
    _require_fit(new.level, new.duties)
    path = f"{parent.path}{new.code}/"
    if len(path) > PATH_LENGTH:
        raise OrgPathTooLong
    return await insert_unique(session, Organisation(**in_columns(dict(new)), path=path), OrgCodeTaken)


async def change(
    session: AsyncSession, actor: Actor, organisation_id: UUID, columns: dict[str, Any]
) -> Organisation:
    """Raises NotFound, Forbidden, DutiesMisplaced."""
    row = await reach(session, actor, Permission.ORGS_MANAGE, organisation_id)
    _require_fit(row.level, columns.get("duties", ()))
    if columns:
        await bump(session, row.path)
        row.sqlmodel_update(columns)
        await session.flush()
    return row


def _require_fit(level: OrgLevel, duties: Collection[str]) -> None:
    if duties and (level is not OrgLevel.DEPARTMENT or not categories().keys() >= set(duties)):
        raise DutiesMisplaced
