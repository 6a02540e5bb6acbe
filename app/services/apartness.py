"""三员分立: who sets up a place, who decides about its rulers, and who reads what both did are three people.

Nobody holds two of these roles on one path of organisations, because a role reaches down: an administrator of the
center is one of every station, too. Whoever gives such a role holds the center's row first (organisations.bump), so
that of two that are given at once the second sees the first; the row is then inserted on the condition itself.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, literal, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import table_of
from app.domain.roles import APART, Role
from app.errors import Conflict
from app.models.organisation import Organisation
from app.models.person import RoleGrant
from app.services.access import ancestors


class RolesApart(Conflict):
    code, title = "roles_apart", "系统管理员、安全管理员、审计员须由不同的人担任"
    title_en = "Nobody holds two of org_admin, security_admin and auditor on one path"


def holds_another(person_id: UUID, role: Role, path: str) -> ColumnElement[bool]:
    """Whether somebody holds, above, at or below `path`, a role that stands apart from `role`."""
    return exists().where(
        col(RoleGrant.person_id) == person_id,
        col(RoleGrant.role).in_(sorted(APART - {role})),
        col(Organisation.id) == RoleGrant.organisation_id,
        or_(col(Organisation.path).startswith(path), col(Organisation.path).in_(ancestors(path))),
    )


async def insert_apart(session: AsyncSession, grant: RoleGrant, path: str) -> bool:
    """Insert a grant of a role that stands apart; False when it is there, or another one stands against it.

    For callers who hold the center's row.
    """
    table = table_of(RoleGrant)
    build: Any = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    values = grant.model_dump()
    row = select(*(literal(value, table.c[name].type) for name, value in values.items()))
    wanted = row.where(~holds_another(grant.person_id, grant.role, path))
    inserted = build(table).from_select(list(values), wanted).on_conflict_do_nothing().returning(literal(1))
    return (await (await session.connection()).execute(inserted)).first() is not None
