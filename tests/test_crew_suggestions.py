"""The leader is told who could go where, all orders of the team looked at together."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx

from app.domain.lifecycle import OrderStatus
from app.models.menu import MenuItem
from app.models.person import Person
from app.models.team import TeamMember
from app.models.volunteer import Volunteer, VolunteerSpecialty
from app.services.access import SYSTEM
from app.services.organisations import bump
from app.services.scope import visible
from tests.factories import SATURDAY_9, District
from tests.stages import Stage


async def join(district: District, *names: str, specialty: str = "") -> list[str]:
    """New members of the leader's team; their ids."""
    ids = []
    async with district.house.database.transaction() as session:
        await bump(session, district.center.path)
        for name in names:
            person = Person(name=name, birth_date=date(1990, 1, 1))
            session.add(person)
            await session.flush()
            session.add(TeamMember(team_id=district.team.id, person_id=person.id))
            station = district.station
            volunteer = Volunteer(
                person_id=person.id,
                number=person.id.hex[-16:],
                organisation_id=station.id,
                org_path=station.path,
            )
            session.add(volunteer)
            await session.flush()
            if specialty:
                session.add(VolunteerSpecialty(volunteer_id=volunteer.id, specialty=specialty, level=2))
            ids.append(str(person.id))
    return ids


async def accepted(client: httpx.AsyncClient, district: District, hours: int = 0, **changes: Any) -> Stage:
    """An order that the team has accepted and for which nobody is named yet."""
    start = SATURDAY_9 + timedelta(hours=hours)
    stage = Stage(client, district)
    window = {"start": start.isoformat(), "end": (start + timedelta(hours=2)).isoformat()}
    await stage.place(window=window, **changes)
    await stage.do("dispatcher", "POST", f"{stage.at}/approve")
    await stage.offer()
    await stage.do("leader", "POST", f"/offers/{stage.offer_id}/accept", {})
    return stage


async def suggested(stage: Stage) -> dict[str, list[str]]:
    found = await stage.do("leader", "GET", f"/teams/{stage.district.team.id}/crew-suggestions")
    assert found["proven"] is True
    return {one["order_id"]: [person["person_id"] for person in one["members"]] for one in found["items"]}


async def test_nobody_is_sent_to_two_places_at_once(client: httpx.AsyncClient, district: District) -> None:
    await join(district, "甲", "乙", "丙")
    stages = [await accepted(client, district, people=2) for _ in range(2)]
    crews = await suggested(stages[0])
    first, second = (crews[stage.order_id] for stage in stages)
    assert len(first) == len(second) == 2
    assert not set(first) & set(second)


async def test_somebody_in_the_crew_can_do_what_is_asked(
    client: httpx.AsyncClient, district: District
) -> None:
    async with district.house.database.transaction() as session:
        await bump(session, district.center.path)
        item = await session.get_one(MenuItem, district.cleaning.id)
        code = item.required_specialties[0]
    await join(district, "甲", "乙")
    (cleaner,) = await join(district, "丙", specialty=code)
    stage = await accepted(client, district, people=1)
    assert cleaner in (await suggested(stage))[stage.order_id]


async def test_who_is_alone_is_visited_by_two(client: httpx.AsyncClient, district: District) -> None:
    await join(district, "甲", "乙")
    stage = await accepted(client, district, people=1, circumstances=["lone_elderly"])
    crew = (await suggested(stage))[stage.order_id]
    assert len(crew) == 2
    named = await stage.do("leader", "PUT", f"{stage.at}/crew", {"members": crew})
    assert len(named["members"]) == 2
    assert stage.order_id not in await suggested(stage), "that order has its crew"


async def test_risky_work_is_suggested_to_the_insured_only(
    client: httpx.AsyncClient, district: District
) -> None:
    (insured,) = await join(district, "甲")
    await join(district, "乙")
    async with district.house.database.transaction() as session:
        found = await session.get_one(Person, district["volunteer"].id)
        found.birth_date = date(2010, 1, 1)
        person = await session.get_one(Person, UUID(insured))
        row = next(iter(await session.exec(_volunteer_of(person))))
        row.insured_until = date(2027, 12, 31)
    stage = await accepted(client, district, menu_item_id=str(district.rescue.id), people=1)
    crew = (await suggested(stage))[stage.order_id]
    assert crew == [insured]
    await stage.do("leader", "PUT", f"{stage.at}/crew", {"members": crew})


def _volunteer_of(person: Person) -> Any:
    return visible(Volunteer, SYSTEM).where(Volunteer.person_id == person.id)


async def test_who_is_promised_elsewhere_stays_there(client: httpx.AsyncClient, district: District) -> None:
    busy = await Stage(client, district).reach(OrderStatus.ACCEPTED)
    taken = {one["person_id"] for one in (await busy.do("leader", "GET", f"{busy.at}/crew"))["members"]}
    await join(district, "甲")
    begin, end = (await busy.row()).schedule
    stage = await accepted(client, district, people=1)
    order = await stage.row()
    assert order.schedule[0] < end
    assert begin < order.schedule[1]
    assert not taken & set((await suggested(stage))[stage.order_id])


async def test_only_who_leads_the_team_or_runs_the_place_is_told(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = Stage(client, district)
    path = f"/teams/{district.team.id}/crew-suggestions"
    assert (await stage.call("resident", "GET", path)).status_code == 404
    assert (await stage.call("volunteer", "GET", path)).status_code == 403
    assert (await stage.call("leader", "GET", path)).status_code == 200
