"""Who may listen to which part of the feed, asked for everybody who listens at once."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.duties import Duties, Standing, rests
from app.domain.roles import Permission, Role
from app.models.organisation import Organisation
from app.models.person import Person, RoleGrant, SignIn
from app.services.access import Actor, Held

Paths = tuple[str, ...]

_HELD = (
    select(
        col(SignIn.id),
        col(RoleGrant.role),
        col(Organisation.path),
        col(SignIn.strong),
        col(Person.password_hash).is_not(None),
        col(Person.password_changed_at),
    )
    .join(Person, col(Person.id) == SignIn.person_id)
    .join(RoleGrant, col(RoleGrant.person_id) == Person.id)
    .join(Organisation, col(Organisation.id) == RoleGrant.organisation_id)
    .where(col(SignIn.revoked_at).is_(None), col(Person.active))
)


def heard_by(actor: Actor) -> Paths:
    """The organisation paths whose orders the actor may read, none of them below another."""
    paths = sorted(set(actor.paths(Permission.ORDERS_READ)))
    return tuple(p for p in paths if not any(p != other and p.startswith(other) for other in paths))


async def still_heard(
    session: AsyncSession, duties: Duties, sign_ins: Collection[UUID], at: datetime
) -> dict[UUID, Paths]:
    """What each of these sign-ins may hear now; one that was revoked, or has no grant that works, is missing."""
    held: dict[UUID, list[Held]] = {}
    standings: dict[UUID, Standing] = {}
    found = await (await session.connection()).execute(_HELD.where(col(SignIn.id).in_(sign_ins)))
    for sign_in, role, path, strong, has, changed in found:
        held.setdefault(sign_in, []).append(Held(Role(role), path))
        standings[sign_in] = Standing(strong, has, changed)
    heard = {}
    for sign_in, grants in held.items():
        owed = duties.owed({one.role for one in grants}, standings[sign_in], at)
        heard[sign_in] = heard_by(Actor(None, tuple(one for one in grants if not rests(one.role, owed))))
    return {sign_in: paths for sign_in, paths in heard.items() if paths}
