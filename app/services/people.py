"""People as the staff of a center find them.

A person belongs to no organisation; what ties them to one is a role, a team, a registration as volunteer or
an order. Staff find who is tied to their own part of the tree, and, by the whole phone number only, who is
tied to nothing yet: the neighbour who has just signed in and wants to help.
"""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.roles import Permission
from app.errors import Forbidden, NotFound
from app.models.order import Order
from app.models.organisation import Organisation
from app.models.person import Person, RoleGrant
from app.models.team import Team, TeamMember
from app.models.volunteer import Volunteer
from app.schemas.person import PersonFilter
from app.services import auditing
from app.services.access import Actor, below
from app.services.keyset import newest_first


class PersonUnknown(NotFound):
    code, title = "person_unknown", "没有这个人，或其账号已注销"
    title_en = "No such person, or the account is closed"


async def existing(session: AsyncSession, person_id: UUID) -> Person:
    """Raises PersonUnknown."""
    person = await session.get(Person, person_id)
    if person is None or not person.active:
        raise PersonUnknown
    return person


async def within_reach(session: AsyncSession, actor: Actor, person_id: UUID) -> Person:
    """Whom `listing` may show to this actor, given a whole telephone number: others do not exist for them.

    Raises PersonUnknown.
    """
    paths = actor.paths(Permission.PEOPLE_READ)
    known = select(Person).where(
        col(Person.id) == person_id, col(Person.active), or_(tied(paths), _tied_to_nothing())
    )
    person = (await session.exec(known)).one_or_none()
    if person is None:
        raise PersonUnknown
    return person


async def by_id(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, Person]:
    found = await session.exec(select(Person).where(col(Person.id).in_(set(ids))))
    return {person.id: person for person in found}


def tied(paths: tuple[str, ...]) -> ColumnElement[bool]:
    return or_(
        exists().where(col(Volunteer.person_id) == Person.id, below(Volunteer.org_path, paths)),
        exists().where(col(Order.placed_by_id) == Person.id, below(Order.org_path, paths)),
        exists().where(
            col(TeamMember.person_id) == Person.id,
            col(Team.id) == TeamMember.team_id,
            below(Team.org_path, paths),
        ),
        exists().where(
            col(RoleGrant.person_id) == Person.id,
            col(Organisation.id) == RoleGrant.organisation_id,
            below(Organisation.path, paths),
        ),
    )


def _tied_to_nothing() -> ColumnElement[bool]:
    ties = (Volunteer.person_id, Order.placed_by_id, TeamMember.person_id, RoleGrant.person_id)
    return ~or_(*(exists().where(col(tie) == Person.id) for tie in ties))


async def listing(session: AsyncSession, actor: Actor, wanted: PersonFilter) -> list[Person]:
    """Newest first; one more than `limit` when there is a next page. Raises Forbidden."""
    paths = actor.paths(Permission.PEOPLE_READ)
    if not paths:
        raise Forbidden
    rows = select(Person)
    if wanted.name is not None:
        rows = rows.where(col(Person.name_hash) == wanted.name)
    if wanted.phone is not None:
        rows = rows.where(col(Person.phone_hash) == wanted.phone, or_(tied(paths), _tied_to_nothing()))
    else:
        rows = rows.where(tied(paths))
    found = list(await session.exec(newest_first(rows, Person, wanted)))
    auditing.saw(session, (person.id for person in found[: wanted.limit]))
    return found
