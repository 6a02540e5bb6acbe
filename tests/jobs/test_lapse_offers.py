"""An unanswered offer goes back to the dispatcher, once, whoever else presses a button in that moment."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import insert, update
from sqlmodel import col

from app import clock
from app.db import table_of
from app.domain.lifecycle import Action, OfferStatus, OrderStatus
from app.domain.roles import Role
from app.errors import IllegalMove
from app.house import House
from app.jobs import lapse_offers
from app.models.offer import Offer
from app.services import lapsing
from app.services.access import SYSTEM
from app.services.scope import visible
from tests.factories import NOW
from tests.jobs.conftest import Reach, events, notices
from tests.stages import REASON, Stage

LIMIT = timedelta(hours=24)
"""What the default policy gives a team to answer an order of normal urgency."""


async def offers_of(stage: Stage) -> list[OfferStatus]:
    order = await stage.row()
    async with stage.district.house.database.transaction() as session:
        found = visible(Offer, SYSTEM).where(Offer.order_id == order.id).order_by(col(Offer.id))
        return [offer.status for offer in await session.exec(found)]


async def ask_another_team(stage: Stage, expires: timedelta) -> None:
    """A second offer beside the first, as a later wave of dispatch makes it."""
    order, team = await stage.row(), stage.district.other_team
    offer = Offer(order_id=order.id, team_id=team.id, status=OfferStatus.OPEN, expires_at=NOW + expires)
    async with stage.district.house.database.transaction() as session:
        await (await session.connection()).execute(insert(table_of(Offer)).values(offer.model_dump()))


async def test_an_unanswered_offer_lapses(fresh_house: House, reach: Reach) -> None:
    stage = await reach(OrderStatus.OFFERED)
    assert await lapse_offers.run(fresh_house, NOW + LIMIT - timedelta(seconds=1)) == 0
    assert (await stage.row()).status is OrderStatus.OFFERED
    with clock.at(NOW + LIMIT):
        assert await lapse_offers.run(fresh_house, clock.now()) == 1
    order = await stage.row()
    assert (order.status, order.status_at) == (OrderStatus.APPROVED, NOW + LIMIT)
    assert order.due_at == NOW + LIMIT + LIMIT, "the dispatcher has the usual time again"
    assert await offers_of(stage) == [OfferStatus.LAPSED]


async def test_it_is_written_down_and_told_to_the_staff(fresh_house: House, reach: Reach) -> None:
    stage = await reach(OrderStatus.OFFERED)
    await lapse_offers.run(fresh_house, NOW + LIMIT)
    (event,), (notice,) = await events(stage, Action.LAPSE), await notices(stage, Action.LAPSE)
    assert (event.actor_id, event.actor_role) == (None, Role.SYSTEM)
    assert event.data == {"team_ids": [stage.district.team.id.hex]}
    assert (notice.person_id, notice.org_path) == (None, (await stage.row()).org_path)


async def test_a_second_run_finds_nothing(fresh_house: House, reach: Reach) -> None:
    stage = await reach(OrderStatus.OFFERED)
    assert [await lapse_offers.run(fresh_house, NOW + LIMIT) for _ in range(3)] == [1, 0, 0]
    assert len(await events(stage, Action.LAPSE)) == 1


async def test_two_processes_at_once_do_it_once(fresh_house: House, twin: House, reach: Reach) -> None:
    stages = [await reach(OrderStatus.OFFERED) for _ in range(5)]
    runs = [lapse_offers.run(house, NOW + LIMIT) for house in (fresh_house, twin)]
    assert sum(await asyncio.gather(*runs)) == 5
    for stage in stages:
        assert len(await events(stage, Action.LAPSE)) == 1


async def test_a_leader_who_accepts_in_that_moment_either_has_it_or_is_told(
    fresh_house: House, twin: House, reach: Reach
) -> None:
    for _ in range(2):  # as many as the team can take
        stage = await reach(OrderStatus.OFFERED)
        accepting = stage.call("leader", "POST", f"/offers/{stage.offer_id}/accept", {})
        answer, _ = await asyncio.gather(accepting, lapse_offers.run(twin, NOW + LIMIT))
        order, offers = await stage.row(), await offers_of(stage)
        if answer.status_code == 200:
            assert (order.status, offers) == (OrderStatus.ACCEPTED, [OfferStatus.ACCEPTED])
        else:
            assert (answer.status_code, answer.json()["code"]) in {
                (409, "offer_answered"),
                (409, "illegal_move"),
            }
            assert (order.status, offers) == (OrderStatus.APPROVED, [OfferStatus.LAPSED])


async def test_the_order_waits_while_another_team_is_still_asked(fresh_house: House, reach: Reach) -> None:
    stage = await reach(OrderStatus.OFFERED)
    await ask_another_team(stage, expires=2 * LIMIT)
    assert await lapse_offers.run(fresh_house, NOW + LIMIT) == 1
    assert await offers_of(stage) == [OfferStatus.LAPSED, OfferStatus.OPEN]
    assert (await stage.row()).status is OrderStatus.OFFERED
    assert await lapse_offers.run(fresh_house, NOW + LIMIT) == 0
    assert await lapse_offers.run(fresh_house, NOW + 2 * LIMIT) == 1
    assert await offers_of(stage) == [OfferStatus.LAPSED, OfferStatus.LAPSED]
    assert (await stage.row()).status is OrderStatus.APPROVED


async def test_an_order_that_nobody_is_asked_about_any_more_is_found(
    fresh_house: House, reach: Reach
) -> None:
    """Two transactions that end the last two offers at once both see the other's still open."""
    stage = await reach(OrderStatus.OFFERED)
    async with fresh_house.database.transaction() as session:
        await session.exec(update(Offer).values(status=OfferStatus.DECLINED))
    assert await lapse_offers.run(fresh_house, NOW) == 1
    assert (await stage.row()).status is OrderStatus.APPROVED


async def test_a_dispatch_made_in_between_stands(fresh_house: House, reach: Reach) -> None:
    stage = await reach(OrderStatus.OFFERED)
    seen = await stage.row()
    await stage.do("dispatcher", "POST", f"{stage.at}/recall", REASON)
    await stage.do("dispatcher", "POST", f"{stage.at}/dispatch", {"mode": "pool"})
    await stage.do("dispatcher", "POST", f"{stage.at}/recall", REASON)
    await stage.offer()
    with pytest.raises(IllegalMove):
        async with fresh_house.database.transaction() as session:
            await lapsing.lapse_offers(session, seen, NOW + LIMIT)
    assert (await stage.row()).status is OrderStatus.OFFERED
    assert await offers_of(stage) == [OfferStatus.RECALLED, OfferStatus.OPEN], "rolled back with the rest"
