"""Who I am here: my profile and what I was granted."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.domain.duties import Owed
from app.domain.roles import Role
from app.errors import Unauthenticated
from app.models.organisation import Organisation
from app.models.person import Person
from app.models.team import Team
from app.models.volunteer import Volunteer
from app.services import consent_giving
from app.services.access import Actor
from app.services.actors import person_of
from app.services.scope import visible


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A granted role and the organisation or the team for which it was granted: one of the two."""

    role: Role
    organisation: Organisation | None
    team: Team | None


@dataclass(frozen=True, slots=True)
class Profile:
    id: UUID
    name: str
    phone: str
    birth_date: date | None
    username: str | None
    volunteer_number: str | None
    roles: tuple[HeldRole, ...]
    owed: tuple[Owed, ...]


async def profile(session: AsyncSession, actor: Actor) -> Profile:
    person = await myself(session, actor)
    volunteer = visible(Volunteer, actor).where(Volunteer.person_id == person.id, col(Volunteer.active))
    registered = (await session.exec(volunteer)).first()
    return Profile(
        id=person.id,
        name=person.name,
        phone=person.phone,
        birth_date=person.birth_date,
        username=person.username,
        volunteer_number=registered.number if registered else None,
        roles=await roles_of(session, actor),
        owed=actor.owed,
    )


async def change(session: AsyncSession, actor: Actor, changes: dict[str, Any]) -> Profile:
    """Set the given fields (name, birth_date, phone) of the caller, checked by the schema."""
    person = await myself(session, actor)
    for name, value in changes.items():
        setattr(person, name, value)
    session.add(person)
    await session.flush()
    if "birth_date" in changes:
        await consent_giving.grown_younger(session, person, now())
    return await profile(session, actor)


async def myself(session: AsyncSession, actor: Actor) -> Person:
    """The row of the caller. Raises Unauthenticated for the clock, which is nobody."""
    person = await session.get(Person, person_of(actor))
    if person is None:
        raise Unauthenticated
    return person


async def roles_of(session: AsyncSession, actor: Actor) -> tuple[HeldRole, ...]:
    paths = {held.org_path for held in actor.held if held.team_id is None}
    places = {
        place.path: place
        for place in await session.exec(select(Organisation).where(col(Organisation.path).in_(paths)))
    }
    led = {held.team_id for held in actor.held if held.team_id is not None}
    teams = {team.id: team for team in await session.exec(visible(Team, actor).where(col(Team.id).in_(led)))}
    return tuple(
        HeldRole(held.role, None, teams[held.team_id])
        if held.team_id is not None
        else HeldRole(held.role, places[held.org_path], None)
        for held in actor.held
    )
