"""Everything that can be wrong with a call: each gets a problem with its own code, and changes nothing."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.domain.geo import wgs84_to_gcj02
from app.domain.lifecycle import OrderStatus
from app.house import House
from app.models.base import new_id
from tests.bad_calls import BAD_ADDRESSES, BAD_BODIES
from tests.bad_orders import BAD_ORDERS, HOUR, contact, for_, window
from tests.contract import told, witnessed
from tests.factories import NOW, PLACE, SATURDAY_9, District
from tests.stages import Stage
from tests.unchanged import unchanged

JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with witnessed(house) as caller:
        yield caller


async def test_a_bad_order_is_refused_by_name_and_leaves_nothing(
    client: httpx.AsyncClient, district: District
) -> None:
    await Stage(client, district).place()
    answers = {}
    async with unchanged(district):
        for name, (changes, _) in BAD_ORDERS.items():
            body = json.dumps(district.order_body(**changes))
            headers = district.as_("resident", key=new_id().hex) | JSON
            answers[name] = told(await client.post("/orders", content=body, headers=headers))
    assert answers == {name: expected for name, (_, expected) in BAD_ORDERS.items()}


async def test_a_body_that_cannot_be_read_is_refused_by_name(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = await Stage(client, district).reach(OrderStatus.SUBMITTED)
    async with unchanged(district):
        for path, who in (("/orders", "resident"), (f"{stage.at}/cancel", "resident")):
            answers = {}
            for name, (body, _) in BAD_BODIES.items():
                headers = district.as_(who, key=new_id().hex) | JSON
                answers[name] = told(await client.post(path, content=body, headers=headers))
            short = {name: answer[: len(BAD_BODIES[name][1])] for name, answer in answers.items()}
            assert short == {name: expected for name, (_, expected) in BAD_BODIES.items()}


async def test_a_body_without_an_announced_length_is_counted(
    client: httpx.AsyncClient, district: District
) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(300):
            yield b" " * 1024

    answer = await client.post("/orders", content=endless(), headers=district.as_("resident") | JSON)
    assert told(answer) == "413 too_large"
    unknown = await client.post("/auth/password", content=b" " * 300_000, headers=JSON)
    assert told(unknown) == "413 too_large"


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data", "", "json"],
)
async def test_a_body_of_another_type_is_refused(
    client: httpx.AsyncClient, district: District, content_type: str
) -> None:
    body = json.dumps(district.order_body())
    headers = {**district.as_("resident"), "Content-Type": content_type}
    async with unchanged(district):
        assert told(await client.post("/orders", content=body, headers=headers)) == (
            "415 unsupported_media_type"
        )


async def test_a_bad_address_is_refused_by_name(client: httpx.AsyncClient, district: District) -> None:
    headers = district.as_("resident")
    async with unchanged(district):
        answers = {
            (method, path): told(await client.request(method, path, headers=headers))
            for method, path in BAD_ADDRESSES
        }
    assert answers == BAD_ADDRESSES


async def test_a_wrong_method_is_told_every_right_one(client: httpx.AsyncClient) -> None:
    assert (await client.delete("/orders")).headers["allow"] == "GET, POST"
    assert (await client.post("/me")).headers["allow"] == "DELETE, GET, PATCH"


@pytest.mark.parametrize("host", ["[", "[::1", "a b", "测试", "a:99999", "x" * 3_000])
async def test_a_strange_host_does_no_harm(client: httpx.AsyncClient, district: District, host: str) -> None:
    headers = {name.encode(): value.encode() for name, value in district.as_("resident").items()}
    answer = await client.get("/orders?limit=0", headers={**headers, b"Host": host.encode()})
    assert told(answer) == "422 invalid_request query.limit:greater_than_equal"


GARBAGE = ("", "x", "a.b.c", "é" * 3, "Bearer", "null", "A" * 8_000, "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.")


async def test_garbage_tokens_open_nothing(client: httpx.AsyncClient, district: District) -> None:
    genuine = district.as_("resident")["Authorization"]
    head, claims, signature = genuine.removeprefix("Bearer ").split(".")
    forged = [f"{head}.{claims}.{signature[::-1]}", f"{head}.{claims}.", f"{head}.{claims[::-1]}.{signature}"]
    schemes = [f"Bearer {token}" for token in (*GARBAGE, *forged)]
    async with unchanged(district):
        for given in (*schemes, "Basic eDp5", genuine.replace("Bearer", "Token"), genuine.replace(" ", "")):
            headers = {b"Authorization": given.encode()}
            placed = await client.post("/orders", json=district.order_body(), headers=headers)
            assert told(placed) == "401 unauthenticated", given
            assert placed.headers["www-authenticate"] == "Bearer"
        assert told(await client.post("/orders", json={})) == "401 unauthenticated"


RARE = ("𠮷野家的𠮷", "䶮䶮", "👨‍👩‍👧 一家", "Ömer Ağa", "ئۇيغۇر", "བོད་སྐད", "ꀀꀁ 彝", "🇨🇳✌🏽", "㐀㐁𪛖")


@pytest.mark.parametrize("text", RARE)
async def test_rare_characters_come_back_as_they_were(
    client: httpx.AsyncClient, district: District, text: str
) -> None:
    changes = {"title": text, "detail": f"{text}\n{text}\t！", "address": text} | contact(name=text)
    body = district.order_body(**changes, **for_(name=text, consent_note=text))
    placed = await client.post("/orders", json=body, headers=district.as_("resident"))
    assert placed.status_code == 201
    at = f"/orders/{placed.json()['id']}"
    got = (await client.get(at, headers=district.as_("resident"))).json()
    assert (got["title"], got["detail"]) == (text, f"{text}\n{text}\t！")
    asked = await client.post(f"{at}/reveal", json={"reason": text * 2}, headers=district.as_("dispatcher"))
    for whole in (got, asked.json()):
        assert whole["contact"]["name"] == whole["beneficiary"]["name"] == whole["address"] == text
    listed = (await client.get("/orders", headers=district.as_("resident"))).json()["items"]
    assert listed[0]["title"] == text


async def test_the_same_letter_written_in_two_ways_is_one(
    client: httpx.AsyncClient, district: District
) -> None:
    body = district.order_body(detail="Cafe\u0301\r\n第二行", **contact(phone="＋86 １３８ ００００ 0001"))
    placed = await client.post("/orders", json=body, headers=district.as_("resident"))
    assert placed.json()["detail"] == "Caf\u00e9\n第二行"
    assert placed.json()["contact"]["phone"] == "13800000001"


async def test_a_satellites_coordinates_are_shifted_to_chinese_maps(
    client: httpx.AsyncClient, district: District
) -> None:
    body = district.order_body(location={**PLACE, "coord_system": "wgs84"})
    placed = await client.post("/orders", json=body, headers=district.as_("resident"))
    lat, lon = wgs84_to_gcj02(**PLACE)
    assert placed.json()["location"] == {"lat": round(lat, 6), "lon": round(lon, 6)}
    plain = await client.post("/orders", json=district.order_body(), headers=district.as_("resident"))
    assert plain.json()["location"] == PLACE


async def test_the_edges_of_what_is_allowed_are_allowed(
    client: httpx.AsyncClient, district: District
) -> None:
    edges: list[dict[str, Any]] = [
        window(NOW - HOUR, NOW + 2 * HOUR),
        window(SATURDAY_9, SATURDAY_9 + 2 * HOUR),
        window(SATURDAY_9, SATURDAY_9 + timedelta(days=31)),
        window(NOW + timedelta(days=366), NOW + timedelta(days=366, hours=2)),
        {"detail": "很" * 1_000, "address": "路" * 200, "title": "净" * 60, **contact(name="张" * 40)},
        {"people": 200, "duration_minutes": 15},
        {"people": 1, "duration_minutes": 720, **window(SATURDAY_9, SATURDAY_9 + 12 * HOUR)},
        contact(phone="0731-88888888"),
        {"window": {"start": "2026-11-28T10:30:00+09:30", "end": "2026-11-28T11:00:00.5+08:00"}},
    ]
    for changes in edges:
        body = district.order_body(**changes)
        placed = await client.post("/orders", json=body, headers=district.as_("resident"))
        assert placed.status_code == 201, placed.text
    assert placed.json()["window"] == {"start": "2026-11-28T01:00:00Z", "end": "2026-11-28T03:00:00.500000Z"}
