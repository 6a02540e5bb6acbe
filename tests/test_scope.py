"""Who sees what: rows of others do not exist."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from app.domain.lifecycle import OrderStatus
from app.domain.roles import Role
from app.models.person import RoleGrant
from app.services.catalogue import Catalogue
from tests.conftest import client_of
from tests.factories import District, plant
from tests.stages import REASON, Stage


async def test_an_order_exists_only_for_those_concerned(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = await Stage(client, district).reach(OrderStatus.ACCEPTED)
    sees = {name: (await stage.call(name, "GET", stage.at)).status_code == 200 for name in district.people}
    assert {name for name, seen in sees.items() if seen} == {
        *("resident", "leader", "volunteer", "dispatcher", "admin", "supervisor"),
    }
    contacts = {
        name: (await stage.do(name, "GET", stage.at))["contacts"] for name, seen in sees.items() if seen
    }
    assert contacts == {
        "resident": "whole",
        **dict.fromkeys(("leader", "volunteer", "dispatcher"), "masked"),
        **dict.fromkeys(("admin", "supervisor"), "hidden"),
    }


async def test_another_center_is_another_world(client: httpx.AsyncClient, district: District) -> None:
    stage = await Stage(client, district).reach(OrderStatus.POOLED)
    foreign = await plant(district.house)
    away = Stage(client, foreign)
    away.order_id = stage.order_id
    for name in foreign.people:
        assert (await away.call(name, "GET", stage.at)).status_code == 404, name
        listed = await away.do(name, "GET", "/orders")
        assert stage.order_id not in {row["id"] for row in listed["items"]}, name
    claim = await away.call("leader", "POST", f"{stage.at}/claim", {})
    assert claim.status_code == 404
    moved = await away.call("dispatcher", "POST", f"{stage.at}/recall", REASON)
    assert moved.status_code == 404


async def test_a_station_dispatcher_sees_the_station_and_what_lies_below(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = Stage(client, district)
    below = await stage.place()
    above = await stage.place(organisation_id=str(district.center.id))
    async with district.house.database.transaction() as session:
        session.add(
            RoleGrant(
                person_id=district["neighbour"].id, role=Role.DISPATCHER, organisation_id=district.station.id
            )
        )
    seen = {row["id"] for row in (await stage.do("neighbour", "GET", "/orders"))["items"]}
    assert below in seen
    assert above not in seen
    filtered = await stage.do("dispatcher", "GET", f"/orders?organisation_id={district.office.id}")
    assert {row["id"] for row in filtered["items"]} == {below}


async def test_a_revoked_grant_bites_on_the_next_request(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = await Stage(client, district).reach(OrderStatus.SUBMITTED)
    assert (await stage.call("dispatcher", "GET", stage.at)).status_code == 200
    grants = await stage.do("admin", "GET", "/grants?limit=100")
    mine = [g["id"] for g in grants["items"] if g["person_id"] == str(district["dispatcher"].id)]
    assert (await stage.call("admin", "DELETE", f"/grants/{mine[0]}")).is_success
    assert (await stage.call("dispatcher", "GET", stage.at)).status_code == 404


@pytest.mark.parametrize("mine", [True, False])
async def test_lists_are_pages_without_gaps_or_repeats(
    client: httpx.AsyncClient, district: District, mine: bool
) -> None:
    stage = Stage(client, district)
    placed = [await stage.place() for _ in range(5)]
    seen: list[str] = []
    cursor = ""
    while True:
        page = await stage.do("resident", "GET", f"/orders?limit=2&mine={str(mine).lower()}{cursor}")
        seen += [row["id"] for row in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
        await stage.place()
    assert seen == placed[::-1]


async def test_a_proxy_order_names_whom_it_is_for_and_how_they_agreed(
    client: httpx.AsyncClient, district: District
) -> None:
    told = {
        "name": "李大爷",
        "kind": "独居老人",
        "relation": "staff",
        "consent": "verbal",
        "consent_note": "11月20日上门询单时当面同意",
    }
    stage = Stage(client, district)
    body = district.order_body(beneficiary=told)
    refused = await stage.call("resident", "POST", "/orders", body)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    placed = await stage.do("grid_worker", "POST", "/orders", body)
    assert placed["on_behalf"] is True
    stage.order_id = placed["id"]
    masked = told | {"name": "李**", "phone": "", "consent_note": ""}
    assert placed["beneficiary"] == (await stage.do("dispatcher", "GET", stage.at))["beneficiary"] == masked
    for who in ("grid_worker", "dispatcher"):
        assert (await stage.reveal(who))["beneficiary"] == told | {"phone": ""}
    family = await stage.do(
        "resident", "POST", "/orders", district.order_body(beneficiary=told | {"relation": "family"})
    )
    assert family["beneficiary"]["relation"] == "family"


async def test_policy_may_approve_at_once_and_a_change_is_not_missed(
    client: httpx.AsyncClient, district: District
) -> None:
    """A second process that kept the old policy must not act on it."""
    stage = Stage(client, district)
    await stage.place()
    assert (await stage.row()).status is OrderStatus.SUBMITTED
    policy = {"auto_approve": True}
    second = replace(district.house, catalogue=Catalogue(district.house.database))
    async with client_of(second) as other:
        current = await other.get(f"/policies/{district.center.id}", headers=district.as_("admin"))
        assert current.status_code == 200, current.text
        put = await other.put(
            f"/policies/{district.center.id}",
            json=policy,
            headers=district.as_("admin") | {"If-Match": current.headers["ETag"]},
        )
        assert put.status_code == 200, put.text
    await stage.place()
    row = await stage.row()
    assert row.status is OrderStatus.APPROVED
    assert row.due_at is not None
    assert row.due_at - row.created_at == timedelta(hours=24)
    events = await stage.do("resident", "GET", f"{stage.at}/events")
    assert [(event["action"], event["actor_role"]) for event in events] == [
        ("submit", "resident"),
        ("approve", "system"),
    ]


async def test_a_revoked_sign_in_is_given_no_kept_answer(
    client: httpx.AsyncClient, district: District
) -> None:
    """Neither by the one statement that places an order, nor by the routes that keep answers."""
    stage = await Stage(client, district).reach(OrderStatus.SUBMITTED)
    key = district.as_("resident", key=f"kept-{stage.order_id}")
    body = district.order_body()
    urge = f"{stage.at}/urge"
    other = key | {"Idempotency-Key": f"urge-{stage.order_id}"}
    first = await client.post("/orders", json=body, headers=key)
    assert first.status_code == 201
    assert (await client.post(urge, headers=other)).status_code == 200
    again = await client.post("/orders", json=body, headers=key)
    assert (again.status_code, again.content) == (201, first.content)
    assert (await client.post("/auth/logout", headers=key)).is_success
    for answer in (
        await client.post("/orders", json=body, headers=key),
        await client.post(urge, headers=other),
    ):
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
