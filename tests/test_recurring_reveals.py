"""Who and where of a series: masked, whole for the desk with a reason while it waits or runs; and who looked."""

from datetime import timedelta
from typing import Any

import httpx

from app import clock
from app.models.audit import AuditEntry
from app.services import recurring_orders
from app.services.access import SYSTEM
from app.services.scope import visible
from tests.factories import NOW, PLACE, District
from tests.series import Series
from tests.stages import REASON, WHY

WHOLE = {
    "contact": {"name": "张阿婆", "phone": "13800000001"},
    "address": "松岭社区3栋201",
    "location": PLACE,
    "beneficiary": None,
    "circumstances": ["lone_elderly"],
}
ON_DUTY = {"name": "王大爷", "phone": "13700000003", "relation": "staff", "consent": "verbal"}


async def look(series: Series, who: str) -> Any:
    told = await series.do(who, "POST", f"{series.on}/reveal", WHY)
    assert told.pop("recurring_id") == series.series_id
    return told


async def refusal(series: Series, who: str, method: str = "POST") -> str:
    path = f"{series.on}/reveal" if method == "POST" else f"{series.on}/reveals"
    answer = await series.call(who, method, path, WHY if method == "POST" else None)
    return f"{answer.status_code} {answer.json()['code']}"


async def looked(series: Series, who: str = "resident") -> list[tuple[str, str, str]]:
    found = await series.do(who, "GET", f"{series.on}/reveals")
    return [(one["role"], one["name"], one["reason"]) for one in found["items"]]


async def test_the_desk_may_call_while_a_series_waits_and_while_it_runs(
    client: httpx.AsyncClient, district: District
) -> None:
    series = Series(client, district)
    await series.ask(circumstances=["lone_elderly"])
    assert (await series.show("dispatcher"))["contact"] == {"name": "张**", "phone": "138****0001"}
    assert await look(series, "resident") == WHOLE
    assert await looked(series) == [], "one's own is no look"
    assert await look(series, "dispatcher") == await look(series, "dispatcher") == WHOLE
    refused = ("supervisor", "admin", "auditor", "leader", "volunteer", "grid_worker", "stranger", "outsider")
    assert {who: await refusal(series, who) for who in refused} == {
        **dict.fromkeys(refused, "404 not_found"),
        **dict.fromkeys(("supervisor", "admin"), "403 forbidden"),
    }
    why = ("dispatcher", "测**", WHY["reason"])
    assert await looked(series) == await looked(series, "auditor") == [why]
    assert await refusal(series, "dispatcher", "GET") == "403 forbidden"
    assert await refusal(series, "leader", "GET") == "404 not_found"
    await series.do("dispatcher", "POST", f"{series.on}/approve")
    with clock.at(NOW + timedelta(minutes=61)):
        assert await look(series, "dispatcher") == WHOLE
    mine = await series.do("resident", "GET", "/me/export")
    assert [(one["order_id"], one["recurring_id"]) for one in mine["reveals"]] == [
        (None, series.series_id)
    ] * 2
    await series.do("resident", "POST", f"{series.on}/end", REASON)
    assert await refusal(series, "dispatcher") == "409 recurring_contacts_closed"
    assert await look(series, "resident") == WHOLE
    assert await looked(series) == [why] * 2
    async with district.house.database.transaction() as session:
        trail = visible(AuditEntry, SYSTEM).where(AuditEntry.act == "recurring_order_reveal")
        told = [str(one.object_id) for one in await session.exec(trail) if one.reason == WHY["reason"]]
    assert told == [series.series_id] * 2


async def test_what_was_asked_for_on_duty_is_looked_at_like_anothers(
    client: httpx.AsyncClient, district: District
) -> None:
    series = Series(client, district)
    told = await series.ask("grid_worker", beneficiary=ON_DUTY)
    assert (told["contacts"], told["beneficiary"]["name"]) == ("masked", "王**")
    whole = await look(series, "grid_worker")
    assert (whole["beneficiary"]["name"], whole["beneficiary"]["phone"]) == ("王大爷", "13700000003")
    assert await looked(series, "grid_worker") == [("grid_worker", "测**", WHY["reason"])]


async def test_the_contacts_of_a_minor_in_a_series_need_a_second_person(
    client: httpx.AsyncClient, district: District
) -> None:
    series = Series(client, district)
    await series.ask(circumstances=["minor"])
    asked = await series.call("dispatcher", "POST", f"{series.on}/reveal", WHY)
    assert (asked.status_code, asked.headers["cache-control"]) == (202, "no-store")
    assert await looked(series) == []
    approval = f"/approvals/{asked.json()['approval_id']}"
    assert (await series.do("supervisor", "GET", approval))["wanted"] == {"recurring_id": series.series_id}
    await series.do("supervisor", "POST", f"{approval}/approve", {"note": "已核实"})
    assert (await look(series, "dispatcher"))["address"] == WHOLE["address"]
    (seen,) = (await series.do("resident", "GET", f"{series.on}/reveals"))["items"]
    assert seen["approved"] is True


async def test_what_was_emptied_is_told_to_nobody(client: httpx.AsyncClient, district: District) -> None:
    series = Series(client, district)
    await series.ask()
    async with district.house.database.transaction() as session:
        await recurring_orders.forget_caller(session, district["resident"].id, NOW)
    for who in ("resident", "dispatcher"):
        assert await refusal(series, who) == "409 recurring_contacts_closed"
