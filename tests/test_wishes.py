"""Who is served and how they live, and what they wish of whoever comes: kept, known again, and told to few."""

from typing import Any

import httpx
import pytest

from app.domain.beneficiary import own_key, proxy_key
from app.domain.lifecycle import OrderStatus
from app.house import House
from app.models.order import BENEFICIARY
from tests.factories import District
from tests.stages import Stage

ALONE = ["lone_elderly", "advanced_age"]
WISH = {"gender": "female", "language": "local_dialect", "must": True}
GRANDMOTHER = {"name": "秦奶奶", "relation": "neighbour", "consent": "verbal"}


async def test_what_was_told_is_kept_and_read_again(client: httpx.AsyncClient, district: District) -> None:
    stage = Stage(client, district)
    placed = await stage.do(
        "resident", "POST", "/orders", district.order_body(circumstances=ALONE, wish=WISH)
    )
    assert (placed["circumstances"], placed["wish"]) == (ALONE, WISH)
    assert (await stage.do("resident", "GET", f"/orders/{placed['id']}")) == placed


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (..., None),
        (None, None),
        ({}, None),
        ({"gender": "male"}, {"gender": "male", "language": None, "must": False}),
        ({"language": "sign"}, {"gender": None, "language": "sign", "must": False}),
    ],
)
async def test_a_wish_may_say_little(
    client: httpx.AsyncClient, district: District, sent: Any, shown: Any
) -> None:
    stage = Stage(client, district)
    await stage.place(wish=sent)
    order = await stage.do("resident", "GET", stage.at)
    assert (order["wish"], order["circumstances"]) == (shown, [])


async def test_circumstances_are_for_those_who_serve_or_dispatch(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = Stage(client, district)
    await stage.place(circumstances=["disabled"], wish=WISH | {"must": False})
    await stage.do("dispatcher", "POST", f"{stage.at}/approve")
    await stage.offer()
    told = {"resident", "dispatcher"}
    for name in ("resident", "dispatcher", "leader", "admin", "supervisor"):
        order = await stage.do(name, "GET", stage.at)
        assert order["circumstances"] == (["disabled"] if name in told else None), name
        assert order["wish"]["gender"] == "female", "who answers knows whom to send"
    await stage.do("leader", "POST", f"/offers/{stage.offer_id}/accept", {})
    assert (await stage.do("leader", "GET", stage.at))["circumstances"] == ["disabled"]
    listed = await stage.do("dispatcher", "GET", "/orders")
    assert not any("circumstances" in order for order in listed["items"])


async def test_the_same_person_is_known_again(client: httpx.AsyncClient, district: District) -> None:
    stage = Stage(client, district)

    async def key(**changes: Any) -> str:
        await stage.place(**changes)
        return (await stage.row()).beneficiary_key

    center = district.center.path
    hashed = district.house.database.keyring.hashed
    own = hashed(own_key(district["resident"].id), BENEFICIARY)
    assert await key() == await key(address="别处") == own
    home = proxy_key(center, "秦奶奶", "", "松岭社区3栋201")
    assert await key(beneficiary=GRANDMOTHER, address="松岭社区3栋 201") == hashed(home, BENEFICIARY)
    by_phone = GRANDMOTHER | {"phone": "13800000901"}
    office = str(district.office.id)
    assert await key(beneficiary=by_phone, organisation_id=office) == await key(
        beneficiary=by_phone | {"name": "秦婆婆"}, address="卫生院"
    )
    assert len({await key(), await key(beneficiary=GRANDMOTHER), await key(beneficiary=by_phone)}) == 3


async def test_an_order_keeps_the_levels_of_its_day(
    client: httpx.AsyncClient, district: District, house: House
) -> None:
    stage = Stage(client, district)
    menu = f"/menu/{district.cleaning.id}"
    await stage.do("admin", "PATCH", menu, {"required_levels": {"housekeeping": 2}})
    await stage.place()
    await stage.do("admin", "PATCH", menu, {"required_levels": {"housekeeping": 3}})
    assert (await stage.do("resident", "GET", stage.at))["required_levels"] == {"housekeeping": 2}
    own_words = {"menu_item_id": ..., "title": "修水管", "category": "care", "duration_minutes": 60}
    await stage.place(**own_words)
    assert (await stage.do("resident", "GET", stage.at))["required_levels"] == {}


async def _accepted(stage: Stage, **changes: Any) -> None:
    await stage.place(**changes)
    await stage.do("dispatcher", "POST", f"{stage.at}/approve")
    await stage.offer()
    await stage.do("leader", "POST", f"/offers/{stage.offer_id}/accept", {})


def _crew(district: District, *names: str) -> dict[str, Any]:
    return {"members": [str(district[name].id) for name in names]}


@pytest.mark.parametrize("circumstance", ["lone_elderly", "minor", "left_behind"])
async def test_nobody_visits_alone_whom_two_should_visit(
    client: httpx.AsyncClient, district: District, circumstance: str
) -> None:
    stage = Stage(client, district)
    await _accepted(stage, circumstances=["hardship", circumstance])
    refused = await stage.call("leader", "PUT", f"{stage.at}/crew", _crew(district, "volunteer"))
    assert (refused.status_code, refused.json()["code"]) == (422, "crew_needs_two")
    assert (await stage.do("leader", "GET", f"{stage.at}/crew"))["members"] == []
    assert (await stage.row()).status is OrderStatus.ACCEPTED
    await stage.do("leader", "PUT", f"{stage.at}/crew", _crew(district, "volunteer", "helper"))
    again = await stage.call("leader", "PUT", f"{stage.at}/crew", _crew(district, "helper"))
    assert again.json()["code"] == "crew_needs_two"
    assert len((await stage.do("leader", "GET", f"{stage.at}/crew"))["members"]) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"circumstances": ["advanced_age", "disabled"]},
        {"circumstances": ["minor"], "mode": "online", "location": ..., "address": ...},
        {},
    ],
    ids=["another circumstance", "online", "none"],
)
async def test_otherwise_one_may_go(
    client: httpx.AsyncClient, district: District, changes: dict[str, Any]
) -> None:
    stage = Stage(client, district)
    await _accepted(stage, **changes)
    await stage.do("leader", "PUT", f"{stage.at}/crew", _crew(district, "volunteer"))


async def test_a_place_may_decide_otherwise(client: httpx.AsyncClient, district: District) -> None:
    stage = Stage(client, district)
    await stage.do("admin", "PUT", f"/policies/{district.office.id}", {"two_person_visits": False})
    await _accepted(stage, circumstances=["lone_elderly"])
    await stage.do("leader", "PUT", f"{stage.at}/crew", _crew(district, "volunteer"))
