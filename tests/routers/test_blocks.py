"""A team that shall not come again: said by dispatchers, kept by beneficiary, undone as easily."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.domain.lifecycle import OrderStatus
from app.domain.roles import Role
from tests.center import newcomer
from tests.factories import District
from tests.stages import Stage
from tests.unchanged import unchanged

GRANDMOTHER = {"name": "秦奶奶", "relation": "neighbour", "consent": "verbal"}


def blocking(district: District, **changes: Any) -> dict[str, Any]:
    return {"team_id": str(district.team.id), "reason": "与老人发生争执"} | changes


async def blocked(stage: Stage) -> list[str]:
    return [block["team"]["name"] for block in await stage.do("dispatcher", "GET", f"{stage.at}/blocks")]


async def test_a_block_holds_for_the_person_not_for_the_order(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = Stage(client, district)
    first = await stage.place(beneficiary=GRANDMOTHER)
    made = await stage.do("dispatcher", "POST", f"{stage.at}/blocks", blocking(district))
    assert made["team"] == {"id": str(district.team.id), "name": "巧手便民队"}
    assert (made["order_id"], made["reason"]) == (first, "与老人发生争执")
    assert made["blocked_by_id"] == str(district["dispatcher"].id)
    await stage.place(beneficiary=GRANDMOTHER, organisation_id=str(district.office.id))
    assert await stage.do("dispatcher", "GET", f"{stage.at}/blocks") == [made]
    await stage.place()
    assert await blocked(stage) == []


async def test_a_block_is_undone_from_any_order_of_the_person(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = await Stage(client, district).reach(OrderStatus.CLOSED)
    await stage.do("dispatcher", "POST", f"{stage.at}/blocks", blocking(district))
    other = {"team_id": str(district.other_team.id)}
    await stage.do("dispatcher", "POST", f"{stage.at}/blocks", blocking(district, **other))
    await stage.place()
    assert await blocked(stage) == ["巧手便民队", "邻里帮扶队"]
    path = f"{stage.at}/blocks/{district.team.id}"
    assert (await stage.call("dispatcher", "DELETE", path)).status_code == 204
    assert await blocked(stage) == ["邻里帮扶队"]
    again = await stage.call("dispatcher", "DELETE", path)
    assert (again.status_code, again.json()["code"]) == (404, "not_found")


async def test_a_team_is_blocked_once(client: httpx.AsyncClient, district: District) -> None:
    stage = Stage(client, district)
    await stage.place()
    calls = [
        stage.call("dispatcher", "POST", f"{stage.at}/blocks", blocking(district, reason=f"第{n}次争执"))
        for n in range(6)
    ]
    answers = await asyncio.gather(*calls)
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"team_blocked"}
    assert await blocked(stage) == ["巧手便民队"]


async def test_the_same_call_again_is_the_same_block(client: httpx.AsyncClient, district: District) -> None:
    stage = Stage(client, district)
    await stage.place()
    headers = district.as_("dispatcher", key=uuid4().hex)
    answers = [
        await client.post(f"{stage.at}/blocks", json=blocking(district), headers=headers) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"team_id": str(uuid4())}, 404, "not_found"),
        ({"team_id": "x"}, 422, "invalid_request"),
        ({"reason": ""}, 422, "invalid_request"),
        ({"reason": "因" * 201}, 422, "invalid_request"),
        ({"reason": "因\u0000"}, 422, "text_control_character"),
        ({"for_ever": True}, 422, "invalid_request"),
    ],
)
async def test_a_bad_block_changes_nothing(
    client: httpx.AsyncClient, district: District, changes: dict[str, Any], status: int, code: str
) -> None:
    stage = Stage(client, district)
    await stage.place()
    async with unchanged(district):
        answer = await stage.call("dispatcher", "POST", f"{stage.at}/blocks", blocking(district, **changes))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await blocked(stage) == []


async def test_only_who_dispatches_the_order_blocks_and_reads_blocks(
    client: httpx.AsyncClient, district: District, foreign: District
) -> None:
    stage = await Stage(client, district).reach(OrderStatus.ACCEPTED)
    await newcomer(district, "office_dispatcher", Role.DISPATCHER, district.office)
    one = f"{stage.at}/blocks/{district.team.id}"
    for name, status in (
        *((name, 403) for name in ("resident", "leader", "volunteer", "admin", "supervisor")),
        *((name, 404) for name in ("neighbour", "other_leader", "outsider")),
    ):
        async with unchanged(district):
            answers = [
                await stage.call(name, "GET", f"{stage.at}/blocks"),
                await stage.call(name, "POST", f"{stage.at}/blocks", blocking(district)),
                await stage.call(name, "DELETE", one),
            ]
        assert [answer.status_code for answer in answers] == [status] * 3, name
    abroad = await stage.call("dispatcher", "POST", f"{stage.at}/blocks", blocking(foreign))
    assert (abroad.status_code, abroad.json()["code"]) == (404, "not_found")
    theirs = await client.get(f"{stage.at}/blocks", headers=foreign.as_("dispatcher"))
    assert theirs.status_code == 404
    below = await stage.call("office_dispatcher", "POST", f"{stage.at}/blocks", blocking(district))
    assert below.status_code == 201


async def test_a_blocked_team_gets_no_order_of_that_person_any_way(
    client: httpx.AsyncClient, district: District
) -> None:
    """Not named, not by the ranking, not out of the pool; others' orders it still gets."""
    stage = Stage(client, district)
    await stage.place(beneficiary=GRANDMOTHER)
    await stage.do("dispatcher", "POST", f"{stage.at}/blocks", blocking(district))
    await stage.do("dispatcher", "POST", f"{stage.at}/approve")
    named = {"mode": "team", "team_id": str(district.team.id), "override_reason": "居民熟悉"}
    refused = await stage.call("dispatcher", "POST", f"{stage.at}/dispatch", named)
    assert (refused.status_code, refused.json()["code"]) == (409, "team_not_eligible")
    ranked = (await stage.do("dispatcher", "GET", f"{stage.at}/matches"))["items"]
    assert [one["team"]["name"] for one in ranked] == ["邻里帮扶队"]
    await stage.do("dispatcher", "POST", f"{stage.at}/dispatch", {"mode": "pool"})
    claim = await stage.call("leader", "POST", f"{stage.at}/claim", {})
    assert (claim.status_code, claim.json()["code"]) == (409, "team_not_eligible")
    await stage.do("other_leader", "POST", f"{stage.at}/claim", {})
    await stage.reach(OrderStatus.ACCEPTED)
