"""Nobody holds two of the roles that 三员分立 keeps apart, on one path of organisations."""

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from app.domain.roles import APART
from app.models.organisation import Organisation
from app.models.person import RoleGrant
from app.services.verifying.places import starts_with
from app.services.verifying.violations import Check, plain, subject

_other = aliased(RoleGrant)
_place = aliased(Organisation)
_other_place = aliased(Organisation)
_APART = sorted(APART)

CHECKS = (
    Check(
        "roles_apart",
        "role_grant",
        "同一人兼任了须分立的两种管理员",
        select(subject(RoleGrant.id))
        .join(_other, and_(col(_other.person_id) == RoleGrant.person_id, col(_other.id) != RoleGrant.id))
        .join(_place, col(_place.id) == RoleGrant.organisation_id)
        .join(_other_place, col(_other_place.id) == _other.organisation_id)
        .where(
            plain(RoleGrant.role).in_(_APART),
            plain(_other.role).in_(_APART),
            plain(RoleGrant.role) != plain(_other.role),
            or_(
                starts_with(_place.path, _other_place.path),
                starts_with(_other_place.path, _place.path),
            ),
        ),
    ),
)
