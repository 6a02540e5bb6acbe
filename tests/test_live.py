"""The stream of staff on a real server: nothing twice, nothing missed, nobody who may not, and a clean end."""

import asyncio
import json
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import anyio
import anyio.lowlevel
import httpx
import pytest
import uvicorn
from sqlalchemy import delete, text
from sqlmodel import col

from app import clock, metrics
from app.house import House
from app.models.person import RoleGrant
from app.schemas.stream import StreamEvent
from app.services import feed, live, sign_ins
from tests.conftest import app_of, calling
from tests.factories import NOW, District, plant
from tests.services.test_feed import event
from tests.stages import REASON, Stage

PATIENCE = 20
STREAM = "/api/v1/events/stream"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(live, "CHECK_SECONDS", 0)


@dataclass
class Told:
    """One event as the wire brought it."""

    kind: str
    id: int | None
    data: Any


async def parsed(lines: AsyncIterator[str]) -> AsyncIterator[Told]:
    """What a browser makes of the lines; blocks without data only move the id."""
    fields: dict[str, str] = {}
    async for line in lines:
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.strip()
        elif fields:
            number = int(fields["id"]) if "id" in fields else None
            yield Told(fields.get("event", ""), number, json.loads(fields.get("data", "null")))
            fields = {}


class Server:
    """A real uvicorn in this process, so that a test can hold its clock and look at its pool."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.bound = socket.create_server(("127.0.0.1", 0))
        self.bound.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        self.app = app_of(house)
        config = uvicorn.Config(self.app, log_level="warning", ws="none", access_log=False)
        self.uvicorn = uvicorn.Server(config)

    @property
    def port(self) -> int:
        return int(self.bound.getsockname()[1])

    def caller(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=PATIENCE, trust_env=False)

    @asynccontextmanager
    async def heard(
        self, headers: dict[str, str], last: int | str | None = None
    ) -> AsyncIterator[AsyncIterator[Told]]:
        more = {} if last is None else {"Last-Event-ID": str(last)}
        async with self.caller() as caller, caller.stream("GET", STREAM, headers=headers | more) as answer:
            assert answer.status_code == 200, await answer.aread()
            assert answer.headers["content-type"].startswith("text/event-stream")
            assert "content-encoding" not in answer.headers
            yield parsed(answer.aiter_lines())


@asynccontextmanager
async def serving(house: House) -> AsyncIterator[Server]:
    server = Server(house)
    with anyio.fail_after(PATIENCE):
        running = asyncio.create_task(server.uvicorn.serve(sockets=[server.bound]))
        while not server.uvicorn.started:
            await anyio.lowlevel.checkpoint()
        try:
            yield server
        finally:
            server.uvicorn.should_exit = True
            house.live.close()
            await running


async def orders(told: AsyncIterator[Told], count: int) -> list[Told]:
    """The next events of orders, each of which is what the contract says."""
    found: list[Told] = []
    while len(found) < count:
        one = await anext(told)
        if one.kind == "order":
            found.append(one)
            assert StreamEvent.model_validate(one.data).position == one.id
    return found


async def test_staff_hear_their_subtree_and_resume_where_they_were(fresh_house: House) -> None:
    district, other = await plant(fresh_house), await plant(fresh_house)
    async with serving(fresh_house) as server, calling(server.app) as client:
        stage, elsewhere = Stage(client, district), Stage(client, other)
        async with server.heard(district.as_("dispatcher")) as told, server.heard(other.as_("admin")) as far:
            first = await anext(told)
            assert (first.kind, first.id) == ("", 0)
            await anext(far)
            await stage.place()
            await elsewhere.place()
            await stage.do("dispatcher", "POST", f"{stage.at}/approve")
            heard = await orders(told, 2)
            assert [one.data["action"] for one in heard] == ["submit", "approve"]
            assert {one.data["order_id"] for one in heard} == {stage.order_id}
            (only,) = await orders(far, 1)
            assert only.data["order_id"] == elsewhere.order_id
        await stage.do("dispatcher", "POST", f"{stage.at}/dispatch", {"mode": "pool"})
        await elsewhere.do("dispatcher", "POST", f"{elsewhere.at}/reject", REASON)
        async with server.heard(district.as_("supervisor"), heard[0].id) as told:
            assert (await anext(told)).id == heard[0].id
            await stage.do("resident", "POST", f"{stage.at}/cancel", REASON)
            heard = heard[:1] + await orders(told, 3)
        assert [one.data["version"] for one in heard] == [1, 2, 3, 4]
        ids = [one.id or 0 for one in heard]
        assert ids == sorted(set(ids))


async def test_an_id_that_nobody_gave_or_that_is_too_old_begins_anew(
    fresh_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    district = await plant(fresh_house)
    async with serving(fresh_house) as server, calling(server.app) as client:
        for _ in range(3):
            await Stage(client, district).place()
        await feed.place_all(fresh_house.database)
        for last in (4, "-1", "x"):
            async with server.heard(district.as_("dispatcher"), last) as told:
                assert await anext(told) == Told("reset", 3, {})
        monkeypatch.setattr(live, "MOST_MISSED", 1)
        async with server.heard(district.as_("dispatcher"), 1) as told:
            assert await anext(told) == Told("reset", 3, {})
        async with server.heard(district.as_("dispatcher"), 2) as told:
            assert [(await anext(told)).id for _ in range(2)] == [2, 3]


async def test_a_beat_moves_the_id_on_where_nothing_happens(
    fresh_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "BEAT_SECONDS", 0)
    district, quiet = await plant(fresh_house), await plant(fresh_house)
    async with serving(fresh_house) as server, calling(server.app) as client:
        async with server.heard(quiet.as_("dispatcher")) as told:
            assert (await anext(told)).id == 0
            await Stage(client, district).place()
            while (beat := await anext(told)).id == 0:
                assert beat == Told("", 0, None)
            assert beat == Told("", 1, None)
        monkeypatch.setattr(live, "MOST_LISTENERS", 0)
        async with server.caller() as caller:
            full = await caller.get(STREAM, headers=quiet.as_("dispatcher"))
        assert (full.status_code, full.json()["code"]) == (503, "unavailable")


async def test_who_may_not_listen_or_may_not_any_more(fresh_house: House) -> None:
    district = await plant(fresh_house)
    async with serving(fresh_house) as server:
        async with server.caller() as caller:
            codes = [
                (await caller.get(STREAM, headers=headers)).json()["code"]
                for headers in ({}, district.as_("resident"), district.as_("leader"))
            ]
            assert codes == ["unauthenticated", "forbidden", "forbidden"]
        async with (
            server.heard(district.as_("dispatcher")) as signed_out,
            server.heard(district.as_("supervisor")) as dismissed,
            server.heard(district.as_("admin")) as expired,
        ):
            for told in (signed_out, dismissed, expired):
                await anext(told)
            async with fresh_house.database.transaction() as session:
                await sign_ins.revoke(session, district["dispatcher"].id, NOW)
                gone = col(RoleGrant.person_id) == district["supervisor"].id
                await session.exec(delete(RoleGrant).where(gone))
            for told in (signed_out, dismissed):
                assert await anext(told) == Told("end", None, {"reason": "forbidden"})
            with clock.at(NOW + timedelta(minutes=16)):
                assert await anext(expired) == Told("end", None, {"reason": "expired"})
                assert [one async for one in expired] == []


def request(server: Server, district: District, last: int) -> bytes:
    token = district.as_("dispatcher")["Authorization"]
    asked = f"GET {STREAM}?last_event_id={last} HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n\r\n"
    return asked.encode()


async def test_a_slow_reader_is_let_go_and_resumes_without_loss(
    fresh_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It reads nothing while 1,500 events happen; others hear them all, and it holds no connection meanwhile."""
    monkeypatch.setattr("app.services.listener.MOST_WAITING", 1)
    district, dropped = await plant(fresh_house), metrics.DROPPED._value.get()
    async with serving(fresh_house) as server, calling(server.app) as client:
        order_id = UUID(await Stage(client, district).place())
        slow = socket.socket()
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(slow, ("127.0.0.1", server.port))
        await loop.sock_sendall(slow, request(server, district, 0))
        async with server.heard(district.as_("admin"), 0) as told:
            await orders(told, 1)
            for first in range(2, 1502, 300):
                async with fresh_house.database.transaction() as session:
                    session.add_all(event(order_id, seq) for seq in range(first, first + 300))
                await orders(told, 300)
        assert metrics.DROPPED._value.get() == dropped + 1
        pool: Any = fresh_house.database.engine.pool
        while pool.checkedout():
            await anyio.lowlevel.checkpoint()
        got = b""
        while chunk := await loop.sock_recv(slow, 65536):
            got += chunk
            if b'"reason":"slow"' in got:
                break
        slow.close()
        seen = [int(line[4:]) for line in got.splitlines() if line.startswith(b"id: ")][1:]
        assert seen == [*range(1, len(seen) + 1)]
        assert 0 < len(seen) < 1501
        async with server.heard(district.as_("dispatcher"), seen[-1]) as told:
            rest = await orders(told, 1501 - len(seen))
        assert [one.id for one in rest] == [*range(len(seen) + 1, 1502)]


async def test_a_database_that_fails_for_a_while_ends_no_stream(
    fresh_house: House, caplog: pytest.LogCaptureFixture
) -> None:
    district, engine = await plant(fresh_house), fresh_house.database.engine
    async with (
        serving(fresh_house) as server,
        calling(server.app) as client,
        server.heard(district.as_("dispatcher")) as told,
    ):
        await anext(told)
        async with engine.begin() as connection:
            await connection.execute(text("ALTER TABLE order_event RENAME TO away"))
        while not caplog.records:
            await anyio.lowlevel.checkpoint()
        async with engine.begin() as connection:
            await connection.execute(text("ALTER TABLE away RENAME TO order_event"))
        order_id = await Stage(client, district).place()
        assert [one.data["order_id"] for one in await orders(told, 1)] == [order_id]
    assert [record.getMessage() for record in caplog.records] == ["the live feed waits for the database"]


async def test_a_process_that_leaves_ends_its_streams_at_once(fresh_house: House) -> None:
    """uvicorn would wait for them, and cut them off at the end of its patience."""
    district = await plant(fresh_house)
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        async with serving(fresh_house) as server, server.heard(district.as_("dispatcher")) as told:
            await anext(told)
            signal.raise_signal(signal.SIGTERM)
            assert await anext(told) == Told("end", None, {"reason": "closing"})
            assert [one async for one in told] == []
    finally:
        signal.signal(signal.SIGTERM, before)
