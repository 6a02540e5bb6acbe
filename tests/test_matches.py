"""配单 over HTTP: rings, weights, wishes, receipts, and the corners of windows and of centers."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import col

from app.domain.gender import Gender
from app.domain.lifecycle import OrderStatus
from app.domain.matching.receipt import ReceiptBroken, check
from app.domain.matching.score import FactorName
from app.models.offer import Offer
from app.models.organisation import OrgLevel
from app.models.standing import TeamStanding
from app.models.team import TeamMember
from app.models.volunteer import Volunteer
from app.services.access import SYSTEM
from app.services.scope import visible
from tests.accounts import save
from tests.desk import Desk, alter, empty_center, found, settle, team_at
from tests.factories import NOW, SATURDAY_9, District
from tests.stages import REASON, Stage


def window(start: Any, length: timedelta) -> dict[str, Any]:
    return {"window": {"start": start.isoformat(), "end": (start + length).isoformat()}}


async def receipt_of(stage: Stage) -> dict[str, Any]:
    async with stage.district.house.database.transaction() as session:
        query = visible(Offer, SYSTEM).where(col(Offer.order_id) == (await stage.row()).id)
        return (await session.exec(query)).one().receipt


async def test_rings_come_in_order_and_are_marked(client: httpx.AsyncClient, district: District) -> None:
    """S5.7: own station, then the street's, then the center's, then those whom neighbours lend."""
    point = await settle(district, district.station, "point", OrgLevel.POINT)
    neighbour = await settle(district, district.office, "next", OrgLevel.STATION)
    far = await settle(district, district.center, "far", OrgLevel.OFFICE)
    teams = {
        "own": team_at(point, "点上队"),
        "street": team_at(district.office, "街道队", lends=False),
        "center": team_at(district.center, "中心队", lends=False),
        "lent": team_at(neighbour, "邻站队"),
        "kept": team_at(neighbour, "邻站自用队", lends=False),
        "away": team_at(far, "外街自用队", lends=False),
    }
    for team in (district.team, district.other_team):
        await alter(district, team, active=False)
    await found(district, *teams.values())
    desk = await Desk(client, district).open()
    answer = await desk.ranking()
    assert [(one["team"]["name"], one["ring"], one["ring_text"]) for one in answer["items"]] == [
        ("点上队", "own", "本站队伍"),
        ("街道队", "street", "所（街道、乡镇）队伍"),
        ("中心队", "center", "中心队伍"),
        ("邻站队", "lent", "邻近站点共享队伍"),
    ]
    assert [one["rank"] for one in answer["items"]] == [1, 2, 3, 4]
    assert {one["reason"]: one["teams"] for one in answer["excluded"]} == {"out_of_scope": 2, "inactive": 2}
    assert await desk.reasons(teams["kept"]) == await desk.reasons(teams["away"]) == ["out_of_scope"]
    await desk.do("dispatcher", "POST", f"{desk.at}/escalate", REASON)
    assert (await desk.reasons(teams["kept"]), await desk.reasons(teams["away"])) == ([], ["out_of_scope"])
    await desk.do("dispatcher", "POST", f"{desk.at}/escalate", REASON)
    assert await desk.reasons(teams["away"]) == []
    lent = {one["team"]["name"] for one in (await desk.ranking())["items"] if one["ring"] == "lent"}
    assert lent == {"邻站队", "邻站自用队", "外街自用队"}


async def test_who_served_before_and_was_liked_comes_first(
    client: httpx.AsyncClient, district: District
) -> None:
    await alter(district, district.other_team, lat=28.2001, lon=112.9801)
    stranger = await Desk(client, district).open()
    assert await stranger.names() == ["邻里帮扶队", "巧手便民队"]
    await Stage(client, district).reach(OrderStatus.CLOSED)
    again = await Desk(client, district).open()
    first = (await again.ranking())["items"][0]
    told = {factor["name"]: factor for factor in first["factors"]}["continuity"]
    assert (first["team"]["name"], told["value"]) == ("巧手便民队", 1.0)
    assert told["reason"] == "曾为这位服务对象服务1次，平均5.0分"
    for_another = Desk(client, district)
    body = district.order_body()
    for_another.order_id = (await for_another.do("neighbour", "POST", "/orders", body))["id"]
    await for_another.do("dispatcher", "POST", f"{for_another.at}/approve")
    assert await for_another.names() == ["邻里帮扶队", "巧手便民队"]


async def test_weights_of_a_category_change_its_order_only(
    client: httpx.AsyncClient, district: District
) -> None:
    await alter(district, district.other_team, lat=28.23)
    await save(
        district.house,
        TeamStanding(team_id=district.team.id, reliability=3_000),
        TeamStanding(team_id=district.other_team.id, reliability=9_900),
    )
    desk, policy = await Desk(client, district).open(), f"/policies/{district.station.id}"
    near, known = ["巧手便民队", "邻里帮扶队"], ["邻里帮扶队", "巧手便民队"]
    for changes, wanted in (
        ({"matching": {"location": 1000, "reliability": 0}}, near),
        ({"matching_by_category": {"care": {"location": 0, "reliability": 1000}}}, known),
        ({"matching_by_category": {"law": {"location": 0, "reliability": 1000}}}, None),
        ({"matching": {"location": 0, "reliability": 1000}}, known),
        (
            {
                "matching": {"location": 0, "reliability": 1000},
                "matching_by_category": {"care": {"location": 1000, "reliability": 0}},
            },
            near,
        ),
    ):
        await desk.do("admin", "PUT", policy, {})
        plain = await desk.names()
        await desk.do("admin", "PUT", policy, changes)
        assert await desk.names() == (wanted or plain)


UNWEIGHABLE: list[dict[str, Any]] = [
    {name: 0 for name in FactorName if name is not FactorName.SCARCITY},
    {"location": -1},
    {"location": 1e9},
    {"scarcity": -0.1},
    {"location": "NaN"},
    {"luck": 1},
]


async def test_weights_that_cannot_weigh_are_refused(client: httpx.AsyncClient, district: District) -> None:
    desk = await Desk(client, district).open()
    before = await desk.ranking()
    for weights in UNWEIGHABLE:
        for body in ({"matching": weights}, {"matching_by_category": {"care": weights}}):
            answer = await desk.call("admin", "PUT", f"/policies/{district.station.id}", body)
            assert (answer.status_code, answer.json()["code"]) == (422, "policy_invalid"), answer.text
    assert await desk.ranking() == before


async def test_a_wish_that_is_no_must_only_sorts(client: httpx.AsyncClient, district: District) -> None:
    async with district.house.database.transaction() as session:
        theirs = visible(Volunteer, SYSTEM).where(Volunteer.person_id == district["outsider"].id)
        woman = (await session.exec(theirs)).one()
    await alter(district, woman, gender=Gender.FEMALE)
    for wish, first in (("female", "邻里帮扶队"), (None, None)):
        desk = await Desk(client, district).open(wish={"gender": wish})
        answer = await desk.ranking()
        assert (len(answer["items"]), answer["excluded"]) == (2, [])
        met = [factor for one in answer["items"] for factor in one["factors"] if factor["name"] == "wish"]
        assert [factor["value"] for factor in met] == ([1.0, 0.0] if first else [1.0, 1.0])
        assert first in (None, answer["items"][0]["team"]["name"])


async def test_two_go_where_somebody_is_alone_unless_the_place_decides_otherwise(
    client: httpx.AsyncClient, district: District
) -> None:
    single = team_at(district.station, "独行侠队")
    await found(district, single)
    await save(district.house, TeamMember(team_id=single.id, person_id=district["helper"].id))
    for circumstances in (["lone_elderly"], ["minor"], ["left_behind", "hardship"]):
        desk = await Desk(client, district).open(circumstances=circumstances)
        assert await desk.reasons(single) == ["needs_two"]
        await desk.do("admin", "PUT", f"/policies/{district.office.id}", {"two_person_visits": False})
        assert await desk.reasons(single) == []
        await desk.do("admin", "PUT", f"/policies/{district.office.id}", {})
    plain = await Desk(client, district).open(circumstances=["hardship"])
    assert await plain.reasons(single) == []


async def test_the_receipt_of_an_offer_comes_out_again(client: httpx.AsyncClient, district: District) -> None:
    await alter(district, district.other_team, active=False)
    desk = await Desk(client, district).open(wish={"gender": "female"})
    await desk.do("dispatcher", "POST", f"{desk.at}/dispatch", {"mode": "auto"})
    kept = await receipt_of(desk)
    check(kept)
    assert (kept["chosen"], kept["excluded"]) == (str(district.team.id), {"inactive": 1})
    kept["teams"][0]["features"]["metres"] += 1
    with pytest.raises(ReceiptBroken):
        check(kept)


async def test_the_eleventh_may_be_chosen_with_a_reason(
    client: httpx.AsyncClient, district: District
) -> None:
    await found(district, *(team_at(district.station, f"第{n}队", lat=28.2 + n / 200) for n in range(12)))
    desk = await Desk(client, district).open()
    ranked = (await desk.ranking(limit=50))["items"]
    eleventh = ranked[10]["team"]["id"]
    told = (await desk.ranking(eleventh))["explained"]
    assert (told["eligible"], told["score"]) == (True, ranked[10]["score"])
    assert told["behind"] == pytest.approx(ranked[9]["score"] - ranked[10]["score"], abs=2e-6)
    assert [one["team"]["id"] for one in (await desk.ranking())["items"]] == [
        one["team"]["id"] for one in ranked[:10]
    ]
    body = {"mode": "team", "team_id": eleventh}
    answer = await desk.call("dispatcher", "POST", f"{desk.at}/dispatch", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "override_reason_required")
    reason = {"override_reason": "居民点名希望这支队伍"}
    await desk.do("dispatcher", "POST", f"{desk.at}/dispatch", body | reason)
    kept = await receipt_of(desk)
    check(kept)
    assert (kept["chosen"], kept["override_reason"]) == (eleventh, reason["override_reason"])
    assert [team["id"] for team in kept["teams"]][10:] == [eleventh], "with its own numbers"


async def test_a_window_of_one_minute_holds_no_service(client: httpx.AsyncClient, district: District) -> None:
    desk = Desk(client, district)
    body = district.order_body(**window(SATURDAY_9, timedelta(minutes=1)))
    answer = await desk.call("resident", "POST", "/orders", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "window_too_short")
    await desk.open()
    await alter(district, await desk.row(), window_end=SATURDAY_9 + timedelta(minutes=1))
    told = await desk.ranking(district.team.id)
    assert told["items"] == []
    assert [(one["reason"], one["teams"]) for one in told["excluded"]] == [("no_free_time", 2)]
    assert "最长连续空闲0小时，服务需要2小时" in told["explained"]["findings"][0]["change"]
    handed = await desk.do("dispatcher", "POST", f"{desk.at}/dispatch", {"mode": "auto"})
    assert (handed["status"], handed["auto"]) == ("pooled", True)


async def test_a_window_of_a_month(client: httpx.AsyncClient, district: District) -> None:
    saturdays = "0" * 60 + "0000ff000000" + "0" * 12
    await alter(district, district.team, weekly=saturdays)
    desk = await Desk(client, district).open(**window(NOW + timedelta(hours=1), timedelta(days=30)))
    answer = await desk.ranking()
    by_name = {one["team"]["name"]: one for one in answer["items"]}
    told = {
        name: factor["reason"]
        for name, one in by_name.items()
        for factor in one["factors"]
        if factor["name"] == "availability"
    }
    possible = 30 * 48 - 3
    assert told["邻里帮扶队"] == f"期望时间内{possible}个可开始时段中有{possible}个空闲"
    assert told["巧手便民队"] == f"期望时间内{possible}个可开始时段中有{4 * 5}个空闲"
    assert by_name["巧手便民队"]["earliest_start"].startswith("2026-11-28T08:00:00+08:00")
    body = district.order_body(**window(SATURDAY_9, timedelta(days=31, minutes=1)))
    refused = await desk.call("resident", "POST", "/orders", body)
    assert (refused.status_code, refused.json()["code"]) == (422, "window_too_long")


async def test_a_center_without_any_team(client: httpx.AsyncClient, district: District) -> None:
    await empty_center(district)
    desk = await Desk(client, district).open()
    answer = await desk.ranking()
    assert (answer["items"], answer["excluded"], answer["considered"]) == ([], [], 0)
    handed = await desk.do("dispatcher", "POST", f"{desk.at}/dispatch", {"mode": "auto"})
    assert (handed["status"], handed["auto"]) == ("pooled", True)
