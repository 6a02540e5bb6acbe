"""Rules of dispatching and answering that a dispatcher and a leader live by."""

from datetime import date, timedelta
from typing import Any

import httpx
from sqlmodel import col

from app import clock
from app.domain.lifecycle import OrderStatus
from app.models.offer import Offer
from app.models.order import Order
from app.models.person import Person
from app.models.team import Team, TeamException, TeamSpecialty
from app.models.volunteer import Volunteer
from app.services.access import SYSTEM
from app.services.organisations import bump
from app.services.scope import visible
from tests.factories import NOW, SATURDAY_9, District
from tests.stages import REASON, Stage


def team_body(team: Team, **more: Any) -> dict[str, Any]:
    return {"mode": "team", "team_id": str(team.id), **more}


async def change(district: District, model: Any, row_id: Any, **values: Any) -> None:
    """As the services do it: the center's revision counts every change of what is static."""
    async with district.house.database.transaction() as session:
        await bump(session, district.center.path)
        row = await session.get_one(model, row_id)
        for name, value in values.items():
            setattr(row, name, value)
        session.add(row)


async def refused(stage: Stage, body: dict[str, Any], code: str, status: int = 409) -> dict[str, Any]:
    answer = await stage.call("dispatcher", "POST", f"{stage.at}/dispatch", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    return dict(answer.json())


async def test_a_team_that_declined_is_never_asked_again(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = await Stage(client, district).reach(OrderStatus.OFFERED)
    await stage.do("leader", "POST", f"/offers/{stage.offer_id}/decline", REASON)
    assert (await stage.row()).status is OrderStatus.APPROVED
    matches = await stage.do("dispatcher", "GET", f"{stage.at}/matches")
    assert [item["team"]["name"] for item in matches["items"]] == ["邻里帮扶队"]
    assert {"reason": "declined_before", "text": "已婉拒过本单", "teams": 1} in matches["excluded"]
    told = await refused(stage, team_body(district.team), "team_not_eligible")
    assert told["detail"] == "已婉拒过本单"
    await stage.do("dispatcher", "POST", f"{stage.at}/dispatch", {"mode": "pool"})
    claim = await stage.call("leader", "POST", f"{stage.at}/claim", {})
    assert (claim.status_code, claim.json()["code"]) == (409, "team_not_eligible")


async def test_a_team_that_let_an_offer_lapse_or_lost_it_may_be_asked_again(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = await Stage(client, district).reach(OrderStatus.OFFERED)
    await stage.do("dispatcher", "POST", f"{stage.at}/recall", REASON)
    await stage.offer()
    assert (await stage.row()).status is OrderStatus.OFFERED


async def test_an_expired_offer_cannot_be_accepted_even_before_the_clock_has_tidied_up(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = await Stage(client, district).reach(OrderStatus.OFFERED)
    with clock.at(NOW + timedelta(hours=24)):
        for verb, body in (("accept", {}), ("decline", REASON)):
            late = await stage.call("leader", "POST", f"/offers/{stage.offer_id}/{verb}", body)
            assert (late.status_code, late.json()["code"]) == (409, "offer_expired")
    assert (await stage.row()).status is OrderStatus.OFFERED


async def test_not_choosing_the_first_needs_a_reason_and_leaves_a_receipt(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = await Stage(client, district).reach(OrderStatus.APPROVED)
    first = (await stage.do("dispatcher", "GET", f"{stage.at}/matches"))["items"][0]["team"]["id"]
    other = district.other_team if first == str(district.team.id) else district.team
    await refused(stage, team_body(other), "override_reason_required", 422)
    body = team_body(other, override_reason="居民点名希望这支队伍")
    await stage.do("dispatcher", "POST", f"{stage.at}/dispatch", body)
    async with district.house.database.transaction() as session:
        offers = visible(Offer, SYSTEM).where(col(Offer.order_id) == (await stage.row()).id)
        receipt = (await session.exec(offers)).one().receipt
    assert receipt["chosen"] == str(other.id)
    assert receipt["override_reason"] == "居民点名希望这支队伍"
    assert receipt["teams"][0]["id"] == first
    assert receipt["weights_version"]


async def test_a_ranking_that_moved_on_is_told_with_who_is_first_now(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = await Stage(client, district).reach(OrderStatus.APPROVED)
    first, second = (
        one["team"] for one in (await stage.do("dispatcher", "GET", f"{stage.at}/matches"))["items"]
    )
    body = {"mode": "team", "team_id": second["id"]}
    told = await refused(stage, body, "override_reason_required", 422)
    assert told["detail"] == f"现在推荐的第一名是“{first['name']}”"


async def test_hard_conditions_cannot_be_overridden(client: httpx.AsyncClient, district: District) -> None:
    stage = await Stage(client, district).reach(OrderStatus.APPROVED)
    team = district.team
    cases: list[tuple[dict[str, Any], dict[str, Any], str]] = [
        ({"active": False}, {"active": True}, "队伍已停用"),
        ({"radius_km": 0.01}, {"radius_km": 8.0}, "服务地点超出服务半径和服务区域"),
        ({"weekly": "0" * 84}, {"weekly": "f" * 84}, "期望时间内没有足够的连续空闲"),
    ]
    body = team_body(team, override_reason="一定要派")
    for wrong, right, told in cases:
        await change(district, Team, team.id, **wrong)
        assert (await refused(stage, body, "team_not_eligible"))["detail"] == told
        await change(district, Team, team.id, **right)
    async with district.house.database.transaction() as session:
        await bump(session, district.center.path)
        session.add(TeamException(team_id=team.id, day=date(2026, 11, 28), free="0" * 12))
    assert (await refused(stage, body, "team_not_eligible"))["detail"] == "期望时间内没有足够的连续空闲"


async def test_a_qualification_needs_its_proof_in_date(client: httpx.AsyncClient, district: District) -> None:
    """志愿服务条例 Art. 16: what the law wants a certificate for is done by those who hold it that day."""
    async with district.house.database.transaction() as session:
        item = await session.get_one(type(district.cleaning), district.cleaning.id)
        item.required_specialties = ["electrician"]
        center = await session.get_one(type(district.center), district.center.id)
        center.revision += 1
        held = TeamSpecialty(team_id=district.team.id, specialty="electrician", level=2)
        session.add_all([item, center, held])
    stage = await Stage(client, district).reach(OrderStatus.APPROVED)
    body = team_body(district.team)
    assert (await refused(stage, body, "team_not_eligible"))["detail"] == "缺少服务当日有效的资质证明"
    await change(district, TeamSpecialty, held.id, proof_no="D-1", proof_until=date(2026, 11, 27))
    await refused(stage, body, "team_not_eligible")
    await change(district, TeamSpecialty, held.id, proof_until=date(2026, 11, 28))
    await stage.do("dispatcher", "POST", f"{stage.at}/dispatch", body)


async def test_capacity_is_counted_by_the_half_hour(client: httpx.AsyncClient, district: District) -> None:
    await change(district, Team, district.team.id, capacity=1)
    await Stage(client, district).reach(OrderStatus.ACCEPTED)
    second = await Stage(client, district).reach(OrderStatus.APPROVED)
    told = await refused(second, team_body(district.team, override_reason="再派一单"), "team_not_eligible")
    assert told["detail"] == "期望时间内的空闲已排满"
    later = Stage(client, district)
    start = SATURDAY_9 + timedelta(hours=2)
    await later.place(window={"start": start.isoformat(), "end": (start + timedelta(hours=2)).isoformat()})
    await later.do("dispatcher", "POST", f"{later.at}/approve")
    await later.offer()


async def test_risky_work_is_for_insured_adults(client: httpx.AsyncClient, district: District) -> None:
    """志愿服务条例 Art. 15 and 17."""
    stage = Stage(client, district)
    await stage.place(menu_item_id=str(district.rescue.id))
    await stage.do("dispatcher", "POST", f"{stage.at}/approve")
    body = team_body(district.team, override_reason="就近")
    await change(district, Team, district.team.id, adults_only=False)
    assert (await refused(stage, body, "team_not_eligible"))["detail"] == "风险服务须全员成年"
    await change(district, Team, district.team.id, adults_only=True, insured_until=date(2026, 11, 27))
    assert (await refused(stage, body, "team_not_eligible"))["detail"] == "风险服务须在服务当日已投保"
    await change(district, Team, district.team.id, insured_until=date(2026, 11, 28))
    await stage.offer()
    await stage.do("leader", "POST", f"/offers/{stage.offer_id}/accept", {})
    volunteer = district["volunteer"]
    crew = {"members": [str(volunteer.id)]}

    async def told(code: str) -> None:
        answer = await stage.call("leader", "PUT", f"{stage.at}/crew", crew)
        assert (answer.status_code, answer.json()["code"]) == (422, code)

    await told("crew_not_insured")
    await change(district, Person, volunteer.id, birth_date=date(2008, 11, 29))
    await told("crew_minor")
    await change(district, Person, volunteer.id, birth_date=None)
    await told("crew_minor")
    await change(district, Person, volunteer.id, birth_date=date(2008, 11, 28))
    async with district.house.database.transaction() as session:
        found = visible(Volunteer, SYSTEM).where(col(Volunteer.person_id) == volunteer.id)
        insured = (await session.exec(found)).one()
        insured.insured_until = date(2026, 11, 28)
        session.add(insured)
    await stage.do("leader", "PUT", f"{stage.at}/crew", crew)


async def test_the_crew_comes_from_the_team_and_keeps_who_arrived(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = await Stage(client, district).reach(OrderStatus.ACCEPTED)
    outsider = {"members": [str(district["outsider"].id)]}
    answer = await stage.call("leader", "PUT", f"{stage.at}/crew", outsider)
    assert (answer.status_code, answer.json()["code"]) == (422, "crew_not_member")
    await stage.serve()
    helper = {"members": [str(district["helper"].id)]}
    answer = await stage.call("leader", "PUT", f"{stage.at}/crew", helper)
    assert (answer.status_code, answer.json()["code"]) == (409, "crew_attended")


async def test_releasing_dismisses_the_crew_and_asks_others(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = await Stage(client, district).reach(OrderStatus.ACCEPTED)
    await stage.do("leader", "POST", f"{stage.at}/release", {"reason": "车辆故障"})
    assert (await stage.call("volunteer", "GET", stage.at)).status_code == 404
    assert (await stage.do("volunteer", "GET", "/tasks"))["items"] == []
    matches = await stage.do("dispatcher", "GET", f"{stage.at}/matches")
    assert [item["team"]["name"] for item in matches["items"]] == ["邻里帮扶队"]


async def test_reassigning_asks_the_other_team(client: httpx.AsyncClient, district: District) -> None:
    stage = await Stage(client, district).reach(OrderStatus.ACCEPTED)
    body = {"team_id": str(district.team.id), "reason": "同一队伍"}
    same = await stage.call("dispatcher", "POST", f"{stage.at}/reassign", body)
    assert (same.status_code, same.json()["code"]) == (409, "team_not_eligible")
    body = {"team_id": str(district.other_team.id), "reason": "原队伍车辆故障"}
    await stage.do("dispatcher", "POST", f"{stage.at}/reassign", body)
    offers = await stage.do("other_leader", "GET", "/offers?status=open")
    assert [offer["order"]["id"] for offer in offers["items"]] == [stage.order_id]
    await stage.do("other_leader", "POST", f"/offers/{offers['items'][0]['id']}/accept", {})
    assert (await stage.row()).team_id == district.other_team.id


async def test_the_agreed_time_lies_in_the_window(client: httpx.AsyncClient, district: District) -> None:
    stage = await Stage(client, district).reach(OrderStatus.OFFERED)
    for hours in (-0.5, 1.5):
        body = {"scheduled_start": (SATURDAY_9 + timedelta(hours=hours)).isoformat()}
        answer = await stage.call("leader", "POST", f"/offers/{stage.offer_id}/accept", body)
        assert (answer.status_code, answer.json()["code"]) == (422, "schedule_outside_window")
    body = {"scheduled_start": (SATURDAY_9 + timedelta(hours=1)).isoformat()}
    accepted = await stage.do("leader", "POST", f"/offers/{stage.offer_id}/accept", body)
    assert accepted["scheduled"]["start"].startswith("2026-11-28T02:00:00")


async def test_nobody_promises_to_come_when_the_window_is_over(
    client: httpx.AsyncClient, district: District
) -> None:
    """A quarter of an hour before its end somebody still may, late as it is: the resident is waiting."""
    window = {"start": NOW.isoformat(), "end": (NOW + timedelta(hours=2)).isoformat()}
    for mode in ("team", "pool"):
        stage = Stage(client, district)
        await stage.place(window=window)
        await stage.do("dispatcher", "POST", f"{stage.at}/approve")
        if mode == "team":
            await stage.offer()
        else:
            await stage.do("dispatcher", "POST", f"{stage.at}/dispatch", {"mode": "pool"})
        press = f"/offers/{stage.offer_id}/accept" if mode == "team" else f"{stage.at}/claim"
        with clock.at(NOW + timedelta(hours=2)):
            late = await stage.call("leader", "POST", press, {})
        assert (late.status_code, late.json()["code"]) == (409, "window_over")
        with clock.at(NOW + timedelta(hours=2)):
            await stage.do("dispatcher", "POST", f"{stage.at}/recall", REASON)
    await stage.place(window=window)
    await stage.do("dispatcher", "POST", f"{stage.at}/approve")
    await stage.offer()
    with clock.at(NOW + timedelta(hours=1, minutes=45)):
        taken = await stage.do("leader", "POST", f"/offers/{stage.offer_id}/accept", {})
    assert taken["status"] == "accepted"


async def test_only_teams_of_the_open_circle_may_claim(client: httpx.AsyncClient, district: District) -> None:
    """The clock opens the pool circle by circle: to the station first, then to the street, then to the center."""
    await change(district, Team, district.other_team.id, org_path=district.center.path)
    stage = await Stage(client, district).reach(OrderStatus.POOLED)
    for circle, status in ((district.station, 409), (district.office, 409), (district.center, 200)):
        async with district.house.database.transaction() as session:
            (await session.get_one(Order, (await stage.row()).id)).pool_path = circle.path
        claimed = await stage.call("other_leader", "POST", f"{stage.at}/claim", {})
        assert claimed.status_code == status, claimed.text
        if status == 409:
            assert claimed.json()["detail"] == "本单目前只在更小的范围内开放抢单"
