"""The figures: for who has the token, about what is due now, and about nobody."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from app import clock, metrics
from app.clock import now
from app.domain.lifecycle import OrderStatus
from app.exposition import Exposition, exposed
from app.house import House
from app.services import queues
from app.worker import JOBS, run_job
from tests.conftest import client_of
from tests.factories import NOW, plant
from tests.stages import Stage

TOKEN = {"Authorization": "Bearer one of the monitor"}


def figures(text: str) -> dict[tuple[str, str], float]:
    """The value of each sample, by its name and the values of its labels."""
    families = text_string_to_metric_families(text)
    return {
        (one.name, ",".join(one.labels.values())): one.value for family in families for one in family.samples
    }


def told(house: House) -> House:
    token = SecretStr(TOKEN["Authorization"].removeprefix("Bearer "))
    return replace(house, settings=house.settings.model_copy(update={"metrics_token": token}))


async def test_only_who_has_the_token_reads_them(house: House) -> None:
    async with client_of(house) as closed, client_of(told(house)) as client:
        url = str(client.base_url.copy_with(path="/metrics"))
        calls: list[tuple[httpx.AsyncClient, dict[str, str]]] = [
            (closed, TOKEN),
            (closed, {"Authorization": "Bearer "}),
            (client, {}),
            (client, {"Authorization": "Basic b25l"}),
        ]
        for caller, headers in calls:
            answer = await caller.get(url, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
        answer = await client.get(url, headers=TOKEN)
        assert answer.headers["content-type"].startswith("text/plain")
        assert ("sidan_queue_due", "offers") in figures(answer.text)


async def test_what_is_due_and_since_when(fresh_house: House) -> None:
    district = await plant(fresh_house)
    async with client_of(fresh_house) as client:
        for status in (OrderStatus.OFFERED, OrderStatus.OFFERED, OrderStatus.DELIVERED):
            await Stage(client, district).reach(status)
    later = NOW + timedelta(days=30)
    async with fresh_house.database.reading() as session:
        at_first = await queues.depths(session, NOW - timedelta(minutes=1))
        found = await queues.depths(session, later)
    assert {name: due for name, (due, _) in at_first.items() if due} == {"events": at_first["events"][0]}
    assert found["offers"][0] == 2
    assert found["ratings"][0] == 1
    assert found["notices"][0] > 0
    assert found["notices"][1] == pytest.approx((later - NOW).total_seconds())
    assert 20 * 86400 < found["offers"][1] < 30 * 86400
    before = figures(generate_latest(metrics.REGISTRY).decode())
    with clock.at(later):
        for name in JOBS:
            await run_job(fresh_house, name)
        async with fresh_house.database.reading() as session:
            left = await queues.depths(session, now())
    assert left["offers"] == (0, 0.0)
    assert left["events"][0] < found["events"][0]
    after = figures(generate_latest(metrics.REGISTRY).decode())
    grown = {key: after[key] - before.get(key, 0.0) for key in after}
    assert grown["sidan_job_runs_total", "lapse_offers,done"] == 1
    assert grown["sidan_job_rows_total", "lapse_offers"] == 2
    assert grown["sidan_lag_seconds_count", "orders"] >= 3
    assert grown["sidan_lag_seconds_count", "notices"] > 0


async def test_a_worker_answers_on_its_own_machine(fresh_house: House) -> None:
    asked: list[Any] = []
    async with (
        exposed(Exposition(fresh_house.database), 0) as port,
        httpx.AsyncClient(trust_env=False) as caller,
    ):
        for path in ("/metrics", "/metrics", "/"):
            asked.append(await caller.get(f"http://127.0.0.1:{port}{path}"))
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"\x00" * 20_000 + b"\r\n\r\n")
        await reader.read()
        writer.close()
    assert [answer.status_code for answer in asked] == [200, 200, 404]
    assert figures(asked[0].text)["sidan_queue_due", "offers"] == 0
