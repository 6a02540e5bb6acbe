"""The demonstration district in a database: whole, once, and good for signing in."""

import asyncio
from collections import Counter

import httpx
from sqlmodel import SQLModel, func, select

from app.db import Database
from app.demo.district import load as samples
from app.demo.load import DEMO_PASSWORD, Loaded, load
from app.domain.hours import unpack_week
from app.domain.roles import Role
from app.domain.taxonomy import menu_templates
from app.house import House
from app.models.menu import MenuItem
from app.models.organisation import Organisation
from app.models.person import Person, RoleGrant
from app.models.team import Team, TeamMember, TeamSpecialty
from app.models.volunteer import Volunteer
from app.services.access import SYSTEM
from app.services.scope import visible
from tests.conftest import client_of
from tests.factories import plant


async def count(database: Database, table: type[SQLModel]) -> int:
    async with database.transaction() as session:
        return (await session.exec(select(func.count()).select_from(table))).one()


async def counts(database: Database) -> dict[str, int]:
    tables = (Organisation, Person, RoleGrant, Team, TeamMember, TeamSpecialty, MenuItem)
    return {table.__name__: await count(database, table) for table in tables}


EXPECTED = {
    "Organisation": len(samples().organisations),
    "Person": len(samples().people),
    "RoleGrant": sum(len(person.roles) for person in samples().people),
    "Team": len(samples().teams),
    "TeamMember": sum(1 + len(team.members) for team in samples().teams),
    "TeamSpecialty": sum(len(team.specialties) for team in samples().teams),
    "MenuItem": len(menu_templates()),
}


async def test_an_empty_database_gets_the_whole_district_once(fresh_house: House) -> None:
    first = await load(fresh_house.database)
    assert first.written
    assert await counts(fresh_house.database) == EXPECTED
    again = await load(fresh_house.database)
    assert again == Loaded(False, first.logins)
    assert await counts(fresh_house.database) == EXPECTED


async def test_of_two_processes_one_writes_it(fresh_house: House) -> None:
    other = Database(fresh_house.database.engine)
    loaded = await asyncio.gather(*(load(one) for one in (fresh_house.database, other) * 2))
    assert sorted(one.written for one in loaded) == [False, False, False, True]
    assert await counts(fresh_house.database) == EXPECTED
    assert len({one.logins for one in loaded}) == 1


async def test_where_another_center_lives_nothing_is_written(fresh_house: House) -> None:
    await plant(fresh_house)
    before = await counts(fresh_house.database)
    assert await load(fresh_house.database) == Loaded(False, ())
    assert await counts(fresh_house.database) == before


async def test_everybody_signs_in_as_printed(fresh_house: House) -> None:
    logins = (await load(fresh_house.database)).logins
    assert {login.role for login in logins} == set(Role) - {Role.SYSTEM}
    async with client_of(fresh_house) as client:
        for login in logins:
            signed = await client.post("/auth/wechat", json={"code": login.wechat_code})
            assert signed.status_code == 200, signed.text
            assert signed.json()["person"]["name"] == login.name
            if login.username:
                body = {"username": login.username, "password": DEMO_PASSWORD}
                signed = await client.post("/auth/password", json=body)
                assert signed.status_code == 200, signed.text
            await its_role_is_held(client, login.role, signed.json()["access_token"])


async def its_role_is_held(client: httpx.AsyncClient, role: str, token: str) -> None:
    me = (await client.get("/me", headers={"Authorization": f"Bearer {token}"})).json()
    if role in (Role.RESIDENT, Role.VOLUNTEER):
        assert (me["volunteer_number"] is not None) == (role == Role.VOLUNTEER)
    else:
        assert role in {one["role"] for one in me["roles"]}


async def test_teams_are_as_sampled_and_their_people_are_registered(fresh_house: House) -> None:
    await load(fresh_house.database)
    async with fresh_house.database.transaction() as session:
        teams = {team.name: team for team in await session.exec(visible(Team, SYSTEM))}
        volunteers = {one.person_id: one for one in await session.exec(visible(Volunteer, SYSTEM))}
        members = (await session.exec(select(TeamMember))).all()
    for sample in samples().teams:
        team = teams[sample.name]
        assert (team.kind, team.capacity) == (sample.kind, sample.capacity)
        assert (team.travel, team.lends, len(team.area_ids)) == (
            sample.travel,
            sample.lends,
            len(sample.areas),
        )
        assert team.adults_only is sample.adults_only
        assert {one.weekday for one in unpack_week(team.weekly)} == {one.weekday for one in sample.weekly}
        assert team.title in ("总队", "大队", "中队")
    assert {member.person_id for member in members} == set(volunteers)
    assert Counter(one.gender for one in volunteers.values()) == Counter(
        person.gender for person in samples().people if person.gender
    )
    assert sum("sign" in one.languages for one in volunteers.values()) == 1
    assert len({one.number for one in volunteers.values()}) == len(volunteers)
