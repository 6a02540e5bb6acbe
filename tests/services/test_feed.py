"""Who follows positions sees every event once, however late its writer commits and whoever places it."""

import asyncio
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select

from app.domain.lifecycle import Action, OrderStatus
from app.domain.roles import Role
from app.house import House, build
from app.models.event import FeedPosition, OrderEvent
from app.services import feed
from tests.conftest import client_of
from tests.factories import District, plant
from tests.stages import Stage

WRITERS, EACH = 6, 8


def event(order_id: UUID, seq: int) -> OrderEvent:
    """A mark on the order: it is in the feed like any move."""
    return OrderEvent(
        order_id=order_id,
        seq=seq,
        action=Action.URGE,
        from_status=OrderStatus.SUBMITTED,
        to_status=OrderStatus.SUBMITTED,
        actor_role=Role.RESIDENT,
    )


async def placed_order(house: House) -> tuple[District, UUID]:
    district = await plant(house)
    async with client_of(house) as client:
        return district, UUID(await Stage(client, district).place())


async def followed(house: House, after: int, limit: int = 3) -> list[feed.FeedEvent]:
    """Everything after a position, page by page."""
    found: list[feed.FeedEvent] = []
    while True:
        async with house.database.reading() as session:
            page = await feed.read(session, found[-1].position if found else after, limit)
        if not page:
            return found
        found += page


async def test_positions_follow_the_order_of_events(fresh_house: House) -> None:
    district, order_id = await placed_order(fresh_house)
    async with fresh_house.database.transaction() as session:
        session.add_all([event(order_id, seq) for seq in range(2, 9)])
    assert [await feed.place(fresh_house.database, 3) for _ in range(4)] == [3, 3, 2, 0]
    found = await followed(fresh_house, 0)
    assert [one.position for one in found] == [*range(1, 9)]
    assert [one.seq for one in found] == [*range(1, 9)]
    first = found[0]
    assert (first.action, first.from_status, first.to_status) == (Action.SUBMIT, None, OrderStatus.SUBMITTED)
    assert (first.order_id, first.org_path, first.title) == (order_id, district.station.path, "家庭保洁")
    async with fresh_house.database.reading() as session:
        assert await feed.last(session) == 8
        assert (await session.exec(select(FeedPosition.id))).all() == [1]


async def test_what_commits_late_is_not_passed_by(fresh_house: House) -> None:
    """On PostgreSQL the older id commits after the reader has seen the younger one."""
    _, order_id = await placed_order(fresh_house)
    await feed.place_all(fresh_house.database)
    late, early = event(order_id, 2), event(order_id, 3)
    assert late.id < early.id
    twin = build(fresh_house.settings)
    try:
        if fresh_house.database.postgresql:
            async with fresh_house.database.transaction() as session:
                session.add(late)
                await session.flush()
                async with twin.database.transaction() as other:
                    other.add(early)
                await feed.place_all(twin.database)
                seen = await followed(twin, 1)
        else:  # one writer: nobody can overtake it
            async with twin.database.transaction() as other:
                other.add(early)
            await feed.place_all(twin.database)
            seen = await followed(twin, 1)
            async with fresh_house.database.transaction() as session:
                session.add(late)
        assert [one.id for one in seen] == [early.id]
        await feed.place_all(twin.database)
        assert [one.id for one in await followed(twin, seen[-1].position)] == [late.id]
    finally:
        await twin.close()


async def test_a_reader_among_late_writers_and_placers_sees_each_once(fresh_house: House) -> None:
    """Placers of two processes, writers that wait between writing and committing, and one who follows."""
    _, order_id = await placed_order(fresh_house)
    twin = build(fresh_house.settings)
    left, seen = WRITERS, list[feed.FeedEvent]()

    async def write(number: int) -> None:
        nonlocal left
        for turn in range(EACH):
            async with fresh_house.database.transaction() as session:
                session.add(event(order_id, 2 + number * EACH + turn))
                await session.flush()
                for _ in range((number * 7 + turn * 3) % 11):
                    await session.exec(select(func.count(col(OrderEvent.id))))
        left -= 1

    async def number_them(house: House) -> None:
        while left:
            await feed.place(house.database, 4)
        await feed.place_all(house.database, 4)

    async def follow() -> None:
        while left:
            seen.extend(await followed(twin, seen[-1].position if seen else 0))
            await asyncio.sleep(0)

    try:
        writers = [write(number) for number in range(WRITERS)]
        await asyncio.gather(follow(), number_them(fresh_house), number_them(twin), *writers)
        seen += await followed(twin, seen[-1].position if seen else 0)
    finally:
        await twin.close()
    assert [one.position for one in seen] == [*range(1, WRITERS * EACH + 2)]
    assert sorted(one.seq for one in seen) == [*range(1, WRITERS * EACH + 2)]
