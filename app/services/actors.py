"""From a verified token to an Actor, by one query: what was revoked (grant, sign-in, person) bites at once."""

from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, select
from sqlmodel import Uuid, col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.domain.duties import Standing, rests
from app.domain.roles import Role
from app.errors import Unauthenticated
from app.models.organisation import Organisation
from app.models.person import Person, RoleGrant, SignIn
from app.models.team import Team
from app.services.access import Actor, Held
from app.services.tokens import Claims

_ACTOR = (
    select(
        col(RoleGrant.role),
        func.coalesce(Organisation.path, Team.org_path),
        col(RoleGrant.team_id),
        col(SignIn.strong),
        col(Person.password_hash).is_not(None),
        col(Person.password_changed_at),
    )
    .select_from(Person)
    .join(SignIn, col(SignIn.person_id) == Person.id)
    .outerjoin(RoleGrant, col(RoleGrant.person_id) == Person.id)
    .outerjoin(Organisation, col(Organisation.id) == RoleGrant.organisation_id)
    .outerjoin(Team, and_(col(Team.id) == RoleGrant.team_id, col(Team.active)))
    .where(
        col(SignIn.id) == bindparam("sign_in_id", type_=Uuid()),
        col(Person.id) == bindparam("person_id", type_=Uuid()),
        col(SignIn.revoked_at).is_(None),
        col(Person.active),
    )
)


async def actor_of(session: AsyncSession, claims: Claims) -> Actor:
    """Raises Unauthenticated when the sign-in was revoked or the person closed their account."""
    connection = await session.connection()
    named = {"sign_in_id": claims.sign_in_id, "person_id": claims.person_id}
    rows = (await connection.execute(_ACTOR, named)).all()
    if not rows:
        raise Unauthenticated
    held = tuple(Held(Role(role), path, team) for role, path, team, *_ in rows if role is not None and path)
    owed = claims.duties.owed({one.role for one in held}, Standing(*rows[0][3:]), now())
    working = tuple(one for one in held if not rests(one.role, owed)) if owed else held
    return Actor(claims.person_id, working, claims.sign_in_id, owed)


def signed_in() -> ColumnElement[bool]:
    """The same check as a condition inside another statement; binds `sign_in_id` and `person_id`."""
    return exists().where(
        col(SignIn.id) == bindparam("sign_in_id", type_=Uuid()),
        col(SignIn.person_id) == bindparam("person_id", type_=Uuid()),
        col(SignIn.revoked_at).is_(None),
        col(Person.id) == SignIn.person_id,
        col(Person.active),
    )


def person_of(actor: Actor) -> UUID:
    """The person behind an actor; the clock is nobody and may not call this."""
    if actor.person_id is None:
        raise Unauthenticated
    return actor.person_id
