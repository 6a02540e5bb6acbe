"""An order that nobody rates closes by itself, and whoever served has the points, once."""

import asyncio
from datetime import timedelta

from sqlmodel import select

from app.domain.lifecycle import Action, OrderStatus
from app.house import House
from app.jobs import close_orders
from app.models.points import PointsEntry
from app.models.service import Review
from tests.factories import NOW
from tests.jobs.conftest import Reach, events
from tests.stages import RATING

WAIT = timedelta(days=7)
TWO_HOURS = 20
"""Points that two proven hours earn by the default policy, without the bonus for a good rating."""


async def entries(house: House) -> list[int]:
    async with house.database.transaction() as session:
        return sorted(entry.amount for entry in await session.exec(select(PointsEntry)))


async def test_it_closes_without_inventing_a_rating(fresh_house: House, reach: Reach) -> None:
    stage = await reach(OrderStatus.DELIVERED)
    assert await close_orders.run(fresh_house, NOW + WAIT - timedelta(seconds=1)) == 0
    assert [await close_orders.run(fresh_house, NOW + WAIT) for _ in range(2)] == [1, 0]
    assert (await stage.row()).status is OrderStatus.CLOSED
    assert len(await events(stage, Action.CLOSE)) == 1
    async with fresh_house.database.transaction() as session:
        assert (await session.exec(select(Review))).all() == []
    assert await entries(fresh_house) == [-TWO_HOURS, TWO_HOURS]


async def test_two_processes_at_once_credit_once(fresh_house: House, twin: House, reach: Reach) -> None:
    for _ in range(3):
        await reach(OrderStatus.DELIVERED)
    runs = [close_orders.run(house, NOW + WAIT) for house in (fresh_house, twin)]
    assert sum(await asyncio.gather(*runs)) == 3
    assert await entries(fresh_house) == [-TWO_HOURS] * 3 + [TWO_HOURS] * 3


async def test_a_review_in_that_moment_and_the_clock_credit_once(
    fresh_house: House, twin: House, reach: Reach
) -> None:
    stage = await reach(OrderStatus.DELIVERED)
    reviewing = stage.call("resident", "POST", f"{stage.at}/review", RATING)
    answer, closed = await asyncio.gather(reviewing, close_orders.run(twin, NOW + WAIT))
    assert answer.status_code == (409 if closed else 200), answer.text
    assert (await stage.row()).status is OrderStatus.CLOSED
    assert len(await entries(fresh_house)) == 2
