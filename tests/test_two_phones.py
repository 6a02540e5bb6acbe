"""Two phones, or eight, press the same button at the same moment: exactly one effect."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app import clock
from app.domain.lifecycle import OrderStatus
from app.house import House
from app.models.base import new_id
from tests.contract import witnessed
from tests.factories import SATURDAY_9, District
from tests.stages import DONE, RATING, REASON, Stage
from tests.unchanged import state

PHONES = 8


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with witnessed(house) as caller:
        yield caller


BUTTONS: dict[str, tuple[OrderStatus, str, str, Any]] = {
    "approve": (OrderStatus.SUBMITTED, "dispatcher", "{order}/approve", None),
    "reject": (OrderStatus.SUBMITTED, "dispatcher", "{order}/reject", REASON),
    "dispatch": (OrderStatus.APPROVED, "dispatcher", "{order}/dispatch", {"mode": "auto"}),
    "pool": (OrderStatus.APPROVED, "dispatcher", "{order}/dispatch", {"mode": "pool"}),
    "recall": (OrderStatus.OFFERED, "dispatcher", "{order}/recall", REASON),
    "accept": (OrderStatus.OFFERED, "leader", "{offer}/accept", {}),
    "decline": (OrderStatus.OFFERED, "leader", "{offer}/decline", REASON),
    "claim": (OrderStatus.POOLED, "leader", "{order}/claim", {}),
    "cancel": (OrderStatus.ACCEPTED, "resident", "{order}/cancel", REASON),
    "urge": (OrderStatus.ACCEPTED, "resident", "{order}/urge", None),
    "release": (OrderStatus.ACCEPTED, "leader", "{order}/release", REASON),
    "deliver": (OrderStatus.IN_SERVICE, "leader", "{order}/deliver", DONE),
    "review": (OrderStatus.DELIVERED, "resident", "{order}/review", RATING),
    "reopen": (OrderStatus.CLOSED, "dispatcher", "{order}/reopen", REASON),
}
EVENTS = {"dispatch": 2}
"""Handed to the clock, which makes its first step at once."""


async def press(stage: Stage, button: str, keys: list[str]) -> list[httpx.Response]:
    _, who, path, body = BUTTONS[button]
    path = path.format(order=stage.at, offer=f"/offers/{stage.offer_id}")
    return await asyncio.gather(
        *(stage.client.post(path, json=body, headers=stage.district.as_(who, key=key)) for key in keys)
    )


async def added(district: District, before: dict[str, Any], *tables: str) -> list[int]:
    now = await state(district)
    return [now[table] - before[table] for table in tables]


@pytest.mark.parametrize("button", BUTTONS)
async def test_one_key_is_one_press_and_one_answer(
    client: httpx.AsyncClient, district: District, button: str
) -> None:
    stage = await Stage(client, district).reach(BUTTONS[button][0])
    before, version = await state(district), (await stage.row()).version
    answers = await press(stage, button, [new_id().hex] * PHONES)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    fresh = [answer for answer in answers if "idempotency-replayed" not in answer.headers]
    assert len(fresh) == 1
    events = EVENTS.get(button, 1)
    assert (await stage.row()).version == version + events
    assert await added(district, before, "order_event", "idempotency_record") == [events, 1]


@pytest.mark.parametrize("button", BUTTONS)
async def test_many_keys_are_one_effect_and_clean_refusals(
    client: httpx.AsyncClient, district: District, button: str
) -> None:
    stage = await Stage(client, district).reach(BUTTONS[button][0])
    before, version = await state(district), (await stage.row()).version
    answers = await press(stage, button, [new_id().hex for _ in range(PHONES)])
    assert sorted(answer.status_code for answer in answers)[0] == 200
    refused = [answer for answer in answers if answer.status_code != 200]
    assert len(refused) == PHONES - 1
    assert {answer.status_code for answer in refused} <= {404, 409, 429}
    events = EVENTS.get(button, 1)
    assert (await stage.row()).version == version + events
    assert await added(district, before, "order_event", "idempotency_record") == [events, 1]


async def test_an_order_sent_by_eight_tries_is_one_order(
    client: httpx.AsyncClient, district: District
) -> None:
    before = await state(district)
    headers, body = district.as_("resident", key=new_id().hex), district.order_body()
    answers = await asyncio.gather(
        *(client.post("/orders", json=body, headers=headers) for _ in range(PHONES))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
    counted = ("service_order", "order_event", "notification", "idempotency_record")
    assert await added(district, before, *counted) == [1, 1, 1, 1]


async def test_one_key_for_two_bodies_is_one_order_and_a_refusal(
    client: httpx.AsyncClient, district: District
) -> None:
    before = await state(district)
    headers = district.as_("resident", key=new_id().hex)
    bodies = [district.order_body(detail=f"第{number}种说法") for number in range(PHONES)]
    answers = await asyncio.gather(*(client.post("/orders", json=body, headers=headers) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201] + [422] * (PHONES - 1)
    assert {answer.json()["code"] for answer in answers if answer.status_code == 422} == {
        "idempotency_mismatch"
    }
    assert await added(district, before, "service_order", "idempotency_record") == [1, 1]


async def test_points_are_credited_once_however_often_the_review_is_sent(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = await Stage(client, district).reach(OrderStatus.DELIVERED)
    for keys in ([new_id().hex] * PHONES, [new_id().hex for _ in range(PHONES)]):
        await press(stage, "review", keys)
    entries = (await client.get("/me/points/entries", headers=district.as_("volunteer"))).json()["items"]
    assert [entry["amount"] for entry in entries] == [25]


async def test_a_stay_sent_by_eight_tries_is_one_stay(client: httpx.AsyncClient, district: District) -> None:
    stage = await Stage(client, district).reach(OrderStatus.ACCEPTED)
    before, stay = await state(district), uuid4()
    for kind, at in (("check-in", SATURDAY_9), ("check-out", SATURDAY_9 + timedelta(hours=2))):
        with clock.at(at):
            answers = await asyncio.gather(*(stage.press(kind, at, stay) for _ in range(PHONES)))
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["verified_minutes"] == 120
    assert await added(district, before, "attendance", "order_event") == [1, 1]


async def test_minutes_declared_by_eight_tries_are_declared_once(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = await Stage(client, district).reach(OrderStatus.ACCEPTED)
    before = await state(district)
    body = {"person_id": str(district["volunteer"].id), "minutes": 60, "reason": "手机没电，忘记签到"}
    with clock.at(SATURDAY_9 + timedelta(hours=2)):
        answers = await asyncio.gather(
            *(stage.call("leader", "POST", f"{stage.at}/attendance", body) for _ in range(PHONES))
        )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * (PHONES - 1)
    assert await added(district, before, "attendance") == [1]
