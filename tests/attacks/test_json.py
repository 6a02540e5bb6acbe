"""A body that chokes parsers is refused, wherever something free-form is taken."""

import json

import httpx
import pytest

from tests.contract import told
from tests.factories import TIRELESS, District

DEEP = 100_000
NESTED = {
    "lists": (b"[" * DEEP, b"]" * DEEP),
    "objects": (b'{"spam":' * DEEP, b"}" * DEEP),
    "both": (b'[{"a":' * (DEEP // 2), b"}]" * (DEEP // 2)),
}


@pytest.mark.parametrize("size", [100_000, 30_000, 900, 200])
@pytest.mark.parametrize("kind", NESTED)
async def test_depth_is_refused(client: httpx.AsyncClient, district: District, kind: str, size: int) -> None:
    opening, closing = (part[: len(part) * size // DEEP] for part in NESTED[kind])
    headers = district.as_("admin") | {"Content-Type": "application/json"}
    path = f"/policies/{district.center.id}"
    for body in (opening + b"1" + closing, b'{"spam":' + opening + b"1" + closing + b"}"):
        answer = await client.put(path, content=body, headers=headers)
        assert 400 <= answer.status_code < 500, (kind, size, answer.text[:200])
    kept = await client.get(path, headers=district.as_("admin"))
    assert kept.json()["changes"] == TIRELESS


NUMBERS = (
    "NaN",
    "Infinity",
    "-Infinity",
    "1e999",
    "-1e999",
    "9" * 5_000,
    "1" + "0" * 400,
    "-0",
    "0.1e-400",
    "1e2",
)


async def test_strange_numbers_are_refused(client: httpx.AsyncClient, district: District) -> None:
    headers = district.as_("admin") | {"Content-Type": "application/json"}
    path = f"/policies/{district.center.id}"
    for number in NUMBERS[:-1]:
        for field in (
            '{"spam":{"orders_a_day":%s}}',
            '{"points":{"bonus":%s}}',
            '{"matching":{"distance":%s}}',
        ):
            answer = await client.put(path, content=field % number, headers=headers)
            assert answer.status_code < 500, (number, answer.text[:200])
            if answer.status_code < 400:
                assert number in ("-0", "0.1e-400")
    for body in (b'{"people": true}', b'{"people": "2"}', b'{"people": 2.5}', b'{"people": [2]}'):
        order = json.loads(body) | district.order_body()
        order["people"] = json.loads(body)["people"]
        refused = await client.post("/orders", json=order, headers=district.as_("resident"))
        assert refused.status_code == 422


async def test_of_a_name_said_twice_the_last_counts_everywhere(
    client: httpx.AsyncClient, district: District
) -> None:
    body = json.dumps(district.order_body())[:-1] + ', "detail": "第二次", "people": 1, "people": 3}'
    headers = district.as_("resident") | {"Content-Type": "application/json"}
    placed = await client.post("/orders", content=body.encode(), headers=headers)
    assert (placed.json()["detail"], placed.json()["people"]) == ("第二次", 3)
    got = await client.get(f"/orders/{placed.json()['id']}", headers=headers)
    assert (got.json()["detail"], got.json()["people"]) == ("第二次", 3)
    assert told(await client.post("/orders", content=b"{}{}", headers=headers)) == "422 json_invalid"
