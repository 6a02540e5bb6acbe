"""What people write is looked at: by the place's words, by WeChat where it can be asked, and by a person."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import col, update

from app import clock
from app.domain.lifecycle import OrderStatus
from app.house import House
from app.jobs import check_contents
from app.models.base import new_id
from app.models.person import Person
from tests.contract import told, witnessed
from tests.factories import NOW, District, plant
from tests.stages import Stage
from tests.wechat.imitation import CHECK, Imitation
from tests.wechat.imitation import client as wechat_client

WORDS = {"content": {"words": ["贷款"]}}
MACHINE = {"content": {"machine": True}}


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with witnessed(house) as caller:
        yield caller


async def policy(client: httpx.AsyncClient, district: District, **changes: Any) -> None:
    path = f"/policies/{district.center.id}"
    kept = await client.put(path, json=changes, headers=district.as_("admin"))
    assert kept.status_code == 200, kept.text


async def place(client: httpx.AsyncClient, district: District, detail: str) -> Any:
    body = district.order_body(detail=detail)
    answer = await client.post("/orders", json=body, headers=district.as_("resident"))
    assert answer.status_code == 201, answer.text
    return answer.json()


async def status(client: httpx.AsyncClient, district: District, order: Any) -> str:
    got = await client.get(f"/orders/{order['id']}", headers=district.as_("resident"))
    return str(got.json()["status"])


async def checks(client: httpx.AsyncClient, district: District, query: str = "") -> list[Any]:
    got = await client.get(f"/content-checks{query}", headers=district.as_("dispatcher"))
    assert got.status_code == 200, got.text
    items: list[Any] = got.json()["items"]
    return items


async def decide(client: httpx.AsyncClient, district: District, check: Any, verb: str) -> httpx.Response:
    path = f"/content-checks/{check['id']}/{verb}"
    return await client.post(path, json={"note": "看过了"}, headers=district.as_("dispatcher"))


async def heard(client: httpx.AsyncClient, district: District, who: str = "resident") -> str:
    inbox = await client.get("/me/inbox", headers=district.as_(who))
    return "\n".join(notice["text"] for notice in inbox.json()["items"])


async def test_an_order_with_such_a_word_waits_for_a_person(
    client: httpx.AsyncClient, district: District
) -> None:
    await policy(client, district, auto_approve=True, **WORDS)
    plain = await place(client, district, "擦窗")
    caught = [await place(client, district, text) for text in ("低息贷\u2060款", "贷 款", "贷款吗")]
    assert (plain["status"], {one["status"] for one in caught}) == ("approved", {"submitted"})
    assert "需由工作人员查看" in await heard(client, district)
    held = await checks(client, district, "?state=held")
    assert [one["order_id"] for one in held] == [one["id"] for one in reversed(caught)]
    assert (held[0]["found"], held[0]["kind"]) == (["贷款"], "order")
    assert "贷款吗" in held[0]["texts"]
    assert (await decide(client, district, held[2], "clear")).json()["state"] == "cleared"
    assert (await decide(client, district, held[1], "refuse")).json()["state"] == "refused"
    by_hand = f"/orders/{caught[2]['id']}/approve"
    assert (await client.post(by_hand, headers=district.as_("dispatcher"))).status_code == 200
    assert [await status(client, district, one) for one in caught] == ["approved", "rejected", "approved"]
    assert "看过了" in await heard(client, district)
    assert await checks(client, district, "?state=held") == []
    assert told(await decide(client, district, held[0], "refuse")) == "409 content_decided"


async def test_who_approves_an_order_by_hand_has_looked_at_it(
    client: httpx.AsyncClient, district: District
) -> None:
    await policy(client, district, auto_approve=True, **MACHINE)
    second = await place(client, district, "擦窗")
    (check,) = await checks(client, district, "?state=pending")
    approve = await client.post(f"/orders/{second['id']}/approve", headers=district.as_("dispatcher"))
    assert approve.status_code == 200
    assert told(await decide(client, district, check, "refuse")) == "409 content_decided"
    (check,) = await checks(client, district)
    assert (check["state"], check["note"]) == ("cleared", "")


async def test_comments_and_complaints_are_caught_and_whoever_wrote_them_is_told(
    client: httpx.AsyncClient, district: District
) -> None:
    await policy(client, district, **WORDS)
    stage = await Stage(client, district).reach(OrderStatus.DELIVERED)
    rating = {"timeliness": 5, "attitude": 5, "quality": 5, "resolution": 5, "comment": "要贷款找我"}
    reviewed = await client.post(f"{stage.at}/review", json=rating, headers=district.as_("resident"))
    assert reviewed.status_code == 200, reviewed.text
    words = {"reason": "推销贷款，没有打扫"}
    complained = await client.post(f"{stage.at}/complain", json=words, headers=district.as_("resident"))
    assert complained.status_code == 200, complained.text
    complaint, review = await checks(client, district)
    assert [(one["kind"], one["state"], one["texts"]) for one in (review, complaint)] == [
        ("review", "held", ["要贷款找我"]),
        ("complaint", "held", ["推销贷款，没有打扫"]),
    ]
    assert (await decide(client, district, review, "refuse")).status_code == 200
    assert (await decide(client, district, complaint, "clear")).status_code == 200
    assert await status(client, district, {"id": stage.at.rsplit("/")[-1]}) == "closed"
    assert "未予采用" in await heard(client, district)
    assert "评价有待人工查看" in await heard(client, district, "dispatcher")


async def test_only_who_reviews_content_meets_it(client: httpx.AsyncClient, district: District) -> None:
    await policy(client, district, **WORDS)
    await place(client, district, "贷款")
    (check,) = await checks(client, district)
    for who in ("resident", "leader", "admin", "supervisor", "stranger"):
        listed = await client.get("/content-checks", headers=district.as_(who))
        assert (listed.status_code, listed.json()["items"]) == (200, [])
        path = f"/content-checks/{check['id']}/clear"
        answer = await client.post(path, json={"note": "看过"}, headers=district.as_(who))
        assert told(answer) == "404 not_found"


@pytest.fixture
async def machine(fresh_house: House) -> AsyncIterator[tuple[House, District, httpx.AsyncClient, Imitation]]:
    """A house whose WeChat is an imitation, and a center that has it asked; the resident was there just now."""
    imitation = Imitation()
    asking = replace(fresh_house, wechat=wechat_client(imitation))
    district = await plant(asking)
    async with asking.database.transaction() as session:
        known = update(Person).where(col(Person.id) == district["resident"].id)
        await session.exec(known.values(wechat_openid=f"o-{new_id().hex}"))
    async with witnessed(asking) as caller:
        await policy(caller, district, auto_approve=True, **MACHINE)
        yield asking, district, caller, imitation
    await asking.wechat.aclose()


Machine = tuple[House, District, httpx.AsyncClient, Imitation]


async def test_wechat_is_asked_and_only_what_passes_goes_on(machine: Machine) -> None:
    house, district, client, imitation = machine
    orders = [await place(client, district, text) for text in ("擦窗", "demo:risky", "demo:review")]
    assert {order["status"] for order in orders} == {"submitted"}
    assert await check_contents.run(house, NOW) == 3
    assert await check_contents.run(house, NOW) == 0
    assert [await status(client, district, one) for one in orders] == ["approved", "submitted", "submitted"]
    held = await checks(client, district, "?state=held")
    assert [one["found"] for one in held] == [["wechat:21000"], ["wechat:20002"]]
    assert imitation.calls[CHECK] == 3
    assert "需由工作人员查看" in await heard(client, district)


async def test_a_wechat_that_is_away_holds_nobody_up_for_long(machine: Machine) -> None:
    house, district, client, imitation = machine
    order = await place(client, district, "擦窗")
    at, rounds = NOW, 0
    imitation.plan(CHECK, *({"errcode": -1, "errmsg": "system error"} for _ in range(9)))
    while await checks(client, district, "?state=pending"):
        with clock.at(at):
            rounds += await check_contents.run(house, at)
        at += timedelta(minutes=1)
    assert (rounds, imitation.calls[CHECK]) == (5, 5)
    assert timedelta(minutes=5) < at - NOW < timedelta(minutes=15)
    (held,) = await checks(client, district, "?state=held")
    assert held["found"] == ["wechat:silent"]
    assert (await decide(client, district, held, "clear")).status_code == 200
    assert await status(client, district, order) == "approved"


async def test_who_was_not_there_lately_is_read_by_people(machine: Machine) -> None:
    house, district, client, imitation = machine
    await place(client, district, "擦窗")
    with clock.at(NOW + timedelta(days=40)):
        await check_contents.run(house, NOW + timedelta(days=40))
        assert [one["found"] for one in await checks(client, district)] == [["wechat:unasked"]]
    assert imitation.calls[CHECK] == 0
