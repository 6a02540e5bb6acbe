"""Whoever asks too often is told to wait: by person, by address, by class of call, in one process or in several."""

import logging
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.types import ASGIApp

from app.domain.rates import Rate, RouteClass
from app.house import House
from app.middleware import RequestId
from app.rates import Counts, Rates
from app.settings import Settings
from tests.conftest import app_of
from tests.contract import Witness, told
from tests.factories import District
from tests.serving import serving

FEW = {kind: Rate(3, 5) for kind in RouteClass}


def limited(house: House, url: str = "") -> Settings:
    """Three calls of a person, five from an address."""
    changes = {"rates": "on", "rates_a_minute": FEW, "redis_url": SecretStr(url)}
    return house.settings.model_copy(update=changes)


def counting(house: House, api: FastAPI, counts: Counts) -> ASGIApp:
    """The application as a process with these counts has it."""
    return RequestId(Rates(api, house.tokens, counts))


@pytest.fixture
async def client(house: House, api: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = Witness(app=counting(house, api, Counts(limited(house))))
    async with httpx.AsyncClient(transport=transport, base_url="http://test/api/v1") as caller:
        yield caller


async def statuses(client: httpx.AsyncClient, times: int, path: str, **options: Any) -> list[int]:
    return [(await client.get(path, **options)).status_code for _ in range(times)]


async def test_a_person_waits_while_others_at_the_same_address_go_on(
    client: httpx.AsyncClient, district: District
) -> None:
    mine, theirs = district.as_("resident"), district.as_("neighbour")
    assert await statuses(client, 4, "/orders", headers=mine) == [200, 200, 200, 429]
    refused = await client.get("/orders", headers=mine)
    assert told(refused) == "429 too_many_requests"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert await statuses(client, 2, "/orders", headers=theirs) == [200, 200]
    placed = await client.post("/orders", json=district.order_body(), headers=mine)
    assert placed.status_code == 201  # another class
    assert await statuses(client, 9, "http://test/healthz", headers=mine) == [200] * 9


async def test_who_is_not_signed_in_is_counted_by_address_and_apart(
    client: httpx.AsyncClient, district: District
) -> None:
    forged = {"Authorization": district.as_("resident")["Authorization"][:-4] + "AAAA"}
    assert await statuses(client, 6, "/taxonomy", headers=forged) == [200] * 5 + [429]
    assert await statuses(client, 1, "/orders") == [429]
    signed_in = await client.post("/auth/wechat", json={"code": "demo:rates"})
    assert signed_in.status_code == 200
    assert await statuses(client, 3, "/orders", headers=district.as_("resident")) == [200] * 3


async def test_a_caller_does_not_choose_the_address_it_is_counted_by(house: House) -> None:
    app = app_of(replace(house, settings=limited(house)))
    async with serving(app, proxies="10.9.9.9") as base, httpx.AsyncClient(base_url=base) as client:
        got = []
        for number in range(7):
            forged = {"X-Forwarded-For": f"203.0.113.{number}", "Forwarded": f"for=203.0.113.{number}"}
            got.append((await client.get("/api/v1/taxonomy", headers=forged)).status_code)
        assert got == [200] * 5 + [429] * 2
    async with serving(app, proxies="127.0.0.1") as base, httpx.AsyncClient(base_url=base) as client:
        for number in range(7):
            forged = {"X-Forwarded-For": f"198.51.100.1, 203.0.113.{number}"}
            assert (await client.get("/api/v1/taxonomy", headers=forged)).status_code == 200


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[str]:
    """A redis-server of this test's own, on a socket file; its address."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("this machine has no redis-server: rates shared by processes are not tested here")
    file = tmp_path / "redis.sock"
    options = ["--port", "0", "--unixsocket", str(file), "--save", "", "--appendonly", "no"]
    running = subprocess.Popen([program, *options], stdout=subprocess.PIPE, cwd=tmp_path, text=True)
    assert running.stdout is not None
    assert any("ready to accept connections" in line.lower() for line in running.stdout)
    yield f"unix://{file}"
    running.terminate()
    running.wait()
    running.stdout.close()


@asynccontextmanager
async def processes(house: House, api: FastAPI, url: str) -> AsyncIterator[list[httpx.AsyncClient]]:
    """Callers of two processes, each with counts and connections of its own."""
    both = [Counts(limited(house, url)) for _ in range(2)]
    lines = [httpx.ASGITransport(counting(house, api, counts)) for counts in both]
    clients = [httpx.AsyncClient(transport=line, base_url="http://test/api/v1") for line in lines]
    try:
        yield clients
    finally:
        for client, counts in zip(clients, both, strict=True):
            await client.aclose()
            await counts.aclose()


async def test_two_processes_count_together_in_redis(
    house: House, api: FastAPI, district: District, redis: str
) -> None:
    async with processes(house, api, redis) as (first, second):
        headers = district.as_("resident")
        assert await statuses(first, 2, "/orders", headers=headers) == [200, 200]
        assert await statuses(second, 2, "/orders", headers=headers) == [200, 429]
        refused = await first.get("/orders", headers=headers)
        assert told(refused) == "429 too_many_requests"
        assert 1 <= int(refused.headers["retry-after"]) <= 60


async def test_without_redis_each_counts_for_itself_and_says_so_once(
    house: House, api: FastAPI, district: District, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        async with processes(house, api, f"redis://127.0.0.1:{taken.getsockname()[1]}/0") as (first, second):
            headers = district.as_("resident")
            with caplog.at_level(logging.WARNING, "app.rates"):
                assert await statuses(first, 4, "/orders", headers=headers) == [200, 200, 200, 429]
                said = [record for record in caplog.records if "Redis is away" in record.message]
            assert await statuses(second, 1, "/orders", headers=headers) == [200]
    assert len(said) == 1
