"""So many orders a day and person: exactly so many, until midnight at the place, and a repetition is none."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from app import clock
from app.house import House
from app.services import media
from tests.center import spam_policy
from tests.contract import told, witnessed
from tests.factories import District
from tests.series import EIGHT_THURSDAYS
from tests.storage.photographs import encoded, quarters

LATE = datetime(2026, 11, 23, 15, 59, 30, tzinfo=UTC)
"""Half a minute before midnight in China."""


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with witnessed(house) as caller:
        yield caller


async def order(
    client: httpx.AsyncClient, district: District, who: str, key: str = "", **changes: Any
) -> Any:
    headers = district.as_(who, key=key) if key else district.as_(who)
    return await client.post("/orders", json=district.order_body(**changes), headers=headers)


async def placed(client: httpx.AsyncClient, district: District, who: str) -> int:
    path = "/orders?mine=true&limit=100"
    return len((await client.get(path, headers=district.as_(who))).json()["items"])


async def test_so_many_until_midnight_at_the_place(client: httpx.AsyncClient, district: District) -> None:
    await spam_policy(client, district, orders_a_day=2)
    with clock.at(LATE):
        first = await order(client, district, "resident", "the-first-of-two")
        assert (await order(client, district, "resident")).status_code == 201
        refused = await order(client, district, "resident")
        assert told(refused) == "429 orders_a_day_reached"
        assert refused.headers["retry-after"] == "30"
        again = await order(client, district, "resident", "the-first-of-two")
        assert again.headers["idempotency-replayed"] == "true"
        assert again.json()["id"] == first.json()["id"]
        assert (await order(client, district, "neighbour")).status_code == 201
    assert await placed(client, district, "resident") == 2
    with clock.at(LATE + timedelta(seconds=30)):
        assert (await order(client, district, "resident")).status_code == 201


async def test_who_orders_on_duty_has_a_number_apart(client: httpx.AsyncClient, district: District) -> None:
    await spam_policy(client, district, orders_a_day=1, staff_orders_a_day=2)
    for_somebody: dict[str, Any] = {
        "beneficiary": {"name": "王大爷", "phone": "13700000003", "relation": "staff", "consent": "verbal"}
    }
    answers = [await order(client, district, "grid_worker", **for_somebody) for _ in range(3)]
    answers += [await order(client, district, "grid_worker") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201, 429, 201, 429]


async def test_a_burst_of_a_person_is_no_way_around(client: httpx.AsyncClient, district: District) -> None:
    await spam_policy(client, district, orders_a_day=5)
    burst = await asyncio.gather(*(order(client, district, "resident") for _ in range(32)))
    assert sorted({told(answer) for answer in burst if answer.status_code != 201}) == [
        "429 orders_a_day_reached"
    ]
    assert await placed(client, district, "resident") == 5
    same = await asyncio.gather(*(order(client, district, "neighbour", "captured-once") for _ in range(32)))
    assert {answer.status_code for answer in same} == {201}
    assert len({answer.json()["id"] for answer in same}) == 1
    assert await placed(client, district, "neighbour") == 1


async def test_recurring_orders_and_loose_pictures_have_an_end(
    client: httpx.AsyncClient, district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    await spam_policy(client, district, open_series=1)
    body = district.order_body(window=...) | EIGHT_THURSDAYS
    answers = [
        await client.post("/recurring-orders", json=body, headers=district.as_("resident")) for _ in range(2)
    ]
    assert answers[0].status_code == 201, answers[0].text
    assert told(answers[1]) == "409 too_many_series"
    ended = await client.post(
        f"/recurring-orders/{answers[0].json()['id']}/end",
        json={"reason": "不需要了"},
        headers=district.as_("resident"),
    )
    assert ended.status_code == 200, ended.text
    again = await client.post("/recurring-orders", json=body, headers=district.as_("resident"))
    assert again.status_code == 201

    monkeypatch.setattr(media, "MOST_LOOSE", 1)
    headers = district.as_("resident")
    files = {"file": ("a.jpg", encoded(quarters(), "JPEG"), "image/jpeg")}
    uploads = [await client.post("/media", files=files, headers=headers) for _ in range(2)]
    assert (uploads[0].status_code, told(uploads[1])) == (201, "429 too_many_pictures")
    with clock.at(clock.now() + timedelta(days=1, seconds=1)):
        fresh = district.as_("resident")
        assert (await client.post("/media", files=files, headers=fresh)).status_code == 201
