"""`Idempotency-Key`: a phone that lost the answer asks again, and gets that answer and no second effect."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import col, select

from app import clock
from app.domain.lifecycle import OrderStatus
from app.house import House
from app.models.base import new_id
from app.models.idempotency import IdempotencyRecord
from tests.contract import told, witnessed
from tests.factories import SATURDAY_9, District
from tests.stages import REASON, Stage
from tests.storage.photographs import telling
from tests.unchanged import state, unchanged


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with witnessed(house) as caller:
        yield caller


async def records(district: District, who: str) -> list[IdempotencyRecord]:
    kept = select(IdempotencyRecord).where(col(IdempotencyRecord.person_id) == district[who].id)
    async with district.house.database.transaction() as session:
        return list(await session.exec(kept))


def is_replay(answer: httpx.Response, first: httpx.Response) -> bool:
    assert "idempotency-replayed" not in first.headers
    return (
        answer.headers.get("idempotency-replayed") == "true"
        and answer.content == first.content
        and answer.status_code == first.status_code
        and answer.headers["content-type"] == first.headers["content-type"]
    )


async def test_a_placed_order_is_answered_again_byte_for_byte(
    client: httpx.AsyncClient, district: District
) -> None:
    headers, body = district.as_("resident", key=new_id().hex), district.order_body()
    first = await client.post("/orders", json=body, headers=headers)
    stage = Stage(client, district)
    stage.order_id = first.json()["id"]
    await stage.do("dispatcher", "POST", f"{stage.at}/approve")
    async with unchanged(district):
        again = await client.post("/orders", json=body, headers=headers)
    assert is_replay(again, first)
    assert again.json()["status"] == "submitted"


@pytest.mark.parametrize(
    ("status", "who", "tail", "body"),
    [
        (OrderStatus.SUBMITTED, "dispatcher", "/approve", None),
        (OrderStatus.SUBMITTED, "resident", "/cancel", REASON),
        (OrderStatus.SUBMITTED, "resident", "/urge", None),
        (OrderStatus.APPROVED, "dispatcher", "/dispatch", {"mode": "auto"}),
        (OrderStatus.POOLED, "leader", "/claim", {}),
        (OrderStatus.ACCEPTED, "leader", "/release", REASON),
    ],
)
async def test_a_move_is_answered_again_byte_for_byte(
    client: httpx.AsyncClient, district: District, status: OrderStatus, who: str, tail: str, body: Any
) -> None:
    stage = await Stage(client, district).reach(status)
    headers = district.as_(who, key=new_id().hex)
    first = await client.post(stage.at + tail, json=body, headers=headers)
    async with unchanged(district):
        for _ in range(2):
            assert is_replay(await client.post(stage.at + tail, json=body, headers=headers), first)
    other = await client.post(stage.at + tail, json=body, headers=district.as_(who, key=new_id().hex))
    assert told(other) in ("409 illegal_move", "429 urged_recently", "404 not_found")


async def test_an_order_is_answered_again_though_its_window_is_past_by_now(
    client: httpx.AsyncClient, district: District
) -> None:
    headers, body = district.as_("resident", key=new_id().hex), district.order_body()
    first = await client.post("/orders", json=body, headers=headers)
    with clock.at(SATURDAY_9 + timedelta(days=1)):
        headers = district.as_("resident", key=headers["Idempotency-Key"])
        assert is_replay(await client.post("/orders", json=body, headers=headers), first)
        fresh = district.as_("resident", key=new_id().hex)
        assert told(await client.post("/orders", json=body, headers=fresh)) == "422 window_in_past"


async def test_a_key_stands_for_one_call_only(client: httpx.AsyncClient, district: District) -> None:
    stage = await Stage(client, district).reach(OrderStatus.SUBMITTED)
    headers, body = district.as_("resident", key=new_id().hex), district.order_body()
    assert (await client.post("/orders", json=body, headers=headers)).status_code == 201
    async with unchanged(district):
        for path, other in (
            ("/orders", district.order_body(detail="另一件事")),
            (f"{stage.at}/cancel", REASON),
            (f"{stage.at}/urge", None),
        ):
            assert told(await client.post(path, json=other, headers=headers)) == "422 idempotency_mismatch"


async def test_a_call_that_failed_leaves_no_record_and_may_be_tried_again(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = await Stage(client, district).reach(OrderStatus.SUBMITTED)
    headers = district.as_("leader", key=new_id().hex)
    for path, body, expected in (
        ("/orders", district.order_body(people=0), 422),
        ("/orders", district.order_body(menu_item_id=str(new_id())), 422),
        ("/orders", district.order_body(organisation_id=str(new_id())), 404),
        (f"{stage.at}/cancel", REASON, 404),
        (f"{stage.at}/claim", {}, 404),
        (f"{stage.at}/claim", {"team_id": str(new_id())}, 403),
        ("/media", None, 415),
    ):
        answer = await client.post(path, json=body, headers=headers)
        assert answer.status_code == expected, answer.text
        assert await records(district, "leader") == []
    await stage.do("dispatcher", "POST", f"{stage.at}/approve")
    await stage.do("dispatcher", "POST", f"{stage.at}/dispatch", {"mode": "pool"})
    claimed = await client.post(f"{stage.at}/claim", json={}, headers=headers)
    assert claimed.status_code == 200
    assert [record.status_code for record in await records(district, "leader")] == [200]


async def test_the_keys_of_two_people_do_not_meet(client: httpx.AsyncClient, district: District) -> None:
    key, body = new_id().hex, district.order_body()
    before = await state(district)
    answers = [
        await client.post("/orders", json=body, headers=district.as_(who, key=key))
        for who in ("resident", "neighbour")
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] != answers[1].json()["id"]
    assert all("idempotency-replayed" not in answer.headers for answer in answers)
    assert (await state(district))["idempotency_record"] == before["idempotency_record"] + 2


@pytest.mark.parametrize(
    "key", ["", "1234567", "x" * 65, "two words", "中文的请求标识", "semi;colon", "a/b/c/d/e"]
)
async def test_a_malformed_key_is_refused(client: httpx.AsyncClient, district: District, key: str) -> None:
    headers = {name.encode(): value.encode() for name, value in district.as_("resident").items()}
    headers[b"Idempotency-Key"] = key.encode()
    stage = await Stage(client, district).reach(OrderStatus.SUBMITTED)
    async with unchanged(district):
        for path, body in (("/orders", district.order_body()), (f"{stage.at}/cancel", REASON)):
            answer = await client.post(path, json=body, headers=headers)
            assert told(answer) == "422 idempotency_key_malformed"


@pytest.mark.parametrize("key", ["12345678", "x" * 64, "a-b_c:d.e"])
async def test_the_edges_of_a_key_are_allowed(
    client: httpx.AsyncClient, district: District, key: str
) -> None:
    headers = district.as_("resident", key=key)
    first = await client.post("/orders", json=district.order_body(), headers=headers)
    assert first.status_code == 201
    assert is_replay(await client.post("/orders", json=district.order_body(), headers=headers), first)


async def test_without_a_key_a_second_call_is_a_second_order(
    client: httpx.AsyncClient, district: District
) -> None:
    headers, body = district.as_("resident"), district.order_body()
    answers = [await client.post("/orders", json=body, headers=headers) for _ in range(2)]
    assert answers[0].json()["id"] != answers[1].json()["id"]
    assert await records(district, "resident") == []


async def test_a_picture_sent_again_under_another_boundary_is_the_same_picture(
    client: httpx.AsyncClient, district: District
) -> None:
    headers, picture = district.as_("resident", key=new_id().hex), telling("JPEG")

    async def send(boundary: str, data: bytes = picture) -> httpx.Response:
        typed = {**headers, "Content-Type": f"multipart/form-data; boundary={boundary}"}
        return await client.post("/media", files={"file": ("1.jpg", data, "image/jpeg")}, headers=typed)

    first = await send("----first-try-0001")
    assert first.status_code == 201, first.text
    before = await state(district)
    assert is_replay(await send("----second-try-99"), first)
    assert told(await send("----third-try-77", telling("JPEG", orientation=6))) == "422 idempotency_mismatch"
    assert (await state(district))["media"] == before["media"]


async def test_a_notice_is_read_again_as_it_was(client: httpx.AsyncClient, district: District) -> None:
    await Stage(client, district).place()
    headers = district.as_("dispatcher", key=new_id().hex)
    notice = (await client.get("/me/inbox", headers=headers)).json()["items"][0]
    first = await client.post(f"/me/inbox/{notice['id']}/read", headers=headers)
    assert is_replay(await client.post(f"/me/inbox/{notice['id']}/read", headers=headers), first)
