"""候补: asked like any other, as free to refuse, and there when the first team is not."""

import asyncio
from datetime import timedelta

import httpx
from sqlalchemy import insert
from sqlmodel import col

from app.db import table_of
from app.domain.lifecycle import OfferStatus, OrderStatus
from app.models.offer import Offer
from app.models.team import Team
from app.services.access import SYSTEM
from app.services.scope import visible
from tests.appointments import ask_standby, offers_of, run, stood_by
from tests.factories import NOW, SATURDAY_9, District
from tests.stages import REASON, Stage
from tests.test_races import more_teams


async def asked_both(client: httpx.AsyncClient, district: District, **changes: object) -> Stage:
    """An order of which both teams are being asked, as a wave does it."""
    stage = Stage(client, district)
    await stage.place(**changes)
    await stage.do("dispatcher", "POST", f"{stage.at}/approve")
    await stage.offer()
    second = Offer(
        order_id=(await stage.row()).id,
        team_id=district.other_team.id,
        status=OfferStatus.OPEN,
        expires_at=NOW + timedelta(hours=3),
    )
    async with district.house.database.transaction() as session:
        await (await session.connection()).execute(insert(table_of(Offer)).values(second.model_dump()))
    return stage


async def reassign(stage: Stage, leader: str) -> None:
    """The dispatcher asks the team of `leader` instead."""
    district = stage.district
    async with district.house.database.transaction() as session:
        found = visible(Team, SYSTEM).where(col(Team.org_path) == district.station.path)
        (team,) = (await session.exec(found.where(col(Team.name) == f"队伍{leader}"))).all()
    body = {"team_id": str(team.id), "reason": "离得更近"}
    await stage.do("dispatcher", "POST", f"{stage.at}/reassign", body)


async def newest(stage: Stage, who: str) -> str:
    return str((await stage.do(who, "GET", "/me/inbox?limit=1"))["items"][0]["text"])


async def test_who_was_asked_too_is_asked_to_stand_by_where_nobody_may_be_let_wait(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = await asked_both(client, district, circumstances=["advanced_age"])
    await stage.do("leader", "POST", f"/offers/{stage.offer_id}/accept", {})
    assert await newest(stage, "other_leader") == (
        "“家庭保洁”已由其他队伍承接，约在11月28日 09:00，可否候补？"
    )
    (question,) = (await stage.do("other_leader", "GET", "/offers?status=open"))["items"]
    assert question["standby"] is True
    ready = await stage.do("other_leader", "POST", f"/offers/{question['id']}/accept", {})
    assert (ready["status"], ready["team_id"]) == ("accepted", str(district.team.id))
    taken = await stage.call("dispatcher", "POST", f"{stage.at}/standby", {"team_id": str(district.team.id)})
    assert taken.json()["detail"] == "该队伍正是现在的承接队伍"
    down = f"/offers/{question['id']}/decline"
    assert (await stage.call("leader", "POST", down, REASON)).status_code == 404
    await stage.do("other_leader", "POST", down, REASON)
    assert (await offers_of(stage))[district.other_team.id] == (OfferStatus.DECLINED, False)
    assert await newest(stage, "dispatcher") == "“家庭保洁”的候补队伍不再候补：情况有变"


async def test_elsewhere_the_question_ends_with_thanks(client: httpx.AsyncClient, district: District) -> None:
    stage = await asked_both(client, district)
    await stage.do("leader", "POST", f"/offers/{stage.offer_id}/accept", {})
    assert (await newest(stage, "other_leader")).endswith("感谢您的关注")
    assert (await offers_of(stage))[district.other_team.id] == (OfferStatus.RECALLED, False)


async def test_one_stands_by_and_comes_when_the_order_is_given_back(
    client: httpx.AsyncClient, district: District
) -> None:
    """Each button pressed twice at once: it works once, and the order is never left with nobody."""
    stage = await Stage(client, district).reach(OrderStatus.ACCEPTED)
    question = await ask_standby(stage)
    accept = stage.call("other_leader", "POST", f"/offers/{question}/accept", {})
    again = stage.call("other_leader", "POST", f"/offers/{question}/accept", {})
    answers = await asyncio.gather(accept, again)
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    body = {"reason": "队员生病", "cause": "weather"}
    released = await asyncio.gather(
        *(stage.call("leader", "POST", f"{stage.at}/release", body) for _ in range(2))
    )
    assert sorted(answer.status_code for answer in released)[0] == 200
    assert sum(answer.is_success for answer in released) == 1
    order = await stage.row()
    assert (order.status, order.team_id) == (OrderStatus.ACCEPTED, district.other_team.id)
    assert (order.scheduled_start, order.confirmed_at) == (SATURDAY_9, None), "there is time to confirm"
    assert await offers_of(stage) == {
        district.team.id: (OfferStatus.RELEASED, True),
        district.other_team.id: (OfferStatus.ACCEPTED, False),
    }
    excuse = f"/offers/{stage.offer_id}/excuse"
    verdict = {"excused": False, "reason": "当日天晴"}
    assert (await stage.call("leader", "POST", excuse, verdict)).status_code == 403
    assert (await stage.do("dispatcher", "POST", excuse, verdict))["excused"] is False
    other = await stage.call("dispatcher", "POST", f"/offers/{question}/excuse", verdict)
    assert other.json()["code"] == "offer_not_released"


async def test_who_stands_by_comes_when_the_team_that_was_asked_instead_declines(
    client: httpx.AsyncClient, district: District
) -> None:
    (third,) = await more_teams(district, 1)
    stage = await stood_by(Stage(client, district))
    await reassign(stage, third)
    assert (await offers_of(stage))[district.other_team.id][0] is OfferStatus.STANDBY, "kept in reserve"
    (offer,) = (await stage.do(third, "GET", "/offers?status=open"))["items"]
    await stage.do(third, "POST", f"/offers/{offer['id']}/decline", REASON)
    order = await stage.row()
    assert (order.status, order.team_id) == (OrderStatus.ACCEPTED, district.other_team.id)


async def test_the_clock_sends_who_stands_by_when_nobody_else_has_the_order(
    client: httpx.AsyncClient, district: District
) -> None:
    (third,) = await more_teams(district, 1)
    stage = await stood_by(Stage(client, district))
    await reassign(stage, third)
    await stage.do("dispatcher", "POST", f"{stage.at}/recall", REASON)
    assert [await run(stage, NOW) for _ in range(2)] == [1, 0]
    order = await stage.row()
    assert (order.team_id, order.scheduled_start) == (district.other_team.id, SATURDAY_9)


async def test_nobody_stands_by_any_longer_when_the_desk_gives_up(
    client: httpx.AsyncClient, district: District
) -> None:
    (third,) = await more_teams(district, 1)
    stage = await stood_by(Stage(client, district))
    await reassign(stage, third)
    for verb in ("recall", "escalate", "escalate", "give-up"):
        await stage.do("dispatcher", "POST", f"{stage.at}/{verb}", REASON)
    assert (await offers_of(stage))[district.other_team.id][0] is OfferStatus.RECALLED
    assert await run(stage, NOW) == 0
    assert (await stage.row()).status is OrderStatus.UNMET


async def test_the_desk_may_send_whoever_stands_by(client: httpx.AsyncClient, district: District) -> None:
    stage = await stood_by(Stage(client, district))
    body = {"team_id": str(district.other_team.id), "reason": "原队伍人手不足"}
    await stage.do("dispatcher", "POST", f"{stage.at}/reassign", body)
    (question,) = (await stage.do("other_leader", "GET", "/offers?status=open"))["items"]
    assert question["standby"] is False
    accepted = await stage.do("other_leader", "POST", f"/offers/{question['id']}/accept", {})
    assert accepted["team_id"] == str(district.other_team.id)


async def test_who_is_asked_instead_hears_so_and_so_does_who_is_asked_no_more(
    client: httpx.AsyncClient, district: District
) -> None:
    (third,) = await more_teams(district, 1)
    stage = await asked_both(client, district, circumstances=["advanced_age"])
    await stage.do("leader", "POST", f"/offers/{stage.offer_id}/accept", {})
    await reassign(stage, third)
    assert await newest(stage, third) == "有新的派单“家庭保洁”，请在时限内接单或说明原因"
    assert await newest(stage, "leader") == "“家庭保洁”已改派其他服务队"
    assert await newest(stage, "other_leader") == "“家庭保洁”不再需要贵队候补"
