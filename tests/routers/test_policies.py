"""Rules of a place: what it sets, what is in force, and that nobody overwrites what they have not seen."""

import asyncio
from dataclasses import fields
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.domain.matching.score import Weights
from app.domain.policy import Policy, effective
from app.domain.roles import Role
from tests.center import newcomer, refused, revision
from tests.desk import alter
from tests.factories import TIRELESS, District

CHANGE = {"auto_approve": True, "times": {"normal": {"accept": 720}}, "points": {"bonus": 8}}
FACTORS = [one.name for one in fields(Weights) if one.name != "scarcity"]
"""Those of which not all may count nothing."""


async def read(client: httpx.AsyncClient, district: District, place: Any, who: str = "admin") -> Any:
    answer = await client.get(f"/policies/{place.id}", headers=district.as_(who))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_defaults_are_in_force_until_a_place_changes_them(
    client: httpx.AsyncClient, district: District
) -> None:
    before = await read(client, district, district.station)
    assert before["changes"] == {}
    assert before["effective"] == effective([TIRELESS]).model_dump(mode="json")
    path = f"/policies/{district.office.id}"
    done = await client.put(path, json=CHANGE, headers=district.as_("admin"))
    assert done.status_code == 200
    assert done.json()["changes"] == CHANGE
    below = await read(client, district, district.station, "dispatcher")
    assert below["changes"] == {}
    limits = {"review": 1440, "dispatch": 1440, "accept": 720, "report": 1440, "clock": "always"}
    assert below["effective"]["times"]["normal"] == limits
    assert (below["effective"]["auto_approve"], below["effective"]["points"]["bonus"]) == (True, 8)
    above = await read(client, district, district.center)
    assert above["effective"] == effective([TIRELESS]).model_dump(mode="json")
    assert above["revision"] == before["revision"] + 1


async def test_what_is_put_replaces_what_was_set_here(client: httpx.AsyncClient, district: District) -> None:
    path, headers = f"/policies/{district.center.id}", district.as_("admin")
    await client.put(path, json=CHANGE, headers=headers)
    nearer = {"times": {"normal": {"accept": 60}}}
    await client.put(f"/policies/{district.station.id}", json=nearer, headers=headers)
    assert (await read(client, district, district.station))["effective"]["times"]["normal"]["accept"] == 60
    await client.put(path, json={"auto_approve": False}, headers=headers)
    assert (await read(client, district, district.center))["changes"] == {"auto_approve": False}
    back = await client.put(path, json={}, headers=headers)
    assert back.json()["effective"] == Policy().model_dump(mode="json")
    assert (await read(client, district, district.station))["effective"]["times"]["normal"]["accept"] == 60


async def test_how_long_is_kept_what_is_kept_the_center_says(
    client: httpx.AsyncClient, district: District
) -> None:
    days, headers = {"retention": {"contact_days": 30}}, district.as_("admin")
    for place in (district.office, district.station):
        answer = await client.put(f"/policies/{place.id}", json=CHANGE | days, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "retention_of_center")
        assert (await read(client, district, place))["changes"] == {}
    done = await client.put(f"/policies/{district.center.id}", json=days, headers=headers)
    assert done.status_code == 200
    assert (await read(client, district, district.station))["effective"]["retention"]["contact_days"] == 30
    older = {"times": {"reopen_days": 60}, "retention": {"contact_days": 5, "audit_days": 200}}
    await alter(district, district.station, policy=older)
    below = (await read(client, district, district.station))["effective"]
    assert (below["retention"]["contact_days"], below["times"]["reopen_days"]) == (30, 60)
    asked = {"organisation_id": str(district.office.id)}
    told = (await client.get("/privacy-notice", params=asked)).json()["data"]
    assert {one["kept"] for one in told if one["kept"].startswith("订单结束后")} == {
        "订单结束后61天",
        "订单结束后10年",
    }, "who and where is kept as long as an order of any of its places may be reopened"


async def test_values_are_kept_in_their_own_kind(client: httpx.AsyncClient, district: District) -> None:
    path = f"/policies/{district.center.id}"
    sent = {"times": {"normal": {"accept": "720"}}, "points": {}}
    done = await client.put(path, json=sent, headers=district.as_("admin"))
    assert done.json()["changes"] == {"times": {"normal": {"accept": 720}}, "points": {}}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"times": {"normal": {"accept": 0}}}, "times.normal.accept"),
        ({"times": {"normal": {"accept": 86_401}}}, "times.normal.accept"),
        ({"times": {"normal": {"accept": "soon"}}}, "times.normal.accept"),
        ({"times": {"normal": {"wait": 5}}}, "times.normal.wait"),
        ({"times": None}, "times"),
        ({"colour": "red"}, "colour"),
        ({"auto_approve": "perhaps"}, "auto_approve"),
        ({"points": {"bonus": -1}}, "points"),
        ({"points": {"cap_per_order": 10**9}}, "points.cap_per_order"),
        ({"matching": {"load": -0.1}}, "matching"),
        ({"matching": dict.fromkeys(FACTORS, 0)}, "matching"),
        ({"matching": {"load": 10**9}}, "matching"),
        ({"two_person_visits": "perhaps"}, "two_person_visits"),
        ({"two_person_visits": None}, "two_person_visits"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"team_titles": ["队" * 21]}, "team_titles"),
        ({"team_titles": ["队"] * 11}, "team_titles"),
    ],
)
async def test_what_is_no_policy_changes_nothing(
    client: httpx.AsyncClient, district: District, change: dict[str, Any], field: str
) -> None:
    path = f"/policies/{district.center.id}"
    answer = await refused(client, district, "admin", "PUT", path, 422, "policy_invalid", json=change)
    assert [one["field"] for one in answer.json()["errors"]] == [f"body.{field}"]
    assert field in answer.json()["errors"][0]["message"]
    assert (await read(client, district, district.center))["changes"] == TIRELESS


@pytest.mark.parametrize("body", [[], "x", None, [CHANGE]])
async def test_what_is_no_object_is_refused(client: httpx.AsyncClient, district: District, body: Any) -> None:
    path = f"/policies/{district.center.id}"
    await refused(client, district, "admin", "PUT", path, 422, "invalid_request", json=body)


async def test_what_clashes_below_is_refused(client: httpx.AsyncClient, district: District) -> None:
    below = {"matching": dict.fromkeys(FACTORS[:4], 0)}
    path, headers = f"/policies/{district.station.id}", district.as_("admin")
    assert (await client.put(path, json=below, headers=headers)).status_code == 200
    above = {"matching": dict.fromkeys(FACTORS[4:], 0)}
    path = f"/policies/{district.center.id}"
    answer = await refused(client, district, "admin", "PUT", path, 422, "policy_invalid", json=above)
    assert answer.json()["detail"].startswith("matching")
    assert district.station.path in answer.json()["detail"]
    assert (await read(client, district, district.center))["changes"] == TIRELESS


async def test_if_match_keeps_what_somebody_else_has_changed(
    client: httpx.AsyncClient, district: District
) -> None:
    path, headers = f"/policies/{district.office.id}", district.as_("admin")
    seen = (await client.get(path, headers=headers)).headers["etag"]
    first = await client.put(path, json=CHANGE, headers=headers | {"If-Match": seen})
    assert first.status_code == 200
    for old in (seen, '"999999"', '"x"', '"99999999999999999999"', '"-1"'):
        await refused(
            client, district, "admin", "PUT", path, 412, "stale", json={}, headers={"If-Match": old}
        )
    assert (await read(client, district, district.office))["changes"] == CHANGE
    now = first.headers["etag"]
    assert (await client.get(path, headers=headers)).headers["etag"] == now
    second = await client.put(path, json={}, headers=headers | {"If-Match": f"W/{now}"})
    assert second.status_code == 200
    assert (await client.put(path, json={}, headers=headers | {"If-Match": "*"})).status_code == 200


async def test_a_change_elsewhere_in_the_center_makes_it_stale(
    client: httpx.AsyncClient, district: District
) -> None:
    path, headers = f"/policies/{district.office.id}", district.as_("admin")
    seen = (await client.get(path, headers=headers)).headers["etag"]
    await client.patch(f"/teams/{district.team.id}", json={"capacity": 3}, headers=headers)
    await refused(client, district, "admin", "PUT", path, 412, "stale", json={}, headers={"If-Match": seen})


async def test_of_many_who_saw_the_same_one_changes_it(client: httpx.AsyncClient, district: District) -> None:
    path, headers = f"/policies/{district.center.id}", district.as_("admin")
    seen = (await client.get(path, headers=headers)).headers["etag"]
    calls = [
        client.put(path, json={"points": {"bonus": n}}, headers=headers | {"If-Match": seen})
        for n in range(8)
    ]
    answers = await asyncio.gather(*calls)
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7
    (winner,) = [answer for answer in answers if answer.status_code == 200]
    assert (await read(client, district, district.center))["changes"] == winner.json()["changes"]


async def test_who_works_by_the_rules_reads_them_and_administrators_change_them(
    client: httpx.AsyncClient, district: District, foreign: District
) -> None:
    path = f"/policies/{district.station.id}"
    for who in ("dispatcher", "supervisor"):
        assert (await client.get(path, headers=district.as_(who))).status_code == 200
        await refused(client, district, who, "PUT", path, 403, "forbidden", json=CHANGE)
    for who in ("resident", "volunteer", "auditor", "leader"):
        await refused(client, district, who, "GET", path, 403, "forbidden")
        await refused(client, district, who, "PUT", path, 403, "forbidden", json=CHANGE)
    theirs = f"/policies/{foreign.office.id}"
    await refused(client, district, "admin", "GET", theirs, 404, "not_found")
    await refused(client, district, "admin", "PUT", theirs, 404, "not_found", json=CHANGE)
    await refused(client, district, "admin", "GET", f"/policies/{uuid4()}", 404, "not_found")
    assert await revision(client, foreign) == 0


async def test_an_office_sets_its_own_rules_only(client: httpx.AsyncClient, district: District) -> None:
    await newcomer(district, "office_admin", Role.ORG_ADMIN, district.office)
    above = f"/policies/{district.center.id}"
    await refused(client, district, "office_admin", "PUT", above, 403, "forbidden", json=CHANGE)
    own = await client.put(
        f"/policies/{district.office.id}", json=CHANGE, headers=district.as_("office_admin")
    )
    assert own.status_code == 200
