"""Members and leaders: who belongs, who leads, and that a leader's rights come and go at once."""

import asyncio
from datetime import date, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest

from app import clock
from tests.center import newcomer, refused, revision
from tests.factories import District


async def members(client: httpx.AsyncClient, district: District, who: str = "admin") -> dict[str, bool]:
    answer = await client.get(f"/teams/{district.team.id}/members", headers=district.as_(who))
    assert answer.status_code == 200
    return {one["person_id"]: one["leader"] for one in answer.json()["items"]}


async def test_the_list_shows_who_leads_and_hides_numbers(
    client: httpx.AsyncClient, district: District
) -> None:
    answer = await client.get(f"/teams/{district.team.id}/members", headers=district.as_("helper"))
    lines = {one["name"]: one for one in answer.json()["items"]}
    assert set(lines) == {"测试leader", "测试volunteer", "测试helper"}
    assert [name for name, line in lines.items() if line["leader"]] == ["测试leader"]
    assert {line["phone"] for line in lines.values()} == {"138****0001"}
    first = await client.get(
        f"/teams/{district.team.id}/members", params={"limit": 2}, headers=district.as_("helper")
    )
    rest = await client.get(
        f"/teams/{district.team.id}/members",
        params={"limit": 2, "cursor": first.json()["next_cursor"]},
        headers=district.as_("helper"),
    )
    assert [*first.json()["items"], *rest.json()["items"]] == answer.json()["items"]


async def test_a_member_comes_and_goes(client: httpx.AsyncClient, district: District) -> None:
    who = str(district["resident"].id)
    path, headers = f"/teams/{district.team.id}/members/{who}", district.as_("admin")
    counted = await revision(client, district)
    assert (await client.put(path, headers=headers)).status_code == 204
    assert (await client.put(path, headers=headers)).status_code == 204
    assert who in await members(client, district)
    assert (await client.delete(path, headers=headers)).status_code == 204
    assert who not in await members(client, district)
    assert await revision(client, district) == counted + 3
    await refused(client, district, "admin", "DELETE", path, 404, "not_found")


@pytest.mark.parametrize("kind", ["members", "leaders"])
async def test_somebody_who_does_not_exist_joins_nothing(
    client: httpx.AsyncClient, district: District, kind: str
) -> None:
    base = f"/teams/{district.team.id}/{kind}"
    await newcomer(district, "closed", active=False)
    for who in (uuid4(), district["closed"].id):
        await refused(client, district, "admin", "PUT", f"{base}/{who}", 404, "person_unknown")
    await refused(client, district, "admin", "PUT", f"{base}/nobody", 422, "invalid_request")
    await refused(client, district, "admin", "DELETE", f"{base}/{uuid4()}", 404, "not_found")


@pytest.mark.parametrize("kind", ["members", "leaders"])
@pytest.mark.parametrize("birth_date", [None, date(2008, 11, 24)])
async def test_adults_only_means_known_adults_only(
    client: httpx.AsyncClient, district: District, kind: str, birth_date: date | None
) -> None:
    young = await newcomer(district, "young", birth_date=birth_date)
    path = f"/teams/{district.team.id}/{kind}/{young.id}"
    await refused(client, district, "admin", "PUT", path, 422, "member_not_adult")
    assert str(young.id) not in await members(client, district)
    await client.patch(
        f"/teams/{district.team.id}", json={"adults_only": False}, headers=district.as_("admin")
    )
    assert (await client.put(path, headers=district.as_("admin"))).status_code == 204
    team = f"/teams/{district.team.id}"
    await refused(
        client, district, "admin", "PATCH", team, 422, "member_not_adult", json={"adults_only": True}
    )


async def test_one_is_an_adult_on_the_birthday_as_the_center_counts_days(
    client: httpx.AsyncClient, district: District
) -> None:
    young = await newcomer(district, "young", birth_date=date(2008, 11, 24))
    path = f"/teams/{district.team.id}/members/{young.id}"
    with clock.at(datetime(2026, 11, 24, 0, 30, tzinfo=ZoneInfo("Asia/Shanghai"))):
        assert (await client.put(path, headers=district.as_("admin"))).status_code == 204


async def test_a_leader_s_rights_come_and_go_at_once(client: httpx.AsyncClient, district: District) -> None:
    who = district["neighbour"]
    team, headers = f"/teams/{district.team.id}", district.as_("admin")
    await refused(client, district, "neighbour", "GET", team, 404, "not_found")
    assert (await client.put(f"{team}/leaders/{who.id}", headers=headers)).status_code == 204
    assert (await client.put(f"{team}/leaders/{who.id}", headers=headers)).status_code == 204
    assert (await members(client, district, "neighbour"))[str(who.id)] is True
    roles = (await client.get("/me", headers=district.as_("neighbour"))).json()["roles"]
    assert [one["role"] for one in roles] == ["team_leader"]
    await refused(client, district, "admin", "DELETE", f"{team}/members/{who.id}", 409, "member_leads")
    assert (await client.delete(f"{team}/leaders/{who.id}", headers=headers)).status_code == 204
    assert (await client.get("/me", headers=district.as_("neighbour"))).json()["roles"] == []
    assert (await members(client, district))[str(who.id)] is False
    await refused(client, district, "admin", "DELETE", f"{team}/leaders/{who.id}", 404, "not_found")


async def test_one_who_joins_twice_at_once_joins_once(client: httpx.AsyncClient, district: District) -> None:
    who, team = district["resident"].id, f"/teams/{district.team.id}"
    calls = [client.put(f"{team}/leaders/{who}", headers=district.as_("admin")) for _ in range(6)]
    assert {answer.status_code for answer in await asyncio.gather(*calls)} == {204}
    assert len(await members(client, district)) == 4
    grants = await client.get("/grants", params={"person_id": str(who)}, headers=district.as_("admin"))
    assert len(grants.json()["items"]) == 1


async def test_no_minor_slips_in_while_a_team_becomes_one_for_adults(
    client: httpx.AsyncClient, district: District
) -> None:
    team, headers = f"/teams/{district.team.id}", district.as_("admin")
    await client.patch(team, json={"adults_only": False}, headers=headers)
    young = [await newcomer(district, f"young_{n}", birth_date=date(2012, 1, 1)) for n in range(6)]
    close = client.patch(team, json={"adults_only": True}, headers=headers)
    joins = [client.put(f"{team}/members/{one.id}", headers=headers) for one in young]
    closed, *joined = await asyncio.gather(close, *joins)
    inside = [one for one in young if str(one.id) in await members(client, district)]
    assert {answer.status_code for answer in joined} <= {204, 422}
    assert (closed.status_code, bool(inside)) in [(200, False), (422, True)]
