"""实名登记 and age: who a volunteer is, and who is too young for what."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import httpx

from app import clock
from app.domain.lifecycle import OrderStatus
from app.models.person import Person
from app.models.volunteer import Volunteer
from app.services.access import SYSTEM
from app.services.scope import visible
from tests.factories import SATURDAY_9, District
from tests.stages import Stage

NUMBER = "110000198005010016"
OTHER = "110000198005010024"


async def register(stage: Stage, who: str, **more: Any) -> str:
    body = {
        "person_id": str(stage.district[who].id),
        "organisation_id": str(stage.district.station.id),
        **more,
    }
    answer = await stage.call("admin", "POST", "/volunteers", body)
    return f"{answer.status_code} {answer.json().get('code') or answer.json()['id_number']}"


async def born(stage: Stage, who: str, day: date | None) -> None:
    async with stage.district.house.database.transaction() as session:
        (await session.get_one(Person, stage.district[who].id)).birth_date = day


async def test_a_number_is_checked_kept_once_and_shown_to_nobody(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = Stage(client, district)
    policy = {"privacy": {"id_number_needed": True}}
    await stage.do("admin", "PUT", f"/policies/{district.center.id}", policy)
    assert await register(stage, "resident") == "422 id_number_needed"
    assert await register(stage, "resident", id_number=NUMBER[:-1] + "7") == "422 id_number_invalid"
    assert await register(stage, "resident", id_number="110000200002290016") == "422 id_number_mismatch"
    await born(stage, "resident", None)
    assert await register(stage, "resident", id_number=NUMBER) == "201 ****0016"
    assert await register(stage, "resident", id_number=OTHER) == "409 already_volunteer"
    assert await register(stage, "neighbour", id_number=NUMBER) == "409 id_number_taken"
    assert (await stage.do("resident", "GET", "/me"))["birth_date"] == "1980-05-01"
    async with district.house.database.transaction() as session:
        found = visible(Volunteer, SYSTEM).where(Volunteer.id_number_hash == NUMBER)
        row = (await session.exec(found)).one()
    assert row.id_number == NUMBER
    assert row.id_number_hash != NUMBER
    helper = {"person_id": str(district["helper"].id)}
    (known,) = (await stage.do("admin", "GET", f"/volunteers?person_id={helper['person_id']}"))["items"]
    for number, answer in ((NUMBER, "409"), (OTHER, "200")):
        changed = await stage.call("admin", "PATCH", f"/volunteers/{known['id']}", {"id_number": number})
        assert str(changed.status_code) == answer, changed.text
    assert changed.json()["id_number"] == "****0024"


async def test_nobody_under_fourteen_volunteers(client: httpx.AsyncClient, district: District) -> None:
    stage = Stage(client, district)
    await born(stage, "resident", date(2013, 5, 1))
    assert await register(stage, "resident") == "422 volunteer_too_young"
    await stage.do("admin", "PATCH", f"/teams/{district.team.id}", {"adults_only": False})
    path = f"/teams/{district.team.id}/members/{district['resident'].id}"
    joined = await stage.call("admin", "PUT", path)
    assert (joined.status_code, joined.json()["code"]) == (422, "volunteer_too_young")


async def test_risky_work_is_for_adults_until_the_very_door(
    client: httpx.AsyncClient, district: District
) -> None:
    """A birth date that is put right after the crew was named still counts when they arrive."""
    stage = Stage(client, district)
    async with district.house.database.transaction() as session:
        for volunteer in await session.exec(visible(Volunteer, SYSTEM)):
            if volunteer.person_id == district["volunteer"].id:
                volunteer.insured_until = date(2027, 12, 31)
    await stage.place(menu_item_id=str(district.rescue.id))
    await stage.do("dispatcher", "POST", f"{stage.at}/approve")
    await stage.offer()
    await stage.do("leader", "POST", f"/offers/{stage.offer_id}/accept", {})
    crew = {"members": [str(district["volunteer"].id)]}
    await born(stage, "volunteer", date(2009, 5, 1))
    refused = await stage.call("leader", "PUT", f"{stage.at}/crew", crew)
    assert (refused.status_code, refused.json()["code"]) == (422, "crew_minor")
    await born(stage, "volunteer", date(1980, 5, 1))
    await stage.do("leader", "PUT", f"{stage.at}/crew", crew)
    await born(stage, "volunteer", date(2009, 5, 1))
    late = await stage.stamp("check-in", SATURDAY_9, uuid4())
    assert (late.status_code, late.json()["code"]) == (422, "crew_minor")
    assert (await stage.row()).status is OrderStatus.ACCEPTED
    with clock.at(SATURDAY_9 + timedelta(minutes=1)):
        assert (await stage.call("volunteer", "GET", stage.at)).status_code == 200
