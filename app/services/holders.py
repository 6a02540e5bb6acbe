"""Who holds a permission at a place: to tell them of something, or to know whether anybody is there at all."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.roles import GRANTS, Permission
from app.models.organisation import Organisation
from app.models.person import Person, RoleGrant
from app.services.access import ancestors


async def holders(session: AsyncSession, permission: Permission, org_path: str) -> list[UUID]:
    """Active people with a role at `org_path` or above it that brings `permission`, as it stands now."""
    found = (
        select(RoleGrant.person_id)
        .join(Organisation, col(Organisation.id) == RoleGrant.organisation_id)
        .join(Person, col(Person.id) == RoleGrant.person_id)
        .where(
            col(RoleGrant.role).in_([role for role, held in GRANTS.items() if permission in held]),
            col(Organisation.path).in_(ancestors(org_path)),
            col(Person.active),
        )
    )
    return list(await session.exec(found.distinct()))
