"""Eight Thursdays: each is ordered once, some days ahead, whatever happens in between."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app import clock
from app.domain.lifecycle import Action, OrderStatus
from app.house import House
from app.jobs import dispatch_waves
from app.models.notification import Notification
from app.models.order import Order
from app.models.recurring import RecurringOrder, RecurringStatus
from app.services import recurring_making
from app.services.access import SYSTEM
from app.services.order_rows import Rows
from app.services.scope import visible
from app.services.verify import verify
from tests.center import newcomer
from tests.conftest import client_of
from tests.desk import alter
from tests.factories import NOW, plant
from tests.jobs.conftest import events
from tests.series import THURSDAY, WEEK, Series, tick
from tests.stages import REASON

AHEAD = timedelta(days=14)


@pytest.fixture
async def series(fresh_house: House) -> AsyncIterator[Series]:
    district = await plant(fresh_house)
    async with client_of(fresh_house) as client:
        yield Series(client, district)


def starts(orders: list[Order]) -> list[datetime]:
    return [order.window_start for order in orders]


async def said(house: House, kind: str) -> list[str]:
    """To whom (desk or person) and why."""
    async with house.database.transaction() as session:
        found = visible(Notification, SYSTEM).where(col(Notification.kind) == kind)
        return sorted(
            f"{'desk' if one.person_id is None else 'person'} {one.data['reason']}"
            for one in await session.exec(found)
        )


async def row(series: Series) -> RecurringOrder:
    async with series.district.house.database.transaction() as session:
        return (await session.exec(visible(RecurringOrder, SYSTEM))).one()


async def test_eight_thursdays_one_skipped_one_moved_one_a_holiday(
    fresh_house: House, series: Series
) -> None:
    """12-03 is skipped before its order is there, 12-10 moved after; of two closed days one is kept."""
    team = series.district.team
    policy = {"times": {"service_hours": {"closed_days": ["2026-12-17", "2026-12-24"]}}}
    await alter(series.district, series.district.center, policy=policy)
    await series.ask(on_holiday="skip", preferred_team_id=str(team.id))
    assert await tick(fresh_house) == 0, "nobody has approved it"
    await series.do("dispatcher", "POST", f"{series.on}/approve")
    assert (await series.put(THURSDAY + WEEK, None)).is_success
    assert (await series.put(THURSDAY + 4 * WEEK, THURSDAY + 4 * WEEK)).is_success
    assert await tick(fresh_house) == 1
    assert await tick(fresh_house) == 0
    (first,) = await series.orders()
    assert starts([first]) == [THURSDAY]
    assert (first.status, first.preferred_team_id, first.version) == (OrderStatus.APPROVED, team.id, 2)
    assert first.placed_by_id == series.district["resident"].id
    assert first.window_end - first.window_start == timedelta(hours=3)
    series.order_id = str(first.id)
    assert [event.actor_role for event in await events(series, Action.SUBMIT)] == ["system"]

    friday = THURSDAY + 2 * WEEK + timedelta(days=1)
    assert await tick(fresh_house, THURSDAY + 2 * WEEK - AHEAD) == 1
    with clock.at(THURSDAY - timedelta(hours=1)):
        assert (await series.put(THURSDAY + 2 * WEEK, friday)).is_success
    while at := (await row(series)).next_at:
        assert await tick(fresh_house, max(at, THURSDAY)) == 1
    expected = [THURSDAY, friday, *(THURSDAY + n * WEEK for n in (4, 5, 6, 7))]
    assert starts(await series.orders()) == expected
    assert (await row(series)).reason == recurring_making.DONE
    with clock.at(THURSDAY + 8 * WEEK):
        told = (await series.show())["so_far"]
    assert [one["outcome"] for one in told] == ["made", "skipped", "made", "holiday", *["made"] * 4]
    assert told[3]["reason"] == "休息日"
    assert await said(fresh_house, "series_missed") == []
    assert await verify(fresh_house.database) == []


async def test_the_preferred_team_is_asked_alone_and_then_others(fresh_house: House, series: Series) -> None:
    district = series.district
    await alter(district, district.center, policy={"dispatch": {"mode": "auto"}})
    await series.begin(rule="FREQ=WEEKLY;COUNT=1", preferred_team_id=str(district.other_team.id))
    await tick(fresh_house)
    series.order_id = str((await series.orders())[0].id)

    async def asked(who: str) -> list[str]:
        await dispatch_waves.run(fresh_house, NOW)
        page = await series.do(who, "GET", f"/offers?status=open&order_id={series.order_id}")
        return [offer["id"] for offer in page["items"]]

    assert await asked("leader") == []
    (first,) = await asked("other_leader")
    await series.do("other_leader", "POST", f"/offers/{first}/decline", REASON)
    assert len(await asked("leader")) == 1


async def test_two_workers_and_a_crash_between_two_place_each_once(
    fresh_house: House, twin: House, series: Series, monkeypatch: pytest.MonkeyPatch
) -> None:
    await series.begin(rule="FREQ=DAILY;COUNT=10")
    write = recurring_making._write

    async def dies(session: AsyncSession, rows: Rows) -> None:
        await write(session, rows[: len(rows) // 2])
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(recurring_making, "_write", dies)
        assert await tick(fresh_house) == 0
    assert await series.orders() == []
    with clock.at(NOW):
        runs = [tick(house) for house in (fresh_house, twin, fresh_house, twin)]
        assert sum(await asyncio.gather(*runs)) == 1
    assert starts(await series.orders()) == [THURSDAY + timedelta(days=n) for n in range(10)]
    assert await verify(fresh_house.database) == []


async def test_what_has_changed_since_is_looked_at_by_a_person(fresh_house: House, series: Series) -> None:
    """The item is off the menu, the team gone, the station closed: the order is there, with the reason."""
    district = series.district
    await series.begin(preferred_team_id=str(district.team.id))
    await alter(district, district.cleaning, active=False)
    await alter(district, district.team, active=False)
    await alter(district, district.station, active=False)
    await tick(fresh_house)
    (first, second) = await series.orders()
    assert (first.status, first.menu_item_id, first.preferred_team_id) == (OrderStatus.SUBMITTED, None, None)
    assert (first.org_path, first.title, first.duration_minutes) == (district.office.path, "家庭保洁", 120)
    series.order_id = str(first.id)
    (asked,) = await events(series, Action.SUBMIT)
    assert asked.reason == "原点单的站点已停用，转由测试街道所办理；该服务已从菜单下架；原定服务队已停用"
    inbox = await series.do("dispatcher", "GET", "/me/inbox")
    assert f"与当初不同：{asked.reason}，请查看" in inbox["items"][0]["text"]
    await alter(district, district.center, active=False)
    await alter(district, district.office, active=False)
    await tick(fresh_house, THURSDAY + WEEK)
    ended = await row(series)
    assert (ended.status, ended.reason) == (RecurringStatus.ENDED, "文明实践中心已停用")
    assert await said(fresh_house, "series_ended") == [
        f"{who} 文明实践中心已停用" for who in ("desk", "person")
    ]
    assert len(await series.orders()) == 2
    assert second.occurs_at == THURSDAY + WEEK
    assert await verify(fresh_house.database) == []


async def test_what_came_too_late_is_told_and_the_rest_is_ordered(fresh_house: House, series: Series) -> None:
    await series.begin()
    await tick(fresh_house, THURSDAY + WEEK + timedelta(hours=2))
    assert starts(await series.orders()) == [THURSDAY + 2 * WEEK, THURSDAY + 3 * WEEK]
    await tick(fresh_house, THURSDAY + 30 * WEEK)
    assert await said(fresh_house, "series_missed") == [
        f"desk {day} 14:00"
        for day in ("2026-11-26", "2026-12-03", "2026-12-24", "2026-12-31", "2027-01-07", "2027-01-14")
    ]


async def test_ending_cancels_what_nobody_has_accepted(fresh_house: House, series: Series) -> None:
    """The first Thursday has a team, the second is offered; both teams hear what they must."""
    district = series.district
    await series.begin()
    await tick(fresh_house)
    (first, second) = await series.orders()
    for order in (second, first):
        series.order_id = str(order.id)
        await series.offer()
    await series.do("leader", "POST", f"/offers/{series.offer_id}/accept", {})
    await newcomer(district, "passer-by")
    refused = await series.call("passer-by", "POST", f"{series.on}/end", REASON)
    assert refused.status_code == 404
    assert (await series.call("supervisor", "POST", f"{series.on}/end", REASON)).status_code == 403
    ended = await series.do("resident", "POST", f"{series.on}/end", REASON)
    assert (ended["status"], ended["upcoming"]) == ("ended", [])
    assert [order.status for order in await series.orders()] == ["accepted", "cancelled"]
    assert await tick(fresh_house, THURSDAY + WEEK) == 0
    again = await series.call("resident", "POST", f"{series.on}/end", REASON)
    assert (again.status_code, again.json()["code"]) == (409, "illegal_move")
    assert await said(fresh_house, "series_ended") == [f"desk {REASON['reason']}"]
    assert await verify(fresh_house.database) == []


async def test_a_skip_and_an_end_in_the_moment_in_which_the_clock_orders(
    fresh_house: House, twin: House, series: Series
) -> None:
    """Whoever is first, nothing lives that was taken back."""
    for _ in range(2):
        await series.begin(rule="FREQ=DAILY;COUNT=3")
        with clock.at(NOW):
            skipped, again, *_ = await asyncio.gather(
                series.put(THURSDAY, None), series.put(THURSDAY, None), tick(fresh_house), tick(twin)
            )
            assert skipped.is_success, skipped.text
            assert again.is_success, "a phone that asks twice has asked once"
            ended, *_ = await asyncio.gather(
                series.call("resident", "POST", f"{series.on}/end", REASON), tick(fresh_house), tick(twin)
            )
        assert ended.is_success, ended.text
        await tick(fresh_house)
        assert {order.status for order in await series.orders()} <= {OrderStatus.CANCELLED}
    assert await verify(fresh_house.database) == []
