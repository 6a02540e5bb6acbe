"""An order that no team took from the pool goes back to the dispatcher."""

import asyncio
from datetime import timedelta

import pytest

from app.domain.lifecycle import Action, OrderStatus
from app.errors import IllegalMove
from app.house import House
from app.jobs import lapse_offers, lapse_pool
from app.services import lapsing
from tests.factories import NOW
from tests.jobs.conftest import Reach, events, notices
from tests.stages import REASON

LIMIT = timedelta(hours=24)


async def test_an_unclaimed_order_leaves_the_pool_once(fresh_house: House, reach: Reach) -> None:
    stage = await reach(OrderStatus.POOLED)
    assert await lapse_pool.run(fresh_house, NOW + LIMIT - timedelta(seconds=1)) == 0
    assert await lapse_offers.run(fresh_house, NOW + LIMIT) == 0, "a pooled order has no offers"
    assert [await lapse_pool.run(fresh_house, NOW + LIMIT) for _ in range(2)] == [1, 0]
    assert (await stage.row()).status is OrderStatus.APPROVED
    assert len(await events(stage, Action.LAPSE)) == len(await notices(stage, Action.LAPSE)) == 1


async def test_two_processes_at_once_do_it_once(fresh_house: House, twin: House, reach: Reach) -> None:
    stages = [await reach(OrderStatus.POOLED) for _ in range(4)]
    runs = [lapse_pool.run(house, NOW + LIMIT) for house in (fresh_house, twin)]
    assert sum(await asyncio.gather(*runs)) == 4
    for stage in stages:
        assert len(await events(stage, Action.LAPSE)) == 1


async def test_a_team_that_claims_in_that_moment_either_has_it_or_is_told(
    fresh_house: House, twin: House, reach: Reach
) -> None:
    for _ in range(2):  # as many as the team can take
        stage = await reach(OrderStatus.POOLED)
        claiming = stage.call("leader", "POST", f"{stage.at}/claim", {})
        answer, lapsed = await asyncio.gather(claiming, lapse_pool.run(twin, NOW + LIMIT))
        order = await stage.row()
        if lapsed:
            assert (answer.status_code, answer.json()["code"]) == (409, "illegal_move")
            assert order.status is OrderStatus.APPROVED
        else:
            assert answer.status_code == 200
            assert order.status is OrderStatus.ACCEPTED


async def test_a_pool_opened_again_in_between_stays_open(fresh_house: House, reach: Reach) -> None:
    stage = await reach(OrderStatus.POOLED)
    seen = await stage.row()
    await stage.do("dispatcher", "POST", f"{stage.at}/recall", REASON)
    await stage.do("dispatcher", "POST", f"{stage.at}/dispatch", {"mode": "pool"})
    with pytest.raises(IllegalMove):
        async with fresh_house.database.transaction() as session:
            await lapsing.lapse_pool(session, seen)
    assert (await stage.row()).status is OrderStatus.POOLED
