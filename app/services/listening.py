"""Who may listen to which part of the feed, asked for everybody who listens at once."""

from collections.abc import Collection
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.roles import Permission, Role
from app.models.organisation import Organisation
from app.models.person import Person, RoleGrant, SignIn
from app.services.access import Actor, Held

Paths = tuple[str, ...]

_HELD = (
    select(SignIn.id, RoleGrant.role, Organisation.path)
    .join(Person, col(Person.id) == SignIn.person_id)
    .join(RoleGrant, col(RoleGrant.person_id) == Person.id)
    .join(Organisation, col(Organisation.id) == RoleGrant.organisation_id)
    .where(col(SignIn.revoked_at).is_(None), col(Person.active))
)


def heard_by(actor: Actor) -> Paths:
    """The organisation paths whose orders the actor may read, none of them below another."""
    paths = sorted(set(actor.paths(Permission.ORDERS_READ)))
    return tuple(p for p in paths if not any(p != other and p.startswith(other) for other in paths))


async def still_heard(session: AsyncSession, sign_ins: Collection[UUID]) -> dict[UUID, Paths]:
    """What each of these sign-ins may hear now; one that was revoked or whose grants are gone is missing."""
    held: dict[UUID, list[Held]] = {}
    for sign_in, role, path in await session.exec(_HELD.where(col(SignIn.id).in_(sign_ins))):
        held.setdefault(sign_in, []).append(Held(Role(role), path))
    heard = {sign_in: heard_by(Actor(None, tuple(grants))) for sign_in, grants in held.items()}
    return {sign_in: paths for sign_in, paths in heard.items() if paths}
