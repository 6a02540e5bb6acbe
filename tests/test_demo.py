"""The demonstration, driven in this process against the app: every story ends as it should, again and again."""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

import httpx
import pytest
from rich.console import Console
from sqlalchemy import update
from sqlmodel import col, select

from app import clock
from app.demo import district as samples
from app.demo.board import Board
from app.demo.cast import NoDistrict
from app.demo.drive import drive
from app.demo.figures import Figures
from app.demo.load import load
from app.demo.wish import ZONE, under_way, window
from app.domain import taxonomy
from app.domain.lifecycle import OrderStatus
from app.domain.points import earn
from app.domain.policy import Policy
from app.house import House
from app.models.order import Order
from app.models.service import Attendance, CrewMember, Review
from app.models.team import Team
from app.services import organisations
from app.services.access import SYSTEM
from app.services.scope import visible
from app.services.verify import verify
from tests.conftest import app_of, client_of
from tests.factories import NOW

DISTRICT = samples.load()
TOLD = {1, 6, 12, 13, 14, 16, 19, 23, 25, 27, 30}
"""One order or two of each story, and those that are under way when they are shown."""
ENDS = {
    OrderStatus.CLOSED: 23,
    OrderStatus.UNMET: 3,
    OrderStatus.DELIVERED: 2,
    OrderStatus.CANCELLED: 1,
    OrderStatus.REJECTED: 1,
}
SHORT_ENDS = ENDS | {OrderStatus.CLOSED: 7, OrderStatus.UNMET: 1, OrderStatus.DELIVERED: 1}
PASSED = {
    OrderStatus.SUBMITTED,
    OrderStatus.APPROVED,
    OrderStatus.OFFERED,
    OrderStatus.POOLED,
    OrderStatus.ACCEPTED,
    OrderStatus.IN_SERVICE,
    OrderStatus.DELIVERED,
}


@pytest.fixture
async def shown(fresh_house: House) -> House:
    """A house that shows the district and nothing else."""
    await load(fresh_house.database)
    return fresh_house


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.demo.phone.PAUSE", 0)


Only = Callable[[set[int]], None]


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Only:
    """From now on only the orders with these numbers are acted."""

    def told(numbers: set[int]) -> None:
        short = replace(DISTRICT, orders=tuple(one for one in DISTRICT.orders if one.number in numbers))
        monkeypatch.setattr("app.demo.drive.load", lambda: short)

    return told


async def acted(house: House, transport: httpx.AsyncBaseTransport | None = None) -> tuple[Figures, str]:
    """The figures, and what stood on the terminal at the end."""
    screen = Console(file=StringIO(), width=120)
    async with client_of(house) if transport is None else line(transport) as http:
        with Board(screen) as board:
            figures = await drive(http, board.tell)
    board.total(figures)
    assert isinstance(screen.file, StringIO)
    return figures, screen.file.getvalue()


def line(transport: httpx.AsyncBaseTransport) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=transport, base_url="http://test/api/v1")


async def owed(house: House) -> int:
    """What the crews of all closed orders have earned, order by order, worked out from stays and reviews."""
    rule, total = Policy().points, 0
    async with house.database.transaction() as session:
        closed = visible(Order, SYSTEM).where(col(Order.status) == OrderStatus.CLOSED)
        for order in await session.exec(closed):
            review = (await session.exec(select(Review).where(Review.order_id == order.id))).one()
            rating = (review.timeliness + review.attitude + review.quality + review.resolution) / 4
            for stay in await session.exec(select(Attendance).where(Attendance.order_id == order.id)):
                total += earn(stay.verified_minutes, stay.declared_minutes, rating, rule)
    return total


class BadLine(httpx.AsyncBaseTransport):
    """Does what is asked, but loses every `nth` answer; from call `dead` on, nothing gets through. Who asks for
    a ranking reads, once for each order, what another order has just overtaken: the second.

    Nobody loses the answer to one call twice: among so many callers chance would do that to somebody until they
    gave up.
    """

    def __init__(self, house: House, nth: int = 0, dead: int = 0) -> None:
        self.server = httpx.ASGITransport(app=app_of(house), raise_app_exceptions=False)
        self.nth, self.dead, self.calls = nth, dead, 0
        self.lost: set[str] = set()
        self.overtaken: set[str] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        if self.dead and self.calls >= self.dead:
            raise httpx.ConnectError("no signal", request=request)
        if request.url.path.endswith("/matches") and request.url.path not in self.overtaken:
            return await self.second_of(request)
        answer = await self.server.handle_async_request(request)
        call = request.headers["Idempotency-Key"]
        if self.nth and self.calls % self.nth == 0 and call not in self.lost:
            self.lost.add(call)
            raise httpx.ReadError("no signal", request=request)
        return answer

    async def second_of(self, request: httpx.Request) -> httpx.Response:
        self.overtaken.add(request.url.path)
        request.url = request.url.copy_set_param("limit", "2")
        answer = await self.server.handle_async_request(request)
        ranked = json.loads(await answer.aread())
        return httpx.Response(200, json=ranked | {"items": ranked["items"][-1:]})


async def test_the_demonstration_ends_with_a_balanced_table(shown: House, only: Only) -> None:
    """And again two days later, an hour before midnight, in short and on a line that loses every seventh answer.

    All thirty orders on PostgreSQL. On SQLite a served process acts them all in tests/test_served.py, here a part.
    """
    if not shown.database.postgresql:
        only(TOLD)
    first, screen = await acted(shown)
    ends = ENDS if shown.database.postgresql else SHORT_ENDS
    assert first.faults == ()
    assert first.states == ends
    assert first.mean.keys() == first.longest.keys() == PASSED
    assert first.credited == first.issued == first.held == await owed(shown) > 0
    assert first.verified_minutes == 43 * 5, "two at the mourners', three after the storm, by their phones"
    for words in (f"记积分 {first.credited}", f"持有 {first.held}，平", "#30 已完成"):
        assert words in screen
    assert re.search(rf"已完成 +│ +{ends[OrderStatus.CLOSED]} ", screen)
    async with shown.database.transaction() as session:
        stays = list(await session.exec(select(Attendance)))
        crew = list(await session.exec(select(CrewMember)))
    assert first.declared_minutes == sum(stay.declared_minutes for stay in stays)
    assert len(stays) == len(crew), "everybody named has one stay"
    assert await verify(shown.database) == []

    with clock.at(NOW + timedelta(hours=62, minutes=13)):
        only(TOLD)
        second, _ = await acted(shown, BadLine(shown, nth=7))
        assert (second.faults, second.states) == ((), SHORT_ENDS)
        assert second.issued == first.credited + second.credited
        assert 0 < second.credited <= first.credited
        assert second.issued == second.held == await owed(shown)
        assert await verify(shown.database) == []


async def test_after_an_interruption_it_tidies_up_its_own_and_tells_what_goes_wrong(
    shown: House, only: Only
) -> None:
    """The line goes dead; next time a team of the story is gone, and only its order suffers."""
    only(TOLD - {19})
    with pytest.raises(httpx.TransportError):
        await acted(shown, BadLine(shown, dead=150))
    left = await standing(shown)
    assert left.keys() & {OrderStatus.ACCEPTED, OrderStatus.IN_SERVICE}, "teams were left with work in hand"
    assert await verify(shown.database) == []
    async with shown.database.transaction() as session:
        await organisations.bump(session, "/qinghe/")
        await session.exec(update(Team).where(col(Team.name) == "流光放映队").values(active=False))
    only(TOLD)
    figures, screen = await acted(shown)
    assert figures.faults
    assert all(fault.startswith("#19 ") for fault in figures.faults), figures.faults
    assert figures.states == SHORT_ENDS | {OrderStatus.CLOSED: 6, OrderStatus.APPROVED: 1}
    assert "✗ #19 " in screen
    after = await standing(shown)
    assert after.total() == left.total() + len(TOLD)
    assert after.keys() == ENDS.keys() | {OrderStatus.APPROVED}
    assert await verify(shown.database) == []


async def standing(house: House) -> Counter[OrderStatus]:
    async with house.database.transaction() as session:
        return Counter(order.status for order in await session.exec(visible(Order, SYSTEM)))


async def test_a_server_without_the_district_is_left_alone(fresh_house: House) -> None:
    with pytest.raises(NoDistrict):
        await acted(fresh_house)


def instants() -> list[datetime]:
    """A week and a day, at odd moments."""
    return [NOW + timedelta(minutes=37 * step, seconds=59) for step in range(8 * 24)]


@pytest.mark.parametrize("order", DISTRICT.orders, ids=lambda order: str(order.number))
def test_every_window_can_be_ordered_whenever_it_is_shown(order: samples.Order) -> None:
    minutes = taxonomy.menu_templates()[order.menu].duration_minutes
    for at in instants():
        start, end = window(order, minutes, at)
        assert end - start >= timedelta(minutes=minutes)
        if under_way(order):
            assert timedelta(minutes=45) <= at - start < timedelta(minutes=46)
        else:
            assert at < start
            assert order.window.weekday in (None, start.astimezone(ZONE).isoweekday())
            assert f"{start.astimezone(ZONE):%H:%M}" == order.window.start
        assert start.astimezone(UTC) <= at + timedelta(days=31)
