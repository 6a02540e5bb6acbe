"""What is not yours to do is refused, what is not yours to see is not there, and neither changes anything."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from app.domain.lifecycle import OrderStatus
from app.house import House
from app.models.base import new_id
from app.services.organisations import bump
from tests.bad_moves import BAD_MOVES
from tests.contract import told, witnessed
from tests.factories import District, plant
from tests.stages import DONE, RATING, REASON, Stage, Standing
from tests.unchanged import unchanged


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with witnessed(house) as caller:
        yield caller


async def test_another_centers_things_do_not_exist_here(
    client: httpx.AsyncClient, district: District, house: House
) -> None:
    foreign = await plant(house)
    stage = await Stage(client, district).reach(OrderStatus.APPROVED)
    theirs = await Stage(client, foreign).reach(OrderStatus.OFFERED)
    pooled = await Stage(client, foreign).reach(OrderStatus.POOLED)
    team = {"mode": "team", "team_id": str(foreign.team.id), "override_reason": "他们近一些"}
    calls: list[tuple[str, str, str, Any, str]] = [
        (
            "resident",
            "POST",
            "/orders",
            district.order_body(menu_item_id=str(foreign.cleaning.id)),
            "422 menu_item_unknown",
        ),
        ("dispatcher", "POST", f"{stage.at}/dispatch", team, "409 team_not_eligible"),
        *[
            (who, method, f"{theirs.at}{tail}", body, "404 not_found")
            for who in ("dispatcher", "admin", "supervisor", "leader", "resident", "grid_worker", "auditor")
            for method, tail, body in (
                ("GET", "", None),
                ("GET", "/events", None),
                ("GET", "/crew", None),
                ("GET", "/attendance", None),
                ("GET", "/matches", None),
                ("POST", "/approve", None),
                ("POST", "/recall", REASON),
                ("POST", "/cancel", REASON),
                ("POST", "/urge", None),
                ("POST", "/review", RATING),
                ("POST", "/deliver", DONE),
                ("PUT", "/crew", {"members": [str(district["volunteer"].id)]}),
            )
        ],
        ("leader", "POST", f"/offers/{theirs.offer_id}/accept", {}, "404 not_found"),
        ("leader", "POST", f"/offers/{theirs.offer_id}/decline", REASON, "404 not_found"),
        ("leader", "POST", f"{pooled.at}/claim", {}, "404 not_found"),
        ("leader", "POST", f"{pooled.at}/claim", {"team_id": str(foreign.team.id)}, "403 forbidden"),
    ]
    async with unchanged(district), unchanged(foreign):
        for who, method, path, body, expected in calls:
            answer = await client.request(method, path, json=body, headers=district.as_(who))
            assert told(answer) == expected, (who, method, path)
    assert (await client.get("/orders", headers=foreign.as_("dispatcher"))).json()["items"] != []
    ids = {
        item["id"]
        for item in (await client.get("/orders", headers=district.as_("dispatcher"))).json()["items"]
    }
    assert ids == {stage.order_id}


async def test_a_wrong_role_is_refused_and_changes_nothing(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = await Stage(client, district).reach(OrderStatus.OFFERED)
    may_see = ("resident", "supervisor", "admin", "leader")
    acts: list[tuple[str, str, Any]] = [
        ("POST", "/approve", None),
        ("POST", "/reject", REASON),
        ("POST", "/dispatch", {"mode": "auto"}),
        ("POST", "/recall", REASON),
        ("POST", "/escalate", REASON),
        ("POST", "/give-up", REASON),
        ("POST", "/reopen", REASON),
        ("GET", "/matches", None),
    ]
    async with unchanged(district):
        for method, tail, body in acts:
            for who in may_see:
                answer = await client.request(method, stage.at + tail, json=body, headers=district.as_(who))
                assert told(answer) == "403 forbidden", (who, tail)
            for who in ("neighbour", "stranger", "volunteer", "outsider", "grid_worker", "auditor"):
                answer = await client.request(method, stage.at + tail, json=body, headers=district.as_(who))
                assert told(answer) == "404 not_found", (who, tail)
        for who in ("dispatcher", "admin", "supervisor"):
            path = f"/offers/{stage.offer_id}/accept"
            assert told(await client.post(path, json={}, headers=district.as_(who))) == "403 forbidden"
        for who in ("resident", "volunteer", "other_leader"):
            path = f"/offers/{stage.offer_id}/accept"
            assert told(await client.post(path, json={}, headers=district.as_(who))) == "404 not_found"


@pytest.mark.parametrize("name", BAD_MOVES)
async def test_a_bad_move_is_refused_by_name_and_moves_nothing(
    client: httpx.AsyncClient, standing: Standing, name: str
) -> None:
    status, who, method, tail, body, expected = BAD_MOVES[name]
    stage = await standing.order(status)
    headers = standing.district.as_(who, key=new_id().hex)
    async with unchanged(standing.district):
        for _ in range(2):
            answer = await client.request(method, stage.at + tail, json=body, headers=headers)
            assert told(answer) == expected


async def test_a_place_that_is_closed_takes_no_orders(
    client: httpx.AsyncClient, district: District, house: House
) -> None:
    async with house.database.transaction() as session:
        await bump(session, district.station.path)
        station = await session.get_one(type(district.station), district.station.id)
        station.active = False
    async with unchanged(district):
        refused = await client.post("/orders", json=district.order_body(), headers=district.as_("resident"))
        assert told(refused) == "404 not_found"
