"""Writes 青禾区 into an empty database, whole or not at all.

Only ever called in development: everybody here has a known password or a code that anyone can send.
"""

from dataclasses import dataclass

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import Database, insert_new
from app.demo import district as samples
from app.demo import rows
from app.domain.roles import Role
from app.models.organisation import Organisation
from app.services.founding import default_menu
from app.services.passwords import hash_strong
from app.services.policies import today_at

DEMO_PASSWORD = "Sidan-Demo-2026"  # noqa: S105  (the demonstration's, printed for whoever starts it)


@dataclass(frozen=True, slots=True)
class Login:
    """How one person of the district signs in: `POST auth/password`, or `POST auth/wechat` with the code."""

    role: str
    name: str
    wechat_code: str
    username: str | None
    password: str | None


@dataclass(frozen=True, slots=True)
class Loaded:
    """`written`: by this call; `logins`: the first of each role, none where another center lives already."""

    written: bool
    logins: tuple[Login, ...]


async def load(database: Database) -> Loaded:
    """The district, if the database has no organisation. Of two processes at once, one writes it."""
    district = samples.load()
    kept = await hash_strong(DEMO_PASSWORD, "")
    async with database.transaction() as session:
        known = (await session.exec(select(Organisation.path))).all()
        written = not known and await _write(session, district, kept)
    root = f"/{district.organisations[0].code}/"
    return Loaded(written, _logins(district) if written or not known or root in known else ())


def _logins(district: samples.District) -> tuple[Login, ...]:
    first: dict[str, samples.Person] = {}
    volunteers = {key for team in district.teams for key in team.members}
    for person in district.people:
        plain = Role.VOLUNTEER if person.key in volunteers else Role.RESIDENT
        for role in [grant.role for grant in person.roles] or [plain.value]:
            first.setdefault(role, person)
    return tuple(
        Login(
            role=role,
            name=person.name,
            wechat_code=f"demo:{person.key}",
            username=person.username,
            password=DEMO_PASSWORD if person.username else None,
        )
        for role, person in first.items()
    )


async def _write(session: AsyncSession, district: samples.District, password_hash: str) -> bool:
    """Each table after those it refers to. False when somebody else has just founded the center."""
    places = rows.places(district)
    center, *below = places.values()
    if not await insert_new(session, center):
        return False
    for place in below:
        session.add(place)
        await session.flush()
    people = {person.key: rows.person(person, password_hash) for person in district.people}
    teams = {team.key: rows.team(team, places) for team in district.teams}
    session.add_all([*people.values(), *teams.values(), *default_menu(center.id)])
    await session.flush()
    session.add_all(rows.consents(people))
    today = await today_at(session, center.path)
    for team in district.teams:
        session.add_all(rows.belongings(team, teams[team.key], people, today))
    session.add_all(rows.grants(district, places, teams, people))
    session.add_all(rows.volunteers(district, teams, people))
    return True
