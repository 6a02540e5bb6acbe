"""When a team is free: weeks and days on half hours."""

import asyncio
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from app import clock
from tests.center import refused, revision
from tests.factories import District


def span(weekday: int, start: str, end: str) -> dict[str, Any]:
    return {"weekday": weekday, "start": start, "end": end}


async def test_a_week_is_set_as_a_whole(client: httpx.AsyncClient, district: District) -> None:
    path, before = f"/teams/{district.team.id}", await revision(client, district)
    week = [span(6, "08:30", "12:00"), span(6, "14:00", "17:30"), span(7, "18:00", "24:00")]
    answer = await client.put(
        f"{path}/availability", json={"weekly": week[::-1]}, headers=district.as_("admin")
    )
    assert answer.status_code == 200
    assert answer.json()["weekly"] == week
    assert await revision(client, district) == before + 1
    assert (await client.get(path, headers=district.as_("leader"))).json()["weekly"] == week


async def test_neighbouring_spans_become_one(client: httpx.AsyncClient, district: District) -> None:
    week = {"weekly": [span(1, "08:00", "10:00"), span(1, "10:00", "12:00")]}
    path = f"/teams/{district.team.id}/availability"
    answer = await client.put(path, json=week, headers=district.as_("admin"))
    assert answer.json()["weekly"] == [span(1, "08:00", "12:00")]


@pytest.mark.parametrize(
    ("week", "code"),
    [
        ([span(1, "08:15", "12:00")], "hours_not_aligned"),
        ([span(1, "08:00", "12:10")], "hours_not_aligned"),
        ([span(1, "12:00", "08:00")], "hours_reversed"),
        ([span(1, "08:00", "08:00")], "hours_reversed"),
        ([span(1, "24:00", "24:00")], "hours_reversed"),
        ([span(1, "08:00", "12:00"), span(1, "11:30", "13:00")], "hours_overlapping"),
        ([span(1, "08:00", "12:00"), span(1, "09:00", "10:00"), span(2, "08:00", "9:00")], "invalid_request"),
        ([span(0, "08:00", "12:00")], "invalid_request"),
        ([span(8, "08:00", "12:00")], "invalid_request"),
        ([span(1, "08:00", "24:30")], "invalid_request"),
        ([span(1, "8点", "12:00")], "invalid_request"),
        ([span(1, "08:00", "12:00")] * 169, "invalid_request"),
        ([{"weekday": 1, "start": "08:00"}], "invalid_request"),
        (None, "invalid_request"),
    ],
)
async def test_a_bad_week_changes_nothing(
    client: httpx.AsyncClient, district: District, week: Any, code: str
) -> None:
    path = f"/teams/{district.team.id}"
    before = (await client.get(path, headers=district.as_("admin"))).json()
    body = {"weekly": week}
    await refused(client, district, "admin", "PUT", f"{path}/availability", 422, code, json=body)
    assert (await client.get(path, headers=district.as_("admin"))).json() == before


async def test_a_day_differs_until_it_does_not(client: httpx.AsyncClient, district: District) -> None:
    team, headers = f"/teams/{district.team.id}", district.as_("admin")
    counted = await revision(client, district)
    late = await client.put(
        f"{team}/exceptions/2026-12-24", json={"free": [{"start": "09:00", "end": "11:30"}]}, headers=headers
    )
    assert late.status_code == 200
    await client.put(f"{team}/exceptions/2026-11-23", json={"free": []}, headers=headers)
    later = await client.put(
        f"{team}/exceptions/2026-12-24", json={"free": [{"start": "13:00", "end": "14:00"}]}, headers=headers
    )
    assert later.json()["exceptions"] == [
        {"day": "2026-11-23", "free": []},
        {"day": "2026-12-24", "free": [{"start": "13:00", "end": "14:00"}]},
    ]
    assert (await client.delete(f"{team}/exceptions/2026-12-24", headers=headers)).status_code == 204
    left = (await client.get(team, headers=headers)).json()["exceptions"]
    assert [one["day"] for one in left] == ["2026-11-23"]
    assert await revision(client, district) == counted + 4
    await refused(client, district, "admin", "DELETE", f"{team}/exceptions/2026-12-24", 404, "not_found")


@pytest.mark.parametrize(
    ("day", "free", "code"),
    [
        ("2026-11-22", [], "day_out_of_range"),
        ("2028-11-23", [], "day_out_of_range"),
        ("2026-02-30", [], "invalid_request"),
        ("tomorrow", [], "invalid_request"),
        ("2026-12-24", [{"start": "09:10", "end": "10:00"}], "hours_not_aligned"),
        ("2026-12-24", [{"start": "10:00", "end": "09:00"}], "hours_reversed"),
        (
            "2026-12-24",
            [{"start": "09:00", "end": "11:00"}, {"start": "10:00", "end": "12:00"}],
            "hours_overlapping",
        ),
        ("2026-12-24", [{"weekday": 4, "start": "09:00", "end": "11:00"}], "invalid_request"),
    ],
)
async def test_a_bad_day_changes_nothing(
    client: httpx.AsyncClient, district: District, day: str, free: Any, code: str
) -> None:
    path = f"/teams/{district.team.id}/exceptions/{day}"
    await refused(client, district, "admin", "PUT", path, 422, code, json={"free": free})


async def test_today_is_the_center_s_day(client: httpx.AsyncClient, district: District) -> None:
    """At 00:30 in China it is still yesterday in UTC."""
    with clock.at(datetime(2026, 11, 24, 0, 30, tzinfo=ZoneInfo("Asia/Shanghai"))):
        path = f"/teams/{district.team.id}/exceptions"
        body: dict[str, Any] = {"free": []}
        await refused(
            client, district, "admin", "PUT", f"{path}/2026-11-23", 422, "day_out_of_range", json=body
        )
        good = await client.put(f"{path}/2026-11-24", json=body, headers=district.as_("admin"))
        assert good.status_code == 200


async def test_one_day_set_twice_at_once_is_one_day(client: httpx.AsyncClient, district: District) -> None:
    path, headers = f"/teams/{district.team.id}", district.as_("admin")
    calls = [
        client.put(f"{path}/exceptions/2026-12-24", json={"free": []}, headers=headers) for _ in range(6)
    ]
    assert {answer.status_code for answer in await asyncio.gather(*calls)} == {200}
    assert len((await client.get(path, headers=headers)).json()["exceptions"]) == 1


async def test_the_leader_says_when_the_team_is_free(client: httpx.AsyncClient, district: District) -> None:
    week = {"weekly": [span(6, "08:00", "12:00")]}
    path = f"/teams/{district.team.id}/availability"
    own = await client.put(path, json=week, headers=district.as_("leader"))
    assert own.status_code == 200, own.text
    day = f"/teams/{district.team.id}/exceptions/2026-12-05"
    off = await client.put(day, json={"free": []}, headers=district.as_("leader"))
    assert off.status_code == 200, off.text
    for wrong in ("other_leader", "volunteer", "resident"):
        answer = await client.put(path, json=week, headers=district.as_(wrong))
        assert answer.status_code in (403, 404), wrong
    rename = await client.patch(
        f"/teams/{district.team.id}", json={"capacity": 99}, headers=district.as_("leader")
    )
    assert rename.status_code == 403
