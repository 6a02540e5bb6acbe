"""Two processes of which one lives an hour ahead: nothing is lost, and nothing that counts is done twice."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from app import clock
from app.domain.lifecycle import Action, OrderStatus
from app.errors import Unauthenticated
from app.house import House, build
from app.jobs import deliver_notices
from app.models.event import OrderEvent
from app.models.points import PointsEntry
from app.services.verify import verify
from app.worker import JOBS, run_job
from tests.conftest import client_of
from tests.factories import NOW, plant
from tests.jobs.outbox import outbox
from tests.stages import Stage

HOUR = timedelta(hours=1)
STEP = timedelta(minutes=20)


@pytest.fixture
async def twins(fresh_house: House) -> AsyncIterator[tuple[House, House]]:
    """Two processes on one database, of which the second will be ahead."""
    ahead = build(fresh_house.settings)
    yield fresh_house, ahead
    await ahead.close()


async def tick(house: House, at: datetime) -> None:
    with clock.at(at):
        for name in JOBS:
            await run_job(house, name)


async def test_the_clock_of_two_workers_an_hour_apart(
    twins: tuple[House, House], caplog: pytest.LogCaptureFixture
) -> None:
    """Both look after everything, in turns, from before it is due until long after."""
    right, ahead = twins
    district = await plant(right)
    async with client_of(right) as client:
        wanted = (OrderStatus.OFFERED, OrderStatus.POOLED, OrderStatus.ACCEPTED, OrderStatus.DELIVERED)
        stages = [await Stage(client, district).reach(status) for status in wanted]
    caplog.clear()
    days = (0, 5, 8, 30)
    for day in days:
        for step in range(2):
            at = NOW + timedelta(days=day) + step * STEP
            await tick(ahead, at + HOUR)
            await tick(right, at)
    ours = [one for one in caplog.records if one.name.startswith("app")]
    assert [one.getMessage() for one in ours if one.levelname == "ERROR"] == []
    async with right.database.transaction() as session:
        orders = [UUID(stage.order_id) for stage in stages]
        events = (await session.exec(select(OrderEvent).where(col(OrderEvent.order_id).in_(orders)))).all()
        closed = Counter(one.order_id for one in events if one.action is Action.CLOSE)
        entries = (await session.exec(select(PointsEntry))).all()
    assert set(closed.values()) == {1}
    assert sum(one.amount for one in entries) == 0
    assert len({(one.order_id, one.seq) for one in events}) == len(events), "no step twice"
    assert await verify(right.database) == []


async def test_a_message_under_way_is_not_taken_for_abandoned_within_its_lease(fresh_house: House) -> None:
    """A lease is two minutes: who is further ahead than that sends again what is being sent. Never is it lost."""
    async with outbox(fresh_house) as box:
        told = await box.notice(await box.person("o-1", consents=2))
        with clock.at(NOW + timedelta(seconds=100)):
            assert await deliver_notices.run(box.house, NOW + timedelta(seconds=100)) == 1
        with clock.at(NOW):
            assert await box.deliver(NOW) == 0, "settled is settled, by whichever clock"
        assert len(box.wechat.sent) == 1
        assert (await box.row(told)).send_at is None


async def test_tokens_of_another_clock(twins: tuple[House, House]) -> None:
    """One from an hour ahead is none until then, one from an hour behind is over: then one signs in again."""
    right, ahead = twins
    district = await plant(right)
    person, sign_in = district["resident"].id, district.sign_ins[district["resident"].id].id
    early = ahead.tokens.issue(person, sign_in, NOW + HOUR)
    late = ahead.tokens.issue(person, sign_in, NOW - HOUR)
    for token, at in ((early, NOW), (late, NOW), (early, NOW + HOUR + right.tokens.lifetime)):
        with pytest.raises(Unauthenticated):
            right.tokens.read(token, at)
    assert right.tokens.read(early, NOW + HOUR).person_id == person
    nearly = ahead.tokens.issue(person, sign_in, NOW + timedelta(seconds=5))
    assert right.tokens.read(nearly, NOW).person_id == person, "clocks never agree to the second"
