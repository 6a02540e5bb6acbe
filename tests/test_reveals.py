"""Who and where: masked, revealed with a reason, closed with the order; and who looked (PIPL Art. 6, 44, 51)."""

from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from app import clock
from app.domain.lifecycle import OrderStatus
from app.models.audit import AuditEntry
from app.models.person import Person
from app.services.access import SYSTEM
from app.services.scope import visible
from tests.factories import NOW, PLACE, District
from tests.stages import DONE, RATING, REASON, WHY, Stage

WHOLE = {
    "contact": {"name": "张阿婆", "phone": "13800000001"},
    "address": "松岭社区3栋201",
    "location": PLACE,
    "beneficiary": None,
}
MASKED = {
    "contact": {"name": "张**", "phone": "138****0001"},
    "address": "松岭社区",
    "location": {"lat": 28.2, "lon": 112.98},
    "beneficiary": None,
}
NOTHING = dict.fromkeys(WHOLE)


async def shown(stage: Stage, who: str) -> dict[str, Any]:
    order = await stage.do(who, "GET", stage.at)
    return {name: order[name] for name in WHOLE}


def told(answer: httpx.Response) -> str:
    return f"{answer.status_code} {answer.json()['code']}"


async def refusal(stage: Stage, who: str) -> str:
    return told(await stage.call(who, "POST", f"{stage.at}/reveal", WHY))


async def looked(stage: Stage) -> list[tuple[str, str, str]]:
    found = await stage.do("resident", "GET", f"{stage.at}/reveals")
    return [(one["role"], one["name"], one["reason"]) for one in found["items"]]


async def test_contacts_open_when_a_team_has_accepted_and_close_with_the_order(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = await Stage(client, district).reach(OrderStatus.OFFERED)
    assert await shown(stage, "resident") == WHOLE
    assert await shown(stage, "dispatcher") == MASKED
    assert await shown(stage, "leader") == await shown(stage, "supervisor") == NOTHING
    assert await refusal(stage, "leader") == "409 contacts_closed"
    assert await refusal(stage, "supervisor") == "403 forbidden"
    assert await refusal(stage, "other_leader") == "404 not_found"
    await stage.do("leader", "POST", f"/offers/{stage.offer_id}/accept", {})
    await stage.name_crew()
    for who in ("leader", "volunteer"):
        assert await shown(stage, who) == MASKED
        whole = await stage.reveal(who)
        assert {name: whole[name] for name in WHOLE} == WHOLE
    assert (await stage.reveal("resident"))["address"] == WHOLE["address"]
    await stage.serve()
    await stage.do("leader", "POST", f"{stage.at}/deliver", DONE)
    assert (await stage.reveal("volunteer"))["address"] == WHOLE["address"]
    await stage.do("resident", "POST", f"{stage.at}/review", RATING)
    for who in ("leader", "volunteer"):
        assert await shown(stage, who) == NOTHING
        assert await refusal(stage, who) == "409 contacts_closed"
    assert await shown(stage, "resident") == WHOLE
    assert await refusal(stage, "dispatcher") == "409 contacts_closed"
    assert [role for role, _, _ in await looked(stage)] == ["volunteer", "team_leader"]


async def test_who_looked_is_told_to_whoever_placed_it_and_to_auditors(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = await Stage(client, district).reach(OrderStatus.ACCEPTED)
    for who in ("volunteer", "volunteer", "dispatcher"):
        await stage.reveal(who)
    with clock.at(NOW + timedelta(minutes=61)):
        await stage.reveal("volunteer")
    why, masked = WHY["reason"], "测**"
    assert await looked(stage) == [
        ("volunteer", masked, why),
        ("dispatcher", masked, why),
        ("volunteer", masked, why),
    ]
    assert len((await stage.do("auditor", "GET", f"{stage.at}/reveals"))["items"]) == 3
    codes = {
        who: (await stage.call(who, "GET", f"{stage.at}/reveals")).status_code for who in district.people
    }
    assert {who for who, code in codes.items() if code == 200} == {"resident", "auditor"}
    assert {codes[who] for who in ("dispatcher", "volunteer", "leader", "supervisor")} == {403}
    assert codes["stranger"] == codes["outsider"] == 404
    async with district.house.database.transaction() as session:
        trail = visible(AuditEntry, SYSTEM).where(AuditEntry.object_id == (await stage.row()).id)
        acts = [(one.act, one.reason) for one in await session.exec(trail) if one.act == "order_reveal"]
    assert acts == [("order_reveal", why)] * 3


async def test_a_complaint_reopens_the_contacts_for_the_desk_alone(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = await Stage(client, district).reach(OrderStatus.CLOSED)
    assert await refusal(stage, "dispatcher") == "409 contacts_closed"
    await stage.do("resident", "POST", f"{stage.at}/complain", {"reason": "窗户没有擦干净"})
    assert (await stage.reveal("dispatcher"))["contact"] == WHOLE["contact"]
    assert await refusal(stage, "leader") == "409 contacts_closed"


@pytest.mark.parametrize("known_by", ["circumstance", "birth date"])
async def test_the_contacts_of_a_minor_need_a_second_person(
    client: httpx.AsyncClient, district: District, known_by: str
) -> None:
    stage = Stage(client, district)
    if known_by == "birth date":
        async with district.house.database.transaction() as session:
            resident = await session.get_one(Person, district["resident"].id)
            resident.birth_date = date(2010, 5, 1)
    await stage.place(circumstances=["minor"] if known_by == "circumstance" else [])
    asked = await stage.call("dispatcher", "POST", f"{stage.at}/reveal", WHY)
    assert asked.status_code == 202, asked.text
    assert asked.headers["cache-control"] == "no-store"
    again = await stage.call("dispatcher", "POST", f"{stage.at}/reveal", WHY)
    approval = asked.json()["approval_id"]
    assert (again.status_code, again.json()["approval_id"]) == (202, approval)
    assert await looked(stage) == []
    own = await stage.call("dispatcher", "POST", f"/approvals/{approval}/approve", {"note": ""})
    assert own.status_code == 403
    await stage.do("supervisor", "POST", f"/approvals/{approval}/approve", {"note": "已核实"})
    assert (await stage.reveal("dispatcher"))["address"] == WHOLE["address"]
    (seen,) = (await stage.do("resident", "GET", f"{stage.at}/reveals"))["items"]
    assert seen["approved"] is True
    with clock.at(NOW + timedelta(hours=25)):
        later = await stage.call("dispatcher", "POST", f"{stage.at}/reveal", WHY)
        assert later.status_code == 202, "a yes does not hold for ever"


async def test_a_place_may_do_without_the_second_person(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = Stage(client, district)
    await stage.do("admin", "PUT", f"/policies/{district.office.id}", {"approvals": {"minors": False}})
    await stage.place(circumstances=["minor"])
    assert (await stage.reveal("dispatcher"))["address"] == WHOLE["address"]


async def test_a_wrong_number_is_put_right_while_the_order_lives(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = await Stage(client, district).reach(OrderStatus.ACCEPTED)
    right = {"contact": {"name": "张阿公", "phone": "13800000903"}, "address": "松岭社区5栋102"}
    assert (await stage.call("leader", "PATCH", f"{stage.at}/contact", right)).status_code == 403
    await stage.do("resident", "PATCH", f"{stage.at}/contact", right)
    told_now = await stage.reveal("volunteer")
    assert {name: told_now[name] for name in right} == right
    inbox = await stage.do("volunteer", "GET", "/me/inbox")
    assert inbox["items"][0]["text"] == "“家庭保洁”的联系方式或地址已更正，请重新查看"
    assert told(await stage.call("resident", "PATCH", f"{stage.at}/contact", {})) == "422 correction_empty"
    await stage.do("dispatcher", "POST", f"{stage.at}/cancel", REASON)
    assert told(await stage.call("resident", "PATCH", f"{stage.at}/contact", right)) == "409 illegal_move"


async def test_who_is_concerned_reads_why_this_team(client: httpx.AsyncClient, district: District) -> None:
    stage = await Stage(client, district).reach(OrderStatus.APPROVED)
    why = f"{stage.at}/why"
    assert (await stage.do("resident", "GET", why))["text"] == "还没有服务队接单"
    best = (await stage.do("dispatcher", "GET", f"{stage.at}/matches"))["items"][0]["team"]["id"]
    await stage.do("dispatcher", "POST", f"{stage.at}/dispatch", {"mode": "auto"})
    leader = "leader" if best == str(district.team.id) else "other_leader"
    text = (await stage.do(leader, "GET", why))["text"]
    assert text.startswith("程序按专长、距离、时间等因素排序，这支队伍排在第一，主要因为")
    assert (await stage.call("stranger", "GET", why)).status_code == 404
    (offer,) = (await stage.do(leader, "GET", "/offers?status=open"))["items"]
    await stage.do(leader, "POST", f"/offers/{offer['id']}/accept", {})
    assert (await stage.do("resident", "GET", why))["text"] == text
    chosen = await Stage(client, district).reach(OrderStatus.POOLED)
    await chosen.do("leader", "POST", f"{chosen.at}/claim", {})
    told_by = await chosen.do("resident", "GET", f"{chosen.at}/why")
    assert told_by["text"] == "本单开放抢单，这支队伍最先应答"
