"""Two processes, one database: whatever changes about teams, the next ranking of either knows it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import date
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import select

from app.domain.lifecycle import OrderStatus
from app.domain.matching.index import TeamIndex
from app.domain.roles import Role
from app.house import House, build
from app.models.volunteer import Volunteer
from tests.accounts import order_of, save
from tests.center import newcomer
from tests.conftest import app_of, calling
from tests.desk import Desk
from tests.factories import PLACE, District, plant
from tests.services.team_changes import CHANGES, FEMALE, Step, filled

ADULT = date(1980, 5, 1)


@pytest.fixture(scope="session")
async def second(house: House) -> AsyncIterator[FastAPI]:
    """A second process on the same database."""
    made = build(house.settings)
    yield app_of(made)
    await made.close()


@pytest.fixture
async def others(second: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Whoever calls the second process."""
    async with calling(second) as caller:
        yield caller


async def known(district: District) -> dict[str, str]:
    """What may stand in a step."""
    await newcomer(district, "newcomer", birth_date=ADULT)
    async with district.house.database.transaction() as session:
        volunteers = await session.exec(
            select(Volunteer.id).where(Volunteer.person_id == district["volunteer"].id)
        )
        number = volunteers.one()
    return {
        "team": str(district.team.id),
        "station": str(district.station.id),
        "volunteer's number": str(number),
        **{name: str(person.id) for name, person in district.people.items()},
    }


async def lent(client: httpx.AsyncClient, district: District) -> str:
    """A team of another street, founded through the routes: whoever sees it saw the tree and the team."""
    body = {"parent_id": str(district.center.id), "code": "far", "name": "远所", "level": "office"}
    headers = district.as_("admin")
    far = await client.post("/orgs", json=body | {"location": PLACE}, headers=headers)
    assert far.status_code == 201, far.text
    team = {
        "organisation_id": far.json()["id"],
        "name": "外借队",
        "kind": "convenience",
        "location": PLACE,
        "radius_km": 8,
    }
    made = await client.post("/teams", json=team, headers=headers)
    assert made.status_code == 201, made.text
    week = {"weekly": [{"weekday": 6, "start": "08:00", "end": "12:00"}]}
    skill = {"specialties": [{"specialty": "housekeeping"}]}
    for part, sent in (("availability", week), ("specialties", skill)):
        done = await client.put(f"/teams/{made.json()['id']}/{part}", json=sent, headers=headers)
        assert done.status_code == 200, done.text
    return str(made.json()["id"])


async def walk(stage: Desk, steps: list[Step], names: dict[str, str]) -> None:
    for who, method, path, body in steps:
        answer = await stage.call(who, method, filled(path, names), filled(body, names))
        assert answer.is_success, answer.text


@pytest.mark.parametrize("kind", CHANGES)
async def test_every_change_is_seen_by_the_next_ranking_anywhere(
    client: httpx.AsyncClient, others: httpx.AsyncClient, district: District, kind: str
) -> None:
    change, names = CHANGES[kind], await known(district)
    watched = names["team"]
    if kind == "lends":
        watched = names["lent"] = await lent(client, district)
    here = await Desk(client, district).open(**change.order)
    there = here.through(others)

    async def failed(desk: Desk) -> list[str]:
        told = (await desk.ranking(watched))["explained"]
        return [finding["reason"] for finding in told["findings"]]

    await walk(here, change.before, names)
    assert await failed(there) == await failed(here) == change.failed
    await walk(here, change.steps, names)
    assert await failed(there) == change.fails, "the process that made nothing"
    assert await failed(here) == change.fails
    assert await there.ranking() == await here.ranking()


async def test_a_volunteer_of_another_center_is_changed_there_and_seen_here(
    client: httpx.AsyncClient, others: httpx.AsyncClient, house: House, district: District
) -> None:
    elsewhere = await plant(house)
    guest = await newcomer(elsewhere, "guest", birth_date=ADULT)
    registered = Volunteer(
        person_id=guest.id,
        number=guest.id.hex[-16:],
        organisation_id=elsewhere.station.id,
        org_path=elsewhere.station.path,
    )
    district.people["guest"] = guest
    await save(house, registered, order_of(district, "guest", OrderStatus.CANCELLED))
    here = await Desk(client, district).open(**FEMALE)
    joined = await here.call("admin", "PUT", f"/teams/{district.team.id}/members/{guest.id}")
    assert joined.status_code == 204, joined.text
    assert await here.through(others).reasons(district.team) == ["gender"]
    done = await client.patch(
        f"/volunteers/{registered.id}", json={"gender": "female"}, headers=elsewhere.as_("admin")
    )
    assert done.status_code == 200, done.text
    assert await here.through(others).reasons(district.team) == []


async def test_a_new_place_and_its_new_team_are_ranked(
    client: httpx.AsyncClient, others: httpx.AsyncClient, district: District
) -> None:
    here = await Desk(client, district).open()
    there = here.through(others)
    assert (await there.ranking())["considered"] == 2
    await lent(client, district)
    answer = await there.ranking()
    assert answer["considered"] == 3
    assert [item["ring"] for item in answer["items"]] == ["own", "own", "lent"]
    assert answer == await here.ranking()


async def test_a_policy_is_in_force_at_once(
    client: httpx.AsyncClient, others: httpx.AsyncClient, district: District
) -> None:
    here = await Desk(client, district).open()
    before = await here.through(others).ranking()
    body = {"matching": {"location": 0.9}}
    await here.do("admin", "PUT", f"/policies/{district.station.id}", body)
    after = await here.through(others).ranking()
    assert after["weights_version"] != before["weights_version"]
    assert after == await here.ranking()


Built = list[int]


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> Built:
    """How many teams each index had that was built since; the real one is built."""
    sizes: Built = []
    plain: Callable[..., TeamIndex] = TeamIndex.build

    def counted(*given: Any) -> TeamIndex:
        made = plain(*given)
        sizes.append(made.size)
        return made

    monkeypatch.setattr(TeamIndex, "build", counted)
    return sizes


async def test_nothing_is_built_again_while_nothing_static_changes(
    client: httpx.AsyncClient, district: District, built: Built
) -> None:
    """Orders come, are offered, accepted and served; that is read by the minute and not from the index."""
    first = await Desk(client, district).open()
    await first.ranking()
    assert built == [2]
    await first.offer()
    await first.do("leader", "POST", f"/offers/{first.offer_id}/accept", {})
    second = await Desk(client, district).open()
    assert len((await second.ranking(district.team.id))["items"]) == 2
    await second.do("dispatcher", "POST", f"{second.at}/dispatch", {"mode": "auto"})
    assert built == [2]
    await second.do("admin", "PATCH", f"/teams/{district.team.id}", {"radius_km": 7})
    await second.ranking()
    await second.ranking()
    assert built == [2, 2]


async def test_those_who_wait_are_served_by_one_building(
    client: httpx.AsyncClient, district: District, built: Built
) -> None:
    desk = await Desk(client, district).open()
    for _ in range(2):
        answers = await asyncio.gather(*(desk.ranking() for _ in range(12)))
        assert all(answer == answers[0] for answer in answers)
        await desk.do("admin", "PATCH", f"/teams/{district.team.id}", {"capacity": 3})
    assert built == [2, 2]


async def test_centers_are_built_apart(
    client: httpx.AsyncClient, house: House, district: District, built: Built
) -> None:
    elsewhere = await plant(house)
    here, there = await Desk(client, district).open(), await Desk(client, elsewhere).open()
    await asyncio.gather(*(desk.ranking() for desk in (here, there, here, there)))
    assert built == [2, 2]
    await here.do("admin", "PATCH", f"/teams/{district.team.id}", {"capacity": 3})
    await there.ranking()
    assert built == [2, 2]


async def test_a_refused_change_is_no_change(
    client: httpx.AsyncClient, district: District, built: Built
) -> None:
    desk = await Desk(client, district).open()
    await desk.ranking()
    await newcomer(district, "clerk", Role.SUPERVISOR, district.center)
    for who, body in (
        ("clerk", {"capacity": 3}),
        ("admin", {"name": "邻里帮扶队"}),
        ("admin", {"capacity": 0}),
    ):
        assert not (await desk.call(who, "PATCH", f"/teams/{district.team.id}", body)).is_success
    await desk.ranking()
    assert built == [2]
