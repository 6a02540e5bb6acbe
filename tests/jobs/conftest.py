"""A database of its own for each test of a job, because jobs look after every center there is."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from sqlmodel import col, select

from app.domain.lifecycle import Action, OrderStatus
from app.house import House, build
from app.models.event import OrderEvent
from app.models.notification import Notification
from app.services.access import SYSTEM
from app.services.scope import visible
from tests.conftest import client_of
from tests.factories import plant
from tests.stages import Stage

Reach = Callable[[OrderStatus], Awaitable[Stage]]


@pytest.fixture
async def reach(fresh_house: House) -> AsyncIterator[Reach]:
    """Brings a new order of one center into a state."""
    district = await plant(fresh_house)
    async with client_of(fresh_house) as client:

        async def stage(status: OrderStatus) -> Stage:
            return await Stage(client, district).reach(status)

        yield stage


@pytest.fixture
async def twin(fresh_house: House) -> AsyncIterator[House]:
    """A second process's view of the same database: connections of its own."""
    made = build(fresh_house.settings)
    yield made
    await made.close()


async def events(stage: Stage, action: Action) -> list[OrderEvent]:
    """Each time that `action` stands in the order's timeline."""
    order = await stage.row()
    async with stage.district.house.database.transaction() as session:
        found = select(OrderEvent).where(OrderEvent.order_id == order.id, col(OrderEvent.action) == action)
        return list(await session.exec(found))


async def notices(stage: Stage, action: Action) -> list[Notification]:
    """Who was told that `action` happened to the order."""
    order = await stage.row()
    async with stage.district.house.database.transaction() as session:
        found = visible(Notification, SYSTEM).where(Notification.order_id == order.id)
        return list(await session.exec(found.where(Notification.kind == action)))
