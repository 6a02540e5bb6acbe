"""Every dispatcher hears once a morning what waits below them, and nothing when nothing does."""

import asyncio
from datetime import timedelta

from sqlmodel import col

from app import clock
from app.domain.lifecycle import OrderStatus
from app.domain.roles import Role
from app.house import House
from app.jobs import digest_staff
from app.models.failing import Complaint, FollowUp, FollowUpCause
from app.models.notification import Notification
from app.models.person import RoleGrant
from app.services.access import SYSTEM
from app.services.scope import visible
from tests.accounts import order_of, save
from tests.conftest import client_of
from tests.factories import NOW, District, plant

MORNING = NOW - timedelta(minutes=30)
"""08:30 in China."""


async def digests(house: House) -> list[Notification]:
    async with house.database.transaction() as session:
        found = visible(Notification, SYSTEM).where(col(Notification.kind) == "digest")
        return list(await session.exec(found))


async def work(house: House, district: District) -> None:
    """Five orders at the station, one at the center; a complaint, and visits of which one is for later."""
    early, late = NOW - timedelta(hours=2), NOW - timedelta(hours=1)
    orders = [
        order_of(district, "resident", OrderStatus.SUBMITTED, due_at=NOW + timedelta(days=1)),
        order_of(district, "resident", OrderStatus.SUBMITTED, risk_at=early, due_at=NOW + timedelta(hours=1)),
        order_of(district, "resident", OrderStatus.APPROVED, risk_at=early, due_at=late),
        order_of(district, "resident", OrderStatus.REJECTED),
        order_of(district, "resident", OrderStatus.CANCELLED, due_at=late),
        order_of(district, "resident", OrderStatus.APPROVED, org_path=district.center.path),
    ]
    await save(house, *orders)
    place = district.station.path
    await save(
        house,
        Complaint(
            order_id=orders[3].id, org_path=place, made_by_id=orders[3].placed_by_id, words="没来", due_at=NOW
        ),
        *(
            FollowUp(order_id=order.id, org_path=place, cause=FollowUpCause.ON_BEHALF, due_at=NOW + due)
            for order, due in zip(orders, (timedelta(), timedelta(days=3)), strict=False)
        ),
    )


async def test_each_dispatcher_hears_once_of_their_part(fresh_house: House, twin: House) -> None:
    district, idle = await plant(fresh_house), await plant(fresh_house)
    below = RoleGrant(
        person_id=district["grid_worker"].id, role=Role.DISPATCHER, organisation_id=district.office.id
    )
    await save(fresh_house, below)
    await work(fresh_house, district)
    assert await digest_staff.run(fresh_house, MORNING - timedelta(minutes=1)) == 0
    with clock.at(MORNING):
        both = [digest_staff.run(house, MORNING) for house in (fresh_house, twin)]
        assert sum(await asyncio.gather(*both)) >= 3
        assert await digest_staff.run(twin, MORNING) == 0
    told = {row.person_id: row for row in await digests(fresh_house)}
    assert len(told) == len(await digests(fresh_house)) == 3
    rest = "临期1件，超时1件，待答复反映1件，待回访1件"
    whole, part = told[district["dispatcher"].id], told[district["grid_worker"].id]
    assert whole.data["reason"] == f"待审核2件，待派单2件，{rest}"
    assert part.data["reason"] == f"待审核2件，待派单1件，{rest}"
    assert whole.send_at == MORNING
    nothing = told[idle["dispatcher"].id]
    assert (nothing.voided_at, nothing.send_at) == (MORNING, None)
    async with client_of(fresh_house) as client:
        for where, expected in ((district, [f"今日待办：{whole.data['reason']}"]), (idle, [])):
            page = (await client.get("/me/inbox", headers=where.as_("dispatcher"))).json()
            assert [item["text"] for item in page["items"]] == expected
    assert await digest_staff.run(fresh_house, MORNING + timedelta(hours=5)) == 0
    tomorrow = MORNING + timedelta(days=1)
    with clock.at(tomorrow):
        assert await digest_staff.run(fresh_house, tomorrow) == 3


async def test_a_place_says_when_its_morning_is(fresh_house: House) -> None:
    district = await plant(fresh_house)
    district.center.policy = {"notices": {"digest_at": "07:00:00"}}
    async with fresh_house.database.transaction() as session:
        session.add(await session.merge(district.center))
    assert await digest_staff.run(fresh_house, MORNING - timedelta(minutes=91)) == 0
    assert await digest_staff.run(fresh_house, MORNING - timedelta(minutes=90)) == 1
