"""Races on real connections: whatever the interleaving, one wins and the database stays whole.

64 callers at once on both engines: twice over, and eight times in the long run.
"""

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import date, timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from sqlmodel import col, func, select

from app import clock
from app.domain.lifecycle import OfferStatus, OrderStatus
from app.domain.roles import Role
from app.errors import IllegalMove
from app.models.offer import Offer
from app.models.person import Person, RoleGrant, SignIn
from app.models.points import PointsAccount, PointsEntry, PointsTransfer
from app.models.team import Team, TeamSpecialty
from app.services.access import SYSTEM
from app.services.scope import visible
from tests.factories import ALWAYS, SATURDAY_9, District
from tests.patience import cases
from tests.stages import DONE, RATING, Stage

CROWD = 64
ROUNDS = cases(2, 8)


async def statuses(calls: list[httpx.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in calls)


async def accepted_offers(district: District, order_id: str) -> int:
    async with district.house.database.transaction() as session:
        found = visible(Offer, SYSTEM).where(
            Offer.order_id == UUID(order_id), col(Offer.status) == OfferStatus.ACCEPTED
        )
        return len((await session.exec(found)).all())


async def more_teams(district: District, count: int) -> list[str]:
    """`count` further eligible teams, each with a leader; the leaders' names in the district."""
    names = [f"leader_{number}" for number in range(count)]
    async with district.house.database.transaction() as session:
        for name in names:
            person = Person(name=name)
            team = Team(
                organisation_id=district.station.id,
                org_path=district.station.path,
                name=f"队伍{name}",
                kind="convenience",
                lat=28.2,
                lon=112.98,
                radius_km=9,
                capacity=100,
                weekly=ALWAYS,
                adults_only=True,
                insured_until=date(2030, 1, 1),
            )
            session.add_all([person, team])
            await session.flush()
            sign_in = SignIn(person_id=person.id)
            session.add(sign_in)
            session.add(RoleGrant(person_id=person.id, role=Role.TEAM_LEADER, team_id=team.id))
            session.add(TeamSpecialty(team_id=team.id, specialty="housekeeping"))
            district.people[name], district.sign_ins[person.id] = person, sign_in
    return names


async def test_of_64_acceptors_of_one_offer_one_wins(client: httpx.AsyncClient, district: District) -> None:
    async with district.house.database.transaction() as session:
        team = await session.get_one(Team, district.team.id)
        team.capacity = 100
        session.add(team)
    for _ in range(ROUNDS):
        stage = await Stage(client, district).reach(OrderStatus.OFFERED)
        accept = f"/offers/{stage.offer_id}/accept"
        answers = await asyncio.gather(*(stage.call("leader", "POST", accept, {}) for _ in range(CROWD)))
        assert await statuses(answers) == {200: 1, 409: CROWD - 1}
        assert await accepted_offers(district, stage.order_id) == 1
        assert (await stage.row()).status is OrderStatus.ACCEPTED


async def test_of_64_teams_claiming_one_pooled_order_one_wins(
    client: httpx.AsyncClient, district: District
) -> None:
    leaders = await more_teams(district, CROWD)
    for _ in range(ROUNDS):
        stage = await Stage(client, district).reach(OrderStatus.POOLED)
        claim = f"{stage.at}/claim"
        answers = await asyncio.gather(*(stage.call(leader, "POST", claim, {}) for leader in leaders))
        assert await statuses(answers) == {200: 1, 409: CROWD - 1}
        assert await accepted_offers(district, stage.order_id) == 1


@pytest.mark.parametrize("rival", ["cancel", "recall"])
async def test_accepting_against_taking_back(
    client: httpx.AsyncClient, district: District, rival: str
) -> None:
    """Either the team has it or it was taken back, never both and never neither."""
    outcomes = set()
    for _ in range(ROUNDS):
        stage = await Stage(client, district).reach(OrderStatus.OFFERED)
        who = "resident" if rival == "cancel" else "dispatcher"
        taken, back = await asyncio.gather(
            stage.call("leader", "POST", f"/offers/{stage.offer_id}/accept", {}),
            stage.call(who, "POST", f"{stage.at}/{rival}", {"reason": "情况有变"}),
        )
        row = await stage.row()
        if taken.is_success and back.is_success:
            assert (rival, row.status) == ("cancel", OrderStatus.CANCELLED)
        else:
            assert taken.is_success != back.is_success, (taken.text, back.text)
        expected = 1 if row.status is OrderStatus.ACCEPTED else 0
        assert await accepted_offers(district, stage.order_id) == expected
        outcomes.add(row.status)
        if row.status is OrderStatus.ACCEPTED:
            await stage.do("dispatcher", "POST", f"{stage.at}/cancel", {"reason": "腾出时间"})
    assert outcomes


async def test_two_arrive_at_the_same_instant(client: httpx.AsyncClient, district: District) -> None:
    stage = await Stage(client, district).reach(OrderStatus.ACCEPTED)
    crew = [str(district[name].id) for name in ("volunteer", "helper")]
    await stage.do("leader", "PUT", f"{stage.at}/crew", {"members": crew})
    with clock.at(SATURDAY_9):
        arrivals = await asyncio.gather(
            *(stage.press("check-in", SATURDAY_9, uuid4(), who) for who in ("volunteer", "helper"))
        )
    assert [answer.status_code for answer in arrivals] == [200, 200]
    events = await stage.do("dispatcher", "GET", f"{stage.at}/events")
    assert [event["action"] for event in events].count("start") == 1


async def test_one_stay_sent_ten_times_is_one_stay(client: httpx.AsyncClient, district: District) -> None:
    stage = await Stage(client, district).reach(OrderStatus.ACCEPTED)
    stay = uuid4()
    with clock.at(SATURDAY_9):
        sent = await asyncio.gather(*(stage.press("check-in", SATURDAY_9, stay) for _ in range(10)))
    assert len({answer.json()["id"] for answer in sent}) == 1, [answer.text for answer in sent]
    end = SATURDAY_9 + timedelta(hours=1)
    with clock.at(end):
        left = await asyncio.gather(*(stage.press("check-out", end, stay) for _ in range(10)))
    assert {answer.json()["verified_minutes"] for answer in left} == {60}


async def test_points_are_credited_once_whoever_closes(client: httpx.AsyncClient, district: District) -> None:
    """The resident reviews on ten phones while the clock closes the order."""
    stage = await Stage(client, district).reach(OrderStatus.DELIVERED)

    async def by_the_clock() -> None:
        with suppress(IllegalMove):
            await stage.close()

    reviews = [stage.call("resident", "POST", f"{stage.at}/review", RATING) for _ in range(10)]
    await asyncio.gather(by_the_clock(), *reviews)
    async with district.house.database.transaction() as session:
        transfers = select(func.count()).where(PointsTransfer.order_id == UUID(stage.order_id))
        assert (await session.exec(transfers)).one() == 1
        own = visible(PointsAccount, SYSTEM).where(
            PointsAccount.person_id == district["volunteer"].id,
        )
        account = (await session.exec(own)).one()
        entries = select(func.sum(PointsEntry.amount)).where(PointsEntry.account_id == account.id)
        assert (await session.exec(entries)).one() == account.balance > 0


async def test_a_late_stay_after_closing_earns_what_is_new(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = await Stage(client, district).reach(OrderStatus.ACCEPTED)
    first, second = uuid4(), uuid4()
    noon = SATURDAY_9 + timedelta(hours=1)
    assert (await stage.stamp("check-in", SATURDAY_9, first)).is_success
    assert (await stage.stamp("check-out", noon, first)).is_success
    await stage.do("leader", "POST", f"{stage.at}/deliver", DONE)
    await stage.do("resident", "POST", f"{stage.at}/review", {**RATING, "quality": 1})
    before = (await stage.do("volunteer", "GET", "/me/points"))["balances"][0]["balance"]
    assert (await stage.stamp("check-in", noon, second)).is_success
    leaving = noon + timedelta(hours=1)
    with clock.at(leaving):
        late = await asyncio.gather(*(stage.press("check-out", leaving, second) for _ in range(5)))
    assert {answer.status_code for answer in late} == {200}
    after = (await stage.do("volunteer", "GET", "/me/points"))["balances"][0]["balance"]
    assert (before, after) == (10, 20)
