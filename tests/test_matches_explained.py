"""`?explain=`: why a named team is not offered an order, for every reason there is, out of real rows."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlmodel import select

from app.domain.lifecycle import OrderStatus
from app.domain.matching.features import EXCLUSION_ZH, Exclusion
from app.house import House
from app.models.organisation import OrgLevel
from app.models.team import Team, TeamSpecialty
from tests.desk import Desk, alter, found, settle, team_at
from tests.factories import SATURDAY_9, District, plant
from tests.stages import REASON, Stage

DAY_BEFORE = date(2026, 11, 27)


async def skill(desk: Desk) -> TeamSpecialty:
    async with desk.district.house.database.transaction() as session:
        held = select(TeamSpecialty).where(TeamSpecialty.team_id == desk.district.team.id)
        return (await session.exec(held)).one()


async def team(desk: Desk, **changes: Any) -> Team:
    await alter(desk.district, desk.district.team, **changes)
    await desk.open()
    return desk.district.team


async def missing_specialty(desk: Desk) -> Team:
    await alter(desk.district, await skill(desk), specialty="cooking")
    return await team(desk)


async def too_far(desk: Desk) -> Team:
    return await team(desk, radius_km=0.01)


async def level_too_low(desk: Desk) -> Team:
    await alter(desk.district, desk.district.cleaning, required_levels={"housekeeping": 3})
    await alter(desk.district, await skill(desk), level=2)
    return await team(desk)


async def proof_missing(desk: Desk) -> Team:
    await alter(desk.district, desk.district.cleaning, required_specialties=["electrician"])
    proven = {"specialty": "electrician", "proof_no": "D-1", "proof_until": DAY_BEFORE}
    await alter(desk.district, await skill(desk), **proven)
    return await team(desk)


async def out_of_scope(desk: Desk) -> Team:
    far = await settle(desk.district, desk.district.center, "far", OrgLevel.OFFICE)
    return await team(desk, organisation_id=far.id, org_path=far.path, lends=False)


async def inactive(desk: Desk) -> Team:
    return await team(desk, active=False)


async def declined_before(desk: Desk) -> Team:
    await desk.open()
    await desk.offer()
    await desk.do("leader", "POST", f"/offers/{desk.offer_id}/decline", REASON)
    return desk.district.team


async def blocked(desk: Desk) -> Team:
    """At an earlier order of the same person."""
    earlier = await Desk(desk.client, desk.district).open()
    body = {"team_id": str(desk.district.team.id), **REASON}
    await earlier.do("dispatcher", "POST", f"{earlier.at}/blocks", body)
    return await team(desk)


async def minors_at_risk(desk: Desk) -> Team:
    await alter(desk.district, desk.district.team, adults_only=False)
    await desk.open(menu_item_id=str(desk.district.rescue.id))
    return desk.district.team


async def not_insured(desk: Desk) -> Team:
    await alter(desk.district, desk.district.team, insured_until=DAY_BEFORE)
    await desk.open(menu_item_id=str(desk.district.rescue.id))
    return desk.district.team


async def needs_two(desk: Desk) -> Team:
    nobody = team_at(desk.district.station, "新建队")
    await found(desk.district, nobody)
    await desk.open(circumstances=["lone_elderly"])
    return nobody


async def gender(desk: Desk) -> Team:
    await desk.open(wish={"gender": "male", "must": True})
    return desk.district.team


async def language(desk: Desk) -> Team:
    await desk.open(wish={"language": "sign", "must": True})
    return desk.district.team


async def no_free_time(desk: Desk) -> Team:
    return await team(desk, weekly="0" * 60 + "00000e" + "0" * 18)


async def no_capacity(desk: Desk) -> Team:
    await Stage(desk.client, desk.district).reach(OrderStatus.ACCEPTED)
    return await team(desk, capacity=1)


Case = tuple[Callable[[Desk], Awaitable[Team]], tuple[str, ...]]
CASES: dict[Exclusion, Case] = {
    Exclusion.MISSING_SPECIALTY: (missing_specialty, ("保洁",)),
    Exclusion.TOO_FAR: (too_far, ("距离133米", "服务半径10米")),
    Exclusion.LEVEL_TOO_LOW: (level_too_low, ("保洁现为二级", "须三级")),
    Exclusion.PROOF_MISSING: (proof_missing, ("电工证", "2026-11-27到期", "2026-11-28")),
    Exclusion.OUT_OF_SCOPE: (out_of_scope, ("开放共享", "吹哨")),
    Exclusion.INACTIVE: (inactive, ("启用",)),
    Exclusion.DECLINED_BEFORE: (declined_before, ("婉拒",)),
    Exclusion.BLOCKED: (blocked, ("解除",)),
    Exclusion.MINORS_AT_RISK: (minors_at_risk, ("成年",)),
    Exclusion.NOT_INSURED: (not_insured, ("2026-11-27到期", "投保至2026-11-28")),
    Exclusion.NEEDS_TWO: (needs_two, ("两名队员",)),
    Exclusion.GENDER: (gender, ("男性队员",)),
    Exclusion.LANGUAGE: (language, ("手语",)),
    Exclusion.NO_FREE_TIME: (no_free_time, ("周六上午", "1.5小时", "2小时")),
    Exclusion.NO_CAPACITY: (no_capacity, ("可承接1单",)),
}


@pytest.mark.parametrize("reason", Exclusion)
async def test_every_reason_is_explained(
    client: httpx.AsyncClient, district: District, reason: Exclusion
) -> None:
    """A new reason has no case and fails here."""
    make, words = CASES[reason]
    desk = Desk(client, district)
    excluded = await make(desk)
    answer = await desk.ranking(excluded.id)
    told = answer["explained"]
    assert told["team"] == {"id": str(excluded.id), "name": excluded.name}
    assert (told["eligible"], told["score"], told["behind"], told["factors"]) == (False, None, None, [])
    (finding,) = told["findings"]
    assert (finding["reason"], finding["text"]) == (reason, EXCLUSION_ZH[reason])
    for word in words:
        assert word in finding["change"], finding["change"]
    assert str(excluded.id) not in {item["team"]["id"] for item in answer["items"]}
    counted = {one["reason"]: (one["text"], one["teams"]) for one in answer["excluded"]}
    assert counted[reason][0] == EXCLUSION_ZH[reason]
    assert len(answer["items"]) + sum(teams for _, teams in counted.values()) == answer["considered"]
    body = {"mode": "team", "team_id": str(excluded.id), "override_reason": "一定要派"}
    refused = await desk.call("dispatcher", "POST", f"{desk.at}/dispatch", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "team_not_eligible")
    assert refused.json()["detail"] == EXCLUSION_ZH[reason]


async def test_a_team_hears_of_everything_at_once(client: httpx.AsyncClient, district: District) -> None:
    desk = Desk(client, district)
    changes = {"active": False, "radius_km": 0.01, "insured_until": None, "weekly": "0" * 84}
    await alter(district, district.team, **changes)
    await desk.open(menu_item_id=str(district.rescue.id), wish={"gender": "male", "must": True})
    failed = ["too_far", "inactive", "not_insured", "gender", "no_free_time"]
    assert await desk.reasons(district.team) == failed


async def test_who_may_serve_hears_how_it_scores(client: httpx.AsyncClient, district: District) -> None:
    desk = await Desk(client, district).open()
    answer = await desk.ranking(district.other_team.id, limit=1)
    told, (first,) = answer["explained"], answer["items"]
    assert (told["eligible"], told["findings"]) == (True, [])
    assert told["behind"] == pytest.approx(first["score"] - told["score"], abs=2e-6)
    assert sum(factor["contribution"] for factor in told["factors"]) == pytest.approx(told["score"], abs=1e-5)
    assert all(factor["reason"] for factor in told["factors"])


async def test_an_unknown_team_is_not_found(client: httpx.AsyncClient, district: District) -> None:
    desk = await Desk(client, district).open()
    answer = await desk.call("dispatcher", "GET", f"{desk.at}/matches?explain={uuid4()}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    broken = await desk.call("dispatcher", "GET", f"{desk.at}/matches?explain=1")
    assert broken.status_code == 422


async def test_nothing_is_told_of_a_team_of_another_center(
    client: httpx.AsyncClient, house: House, district: District
) -> None:
    foreign = await plant(house)
    await alter(foreign, foreign.team, name="外县秘密队")
    desk = await Desk(client, district).open()
    answer = await desk.call("dispatcher", "GET", f"{desk.at}/matches?explain={foreign.team.id}")
    assert answer.status_code in (200, 404)
    if answer.status_code == 200:
        assert [one["reason"] for one in answer.json()["explained"]["findings"]] == ["out_of_scope"]
    assert "秘密" not in answer.text


async def test_papers_need_not_outlast_a_window_that_ends_at_midnight(
    client: httpx.AsyncClient, district: District
) -> None:
    await alter(district, district.team, insured_until=date(2026, 11, 28))
    evening = SATURDAY_9 + timedelta(hours=11)
    window = {"start": evening.isoformat(), "end": (evening + timedelta(hours=4)).isoformat()}
    desk = await Desk(client, district).open(menu_item_id=str(district.rescue.id), window=window)
    assert await desk.reasons(district.team) == []


async def test_only_who_dispatches_may_ask(client: httpx.AsyncClient, district: District) -> None:
    desk = await Desk(client, district).open()
    path = f"{desk.at}/matches?explain={district.team.id}"
    for who, status in (("resident", 403), ("supervisor", 403), ("leader", 404), ("stranger", 404)):
        assert (await desk.call(who, "GET", path)).status_code == status, who
