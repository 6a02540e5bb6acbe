"""A database that is away, silent or overrun: 503 in good time, for every route, and no restart afterwards."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from app import patience
from app.house import House, build
from tests.conftest import client_of
from tests.contract import document, resolved
from tests.factories import plant
from tests.fire.conftest import FURNISHED, impatient, told
from tests.fire.proxy import Wire, wire_to
from tests.postgres import Server

WITHOUT_IT = {"GET /healthz 200", "GET /metrics 401", "GET /api/v1/taxonomy 200"}
"""These ask the database nothing, or refuse before they would."""
IN_TIME = 3.0


def calls() -> list[tuple[str, str, Any]]:
    """Method, path and body of every route, as the contract shows them."""
    found = []
    for path, operations in document()["paths"].items():
        for method, operation in operations.items():
            content = resolved(operation.get("requestBody", {})).get("content", {})
            shape = resolved(content.get("application/json", {}).get("schema", {}))
            sent = shape.get("examples", [None])[0]
            needed = [
                one["name"]
                for one in operation.get("parameters", ())
                if one["in"] == "query" and one["required"]
            ]
            asked = "&".join(f"{name}={uuid4()}" for name in needed)
            there = re.sub(r"\{\w+\}", str(uuid4()), path)
            found.append((method.upper(), f"{there}?{asked}".rstrip("?"), sent))
    return found


async def test_every_route_says_so_and_all_is_well_when_it_is_back(
    own_server: Server, tmp_path: Path
) -> None:
    url = own_server.create("away", template=FURNISHED)
    house = impatient(url, tmp_path, statement_seconds=20, connect_seconds=10)
    district = await plant(house)
    async with client_of(house) as client:
        mine = district.as_("resident")
        assert (await client.get("/orders?mine=true", headers=mine)).status_code == 200
        async with house.database.transaction() as session:
            await session.exec(text("LOCK TABLE service_order"))  # type: ignore[call-overload]
            placing = asyncio.create_task(
                client.post("/orders", json=district.order_body(), headers=mine, timeout=IN_TIME)
            )
            while not await _waits_for_a_lock(house):
                pass
            await asyncio.to_thread(own_server.halt)
            assert told(await placing) == (503, "unavailable"), "in the middle of a statement"
            with pytest.raises(Exception, match="closed"):
                await session.exec(text("SELECT 1"))  # type: ignore[call-overload]
            await session.invalidate()
        begun, others, asked = monotonic(), set(), calls()
        for method, path, body in asked:
            answer = await client.request(method, f"http://test{path}", json=body, headers=mine)
            if answer.status_code == 503:
                assert told(answer) == (503, "unavailable"), path
            else:
                others.add(f"{method} {path} {answer.status_code}")
        assert others == WITHOUT_IT
        assert monotonic() - begun < 0.1 * len(asked)
        await asyncio.to_thread(own_server.resume)
        back = await client.get("/orders?mine=true", headers=mine)
        assert back.json().get("items") == [], back.text
        placed = await client.post("/orders", json=district.order_body(), headers=mine)
        assert placed.status_code == 201, "at the first try, without a restart"
    await house.close()


async def _waits_for_a_lock(house: House) -> bool:
    async with house.database.reading() as session:
        waiting = await session.exec(text("SELECT 1 FROM pg_locks WHERE NOT granted"))  # type: ignore[call-overload]
        return waiting.first() is not None


@pytest.fixture
async def wire(server: Server) -> AsyncIterator[Wire]:
    async with wire_to(server.folder) as found:
        yield found


async def test_a_connection_that_falls_silent_is_given_up(
    server: Server, wire: Wire, blank_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody hangs up: only our own clock can tell. The dead connection is used once and never again."""
    monkeypatch.setattr(patience, "NETWORK_SECONDS", 0.1)
    name = f"sidan_{uuid4().hex}"
    server.create(name, template=blank_database)
    house = impatient(wire.url(name), tmp_path)
    district = await plant(house)
    async with client_of(house) as client:
        mine = district.as_("resident")
        assert (await client.get("/orders?mine=true", headers=mine)).status_code == 200
        wire.swallows = True
        for method, path in (("GET", "/orders?mine=true"), ("PATCH", "/me")):
            begun = monotonic()
            answer = await client.request(method, path, json={"name": "张三"}, headers=mine)
            assert told(answer) == (503, "unavailable")
            assert monotonic() - begun < IN_TIME
        wire.swallows = False
        assert (await client.get("/orders?mine=true", headers=mine)).status_code == 200
    await house.close()


async def test_a_statement_that_takes_too_long_is_ended_by_the_server(
    server: Server, blank_database: str, tmp_path: Path
) -> None:
    house = impatient(server.create(f"sidan_{uuid4().hex}", template=blank_database), tmp_path)
    district = await plant(house)
    async with client_of(house) as client, house.database.transaction() as session:
        await session.exec(text("LOCK TABLE service_order"))  # type: ignore[call-overload]
        mine = district.as_("resident")
        refused = await client.get("/orders?mine=true", headers=mine)
        assert told(refused) == (503, "unavailable")
        assert (await client.get("/me", headers=mine)).status_code == 200, "its connection is still good"
    await house.close()


async def test_an_overrun_pool_refuses_soon(fresh_house: House) -> None:
    few = {"database_pool": 1, "pool_seconds": 0.2}
    house = build(fresh_house.settings.model_copy(update=few))
    district = await plant(house)
    async with client_of(house) as client:
        mine = district.as_("resident")
        async with house.database.transaction() as session:
            await session.exec(text("SELECT 1"))  # type: ignore[call-overload]
            begun = monotonic()
            refused = await asyncio.gather(*(client.get("/me", headers=mine) for _ in range(5)))
            assert {told(one) for one in refused} == {(503, "unavailable")}
            assert monotonic() - begun < IN_TIME
        assert (await client.get("/me", headers=mine)).status_code == 200
    await house.close()
