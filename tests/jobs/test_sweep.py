"""One bad row holds up nobody, a lost race is no failure, and a database that is away is said to be."""

import logging
from uuid import UUID

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.lifecycle import Action, OrderStatus
from app.errors import IllegalMove, Unavailable
from app.house import House
from app.jobs.sweep import sweep
from app.models.order import Order
from app.services.access import SYSTEM
from app.services.moves import move
from app.services.scope import visible
from tests.jobs.conftest import Reach, events

DUE = visible(Order, SYSTEM).where(Order.status == OrderStatus.SUBMITTED)


async def approve(session: AsyncSession, order: Order) -> None:
    await move(session, SYSTEM, order, Action.APPROVE)


async def test_a_bad_row_is_logged_left_alone_and_passed_over(
    fresh_house: House, reach: Reach, caplog: pytest.LogCaptureFixture
) -> None:
    stages = [await reach(OrderStatus.SUBMITTED) for _ in range(4)]
    bad = {UUID(stages[0].order_id), UUID(stages[1].order_id)}

    async def approve_or_break(session: AsyncSession, order: Order) -> None:
        await approve(session, order)
        if order.id in bad:
            raise ZeroDivisionError

    with caplog.at_level(logging.ERROR):
        assert await sweep(fresh_house.database, DUE, approve_or_break, limit=2) == 2
    assert [record.args for record in caplog.records] == [("Order", order_id) for order_id in sorted(bad)]
    statuses = [(await stage.row()).status for stage in stages]
    assert statuses == [OrderStatus.SUBMITTED] * 2 + [OrderStatus.APPROVED] * 2
    assert await events(stages[0], Action.APPROVE) == []


async def test_a_limit_is_a_limit(fresh_house: House, reach: Reach) -> None:
    for _ in range(3):
        await reach(OrderStatus.SUBMITTED)
    assert [await sweep(fresh_house.database, DUE, approve, limit=2) for _ in range(3)] == [2, 1, 0]


async def test_whoever_was_faster_is_fine(
    fresh_house: House, reach: Reach, caplog: pytest.LogCaptureFixture
) -> None:
    await reach(OrderStatus.SUBMITTED)

    async def too_late(_: AsyncSession, __: Order) -> None:
        raise IllegalMove

    assert await sweep(fresh_house.database, DUE, too_late, limit=2) == 0
    assert caplog.records == []


async def test_a_database_that_is_away_ends_the_sweep(fresh_house: House, reach: Reach) -> None:
    seen: list[UUID] = []
    for _ in range(2):
        await reach(OrderStatus.SUBMITTED)

    async def away(_: AsyncSession, order: Order) -> None:
        seen.append(order.id)
        raise Unavailable

    with pytest.raises(Unavailable):
        await sweep(fresh_house.database, DUE, away, limit=9)
    assert len(seen) == 1
