"""What teams do is counted once an hour, by one process, and changes how they are ranked."""

import asyncio
from datetime import timedelta
from typing import Any

from sqlmodel import select

from app import clock
from app.domain.lifecycle import OrderStatus
from app.house import House
from app.jobs import keep_appointments, tally_teams
from app.models.organisation import Organisation
from app.models.standing import TeamStanding
from tests.factories import NOW, SATURDAY_9
from tests.jobs.conftest import Reach
from tests.stages import REASON, Stage

HOUR = timedelta(hours=1)


async def standing(stage: Stage) -> TeamStanding:
    async with stage.district.house.database.transaction() as session:
        return await session.get_one(TeamStanding, stage.district.team.id)


async def revision(stage: Stage) -> int:
    async with stage.district.house.database.transaction() as session:
        query = select(Organisation.revision).where(Organisation.id == stage.district.center.id)
        return (await session.exec(query)).one()


async def reliability(stage: Stage) -> float:
    """Of the leader's team, as a dispatcher reads it in the ranking."""
    asked = f"{stage.at}/matches?explain={stage.district.team.id}"
    told: dict[str, Any] = await stage.do("dispatcher", "GET", asked)
    return float(next(one["value"] for one in told["explained"]["factors"] if one["name"] == "reliability"))


async def test_what_a_team_did_is_counted(fresh_house: House, reach: Reach) -> None:
    stage = await reach(OrderStatus.CLOSED)
    declined = await reach(OrderStatus.OFFERED)
    await declined.do("leader", "POST", f"/offers/{declined.offer_id}/decline", REASON)
    released = await reach(OrderStatus.ACCEPTED)
    await released.do("leader", "POST", f"{released.at}/release", REASON)
    await reach(OrderStatus.OFFERED)
    assert await tally_teams.run(fresh_house, NOW + HOUR) == 1
    row = await standing(stage)
    assert (row.asked, row.accepted, row.released) == (3, 2, 1)
    assert (row.due, row.served, row.on_time) == (2, 1, 1)
    assert (row.ratings, row.rating_sum, row.recent) == (1, 20, 1)
    assert 0 < row.reliability < 10_000


async def test_who_did_not_come_by_the_agreed_end_has_missed_it(fresh_house: House, reach: Reach) -> None:
    stage = await reach(OrderStatus.ACCEPTED)
    await tally_teams.run(fresh_house, NOW)
    assert (await standing(stage)).due == 0
    await tally_teams.run(fresh_house, SATURDAY_9 + timedelta(days=1))
    row = await standing(stage)
    assert (row.due, row.served) == (1, 0)


async def test_who_came_late_was_not_on_time(fresh_house: House, reach: Reach) -> None:
    stage = await reach(OrderStatus.CLOSED)
    order = await stage.row()
    async with fresh_house.database.transaction() as session:
        row = await session.get_one(type(order), order.id)
        assert order.scheduled_start is not None
        row.scheduled_start = order.scheduled_start - timedelta(minutes=16)
    await tally_teams.run(fresh_house, NOW)
    told = await standing(stage)
    assert (told.served, told.on_time) == (1, 0)


async def test_the_next_ranking_knows_it(fresh_house: House, reach: Reach) -> None:
    stage = await reach(OrderStatus.APPROVED)
    before = await reliability(stage)
    for _ in range(3):
        other = await reach(OrderStatus.OFFERED)
        await other.do("leader", "POST", f"/offers/{other.offer_id}/decline", REASON)
    await tally_teams.run(fresh_house, NOW)
    assert await reliability(stage) < before


async def test_nothing_new_leaves_the_revision_alone(fresh_house: House, reach: Reach) -> None:
    stage = await reach(OrderStatus.CLOSED)
    assert await tally_teams.run(fresh_house, NOW) == 1
    first = await revision(stage)
    assert await tally_teams.run(fresh_house, NOW + HOUR - timedelta(seconds=1)) == 0
    assert await tally_teams.run(fresh_house, NOW + HOUR) == 1
    assert await revision(stage) == first


async def test_of_two_processes_one_counts(fresh_house: House, twin: House, reach: Reach) -> None:
    stage = await reach(OrderStatus.CLOSED)
    runs = [tally_teams.run(house, NOW) for house in (fresh_house, twin)]
    assert sum(await asyncio.gather(*runs)) == 1
    assert (await standing(stage)).served == 1


async def test_an_old_history_is_forgotten(fresh_house: House, reach: Reach) -> None:
    stage = await reach(OrderStatus.CLOSED)
    await tally_teams.run(fresh_house, NOW + timedelta(days=29))
    assert (await standing(stage)).recent == 1
    await tally_teams.run(fresh_house, NOW + timedelta(days=31))
    assert ((await standing(stage)).recent, (await standing(stage)).served) == (0, 1)
    await tally_teams.run(fresh_house, NOW + timedelta(days=731))
    assert (await standing(stage)).served == 0


async def test_who_did_not_come_owes_it_until_it_is_overturned(fresh_house: House, reach: Reach) -> None:
    """A missed service fell due and was not served; weather, and an absence that was overturned, are forgiven."""
    stage = await reach(OrderStatus.ACCEPTED)
    released = await reach(OrderStatus.ACCEPTED)
    rain = {"reason": "暴雨", "cause": "weather"}
    await released.do("leader", "POST", f"{released.at}/release", rain)
    late = SATURDAY_9 + HOUR
    with clock.at(late):
        assert await keep_appointments.run(fresh_house, late) == 1
        await tally_teams.run(fresh_house, late)
        row = await standing(stage)
        assert (row.asked, row.accepted, row.due, row.served, row.released) == (2, 2, 1, 0, 0)
        (absence,) = (await stage.do("dispatcher", "GET", "/absences"))["items"]
        verdict = {"overturned": True, "reason": "居民记错了时间"}
        await stage.do("dispatcher", "POST", f"/absences/{absence['id']}/decide", verdict)
        await tally_teams.run(fresh_house, late + HOUR)
    assert (await standing(stage)).due == 0
