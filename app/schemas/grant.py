"""Who was given which role, where."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, ConfigDict

from app.domain.roles import ORG_ROLES, Role
from app.schemas.base import Input, Keyset, Output, Remark, broken


class GrantFilter(Keyset):
    person_id: UUID | None = None
    role: Role | None = None
    organisation_id: UUID | None = None
    team_id: UUID | None = None


def _grantable(role: Role) -> Role:
    if role not in ORG_ROLES:
        raise broken("role_not_grantable", "这个角色不能授予；队长请在服务队中任命")
    return role


OrgRole = Annotated[Role, AfterValidator(_grantable)]
"""Not the roles that follow from what one did (resident, volunteer), nor the clock's, nor a leader's."""


class GrantCreate(Input):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "person_id": "0192f3c0-0000-7000-8000-000000000011",
                    "role": "grid_worker",
                    "organisation_id": "0192f3c0-0000-7000-8000-000000000003",
                }
            ]
        }
    )

    person_id: UUID
    role: OrgRole
    organisation_id: UUID
    reason: Remark = ""
    """For who decides, where the role takes two."""


class GrantOut(Output):
    """At an organisation or, for a leader, at a team: one of the two."""

    id: UUID
    created_at: datetime
    person_id: UUID
    person_name: str
    role: Role
    organisation_id: UUID | None
    team_id: UUID | None
    granted_by_id: UUID | None
