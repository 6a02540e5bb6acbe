"""One call after no signal: what changed, what is gone, what waits; nothing of others, nothing missed."""

from typing import Any

import httpx
import pytest

from app.domain.lifecycle import OrderStatus
from app.domain.roles import Role
from app.models.person import RoleGrant
from app.services import sync
from app.services.sync_cursor import Cursor, read_cursor
from tests.accounts import save
from tests.center import refused
from tests.factories import District
from tests.stages import REASON, Stage

LISTS = ("orders", "gone", "offers", "pool", "tasks")


class Phone:
    """Somebody's phone: it keeps the cursor, and calls again as long as there is more."""

    def __init__(self, stage: Stage, who: str) -> None:
        self.stage, self.who, self.cursor = stage, who, ""

    async def call(self, limit: int = 50) -> dict[str, Any]:
        since = f"&since={self.cursor}" if self.cursor else ""
        found: dict[str, Any] = await self.stage.do(self.who, "GET", f"/sync?limit={limit}{since}")
        self.cursor = found["cursor"]
        return found


def ids(orders: list[dict[str, Any]]) -> list[str]:
    return [order["id"] for order in orders]


async def test_a_leader_hears_of_an_offer_and_loses_it_again(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = Stage(client, district)
    leader, other, stranger = (Phone(stage, who) for who in ("leader", "other_leader", "stranger"))
    for phone in (leader, other, stranger):
        first = await phone.call()
        assert first["reset"]
        assert not any(first[name] for name in (*LISTS, "unread", "notices", "more"))
    await stage.reach(OrderStatus.OFFERED)
    told = await leader.call()
    assert (ids(told["orders"]), told["gone"], told["reset"]) == ([stage.order_id], [], False)
    assert told["orders"][0]["status"] == "offered"
    assert [offer["order"]["id"] for offer in told["offers"]] == [stage.order_id]
    assert (told["unread"], told["notices"][0]["order_id"]) == (1, stage.order_id)
    await stage.do("dispatcher", "POST", f"{stage.at}/recall", REASON)
    told = await leader.call()
    assert (told["orders"], told["gone"], told["offers"]) == ([], [stage.order_id], [])
    await stage.do("dispatcher", "POST", f"{stage.at}/dispatch", {"mode": "pool"})
    for phone in (leader, other):
        told = await phone.call()
        assert (ids(told["orders"]), told["pool"]) == ([stage.order_id], [stage.order_id])
    await stage.do("other_leader", "POST", f"{stage.at}/claim", {})
    assert (await other.call())["orders"][0]["status"] == "accepted"
    told = await leader.call()
    assert (told["orders"], told["pool"], told["gone"]) == ([], [], [stage.order_id])
    quiet = await leader.call()
    assert not any(quiet[name] for name in LISTS)
    told = await stranger.call()
    assert not any(told[name] for name in LISTS)


async def test_a_volunteer_hears_of_a_task_and_loses_it_again(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = Stage(client, district)
    volunteer = Phone(stage, "volunteer")
    await volunteer.call()
    await stage.reach(OrderStatus.ACCEPTED)
    told = await volunteer.call()
    assert ids(told["orders"]) == ids(told["tasks"]) == [stage.order_id]
    await stage.do("leader", "POST", f"{stage.at}/release", {"reason": "临时有事"})
    told = await volunteer.call()
    assert (told["orders"], told["gone"], told["tasks"]) == ([], [stage.order_id], [])


async def test_what_does_not_fit_comes_with_the_next_call(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = Stage(client, district)
    phone = Phone(stage, "resident")
    await phone.call()
    placed = [await stage.place() for _ in range(3)]
    stage.order_id = placed[0]
    await stage.do("dispatcher", "POST", f"{stage.at}/approve")
    answers = [await phone.call(limit=1) for _ in range(3)]
    assert [ids(one["orders"]) for one in answers] == [[placed[1]], [placed[2]], [placed[0]]]
    assert [one["more"] for one in answers] == [True, True, False]
    assert answers[2]["orders"][0]["version"] == 2
    assert not (await phone.call())["orders"]
    first = await Phone(stage, "resident").call(limit=2)
    assert (ids(first["orders"]), first["more"]) == ([placed[2], placed[1]], False)


async def test_a_cursor_that_does_not_fit_begins_anew(
    client: httpx.AsyncClient, district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(client, district)
    order_id, phone = await stage.place(), Phone(stage, "leader")
    assert not (await phone.call())["orders"]
    held = read_cursor(phone.cursor)
    phone.cursor = Cursor(held.position + 1_000_000, held.rights).written()
    assert (await phone.call())["reset"]
    assert not (await phone.call())["reset"]
    grant = RoleGrant(
        person_id=district["leader"].id, role=Role.DISPATCHER, organisation_id=district.center.id
    )
    await save(district.house, grant)
    told = await phone.call()
    assert (told["reset"], ids(told["orders"])) == (True, [order_id])
    monkeypatch.setattr(sync, "MOST_MISSED", 0)
    await stage.place()
    told = await phone.call()
    assert (told["reset"], len(told["orders"])) == (True, 2)


@pytest.mark.parametrize(
    "since", ["x", "MTo1", "é", "198dd16a7d1a4353af5947edd859053f", Cursor(7, "zz").written()]
)
async def test_a_cursor_of_nobody_is_refused(
    client: httpx.AsyncClient, district: District, since: str
) -> None:
    await refused(client, district, "leader", "GET", f"/sync?since={since}", 422, "cursor_invalid")
    await refused(client, district, "", "GET", f"/sync?since={since}", 401, "unauthenticated")
