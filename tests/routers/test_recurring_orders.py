"""Asking for a series, deciding about it, and saying that once it is not as always."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app import clock
from app.domain.lifecycle import OrderStatus
from tests.contract import told
from tests.factories import NOW, District
from tests.series import THURSDAY, WEEK, Series, tick
from tests.stages import REASON

BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no rule": ({"rule": ...}, "422 invalid_request body.rule:missing"),
    "an empty rule": ({"rule": " "}, "422 recurrence_missing"),
    "a rule in words": ({"rule": "每周四下午"}, "422 recurrence_malformed"),
    "every hour": ({"rule": "FREQ=HOURLY;COUNT=8"}, "422 recurrence_frequency"),
    "twice a day": ({"rule": "FREQ=DAILY;BYHOUR=9,14;COUNT=8"}, "422 recurrence_too_often"),
    "for ever": ({"rule": "FREQ=WEEKLY"}, "422 recurrence_endless"),
    "a million times": ({"rule": "FREQ=DAILY;COUNT=1000000"}, "422 recurrence_too_many"),
    "a start in the rule": ({"rule": "FREQ=DAILY;COUNT=2;DTSTART=20000101"}, "422 recurrence_foreign"),
    "a part unknown": ({"rule": "FREQ=YEARLY;BYEASTER=1;COUNT=1"}, "422 recurrence_part_unknown"),
    "no interval": ({"rule": "FREQ=DAILY;INTERVAL=0;COUNT=2"}, "422 recurrence_interval"),
    "longer than a year": ({"rule": "FREQ=WEEKLY;COUNT=60"}, "422 recurrence_too_long"),
    "more than a day can": ({"rule": "FREQ=DAILY;UNTIL=20271127T140000"}, "422 recurrence_too_many"),
    "an end before the start": ({"rule": "FREQ=DAILY;UNTIL=20261101"}, "422 recurrence_ends_before_start"),
    "a 30th of February": (
        {"rule": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=1"},
        "422 recurrence_never",
    ),
    "a rule too long": ({"rule": "F" * 301}, "422 invalid_request body.rule:string_too_long"),
    "a start in the past": ({"first_start": "2026-11-19T14:00:00"}, "422 window_in_past"),
    "a start in two years": ({"first_start": "2028-11-23T14:00:00"}, "422 window_too_far"),
    "a start before time": ({"first_start": "0001-01-01T00:00:00"}, "422 time_out_of_range"),
    "a start that is a number": ({"first_start": 1795827600}, "422 time_not_written"),
    "a window too short": ({"window_minutes": 60}, "422 window_too_short"),
    "a window of two days": (
        {"window_minutes": 2880},
        "422 invalid_request body.window_minutes:less_than_equal",
    ),
    "a window besides": (
        {"window": {"start": "2026-11-26T14:00:00+08:00", "end": "2026-11-26T16:00:00+08:00"}},
        "422 invalid_request body:extra_forbidden",
    ),
    "a team of nowhere": ({"preferred_team_id": str(uuid4())}, "422 preferred_team_unknown"),
    "no such item": ({"menu_item_id": str(uuid4())}, "422 menu_item_unknown"),
    "no such place": ({"organisation_id": str(uuid4())}, "404 not_found"),
    "a picture of the consent": (
        {
            "beneficiary": {
                "name": "秦奶奶",
                "relation": "family",
                "consent": "written",
                "consent_media_ids": [str(uuid4())],
            }
        },
        "422 recurring_without_pictures",
    ),
    "for the staff, by anybody": (
        {"beneficiary": {"name": "秦奶奶", "relation": "staff", "consent": "verbal"}},
        "403 forbidden",
    ),
}


@pytest.fixture
def series(client: httpx.AsyncClient, district: District) -> Series:
    return Series(client, district)


async def test_a_bad_series_is_refused_by_name_and_leaves_nothing(series: Series) -> None:
    for name, (changes, code) in BAD.items():
        refused = await series.call("resident", "POST", "/recurring-orders", series.body(**changes))
        assert told(refused) == code, name
    assert (await series.do("resident", "GET", "/recurring-orders"))["items"] == []


async def test_who_may_see_decide_and_end(series: Series) -> None:
    district = series.district
    asked = await series.ask(
        "grid_worker", beneficiary={"name": "秦奶奶", "relation": "staff", "consent": "verbal"}
    )
    assert (asked["status_text"], asked["title"], asked["first_start"]) == (
        *("待审核", "家庭保洁"),
        "2026-11-26T06:00:00Z",
    )
    inbox = await series.do("dispatcher", "GET", "/me/inbox")
    assert inbox["items"][0]["text"] == "有新的长期点单“家庭保洁”，请审核"
    seen = {name: (await series.call(name, "GET", series.on)).status_code == 200 for name in district.people}
    assert {name for name, may in seen.items() if may} == {
        *("grid_worker", "dispatcher", "admin", "supervisor"),
    }
    assert (await series.show("supervisor"))["contact"] is None
    assert (await series.show("dispatcher"))["beneficiary"]["name"] == "秦**"
    listed = await series.do("dispatcher", "GET", "/recurring-orders?status=requested&limit=1")
    assert [item["id"] for item in listed["items"]] == [series.series_id]
    for who, refusal in (("grid_worker", 403), ("supervisor", 403), ("resident", 404)):
        for verb, body in (("approve", None), ("reject", REASON)):
            assert (await series.call(who, "POST", f"{series.on}/{verb}", body)).status_code == refusal
    approved = await series.do("dispatcher", "POST", f"{series.on}/approve")
    assert approved["status"] == "active"
    assert [one["outcome"] for one in approved["upcoming"]] == ["planned"] * 8
    for verb, body in (("approve", None), ("reject", REASON)):
        again = await series.call("dispatcher", "POST", f"{series.on}/{verb}", body)
        assert told(again) == "409 illegal_move"
    mine = await series.do("grid_worker", "GET", "/me/inbox")
    assert mine["items"][0]["text"] == "您的长期点单“家庭保洁”已受理，到期前会逐次为您安排"
    await series.ask()
    rejected = await series.do("dispatcher", "POST", f"{series.on}/reject", REASON)
    assert (rejected["reason"], rejected["upcoming"]) == (REASON["reason"], [])
    mine = await series.do("resident", "GET", "/me/inbox")
    assert mine["items"][0]["text"] == "您的长期点单“家庭保洁”未能受理：情况有变"


async def test_who_goes_takes_the_series_along(series: Series) -> None:
    """The export has it whole; after the account is closed nothing tells who and where, and nothing is placed."""
    await series.begin()
    exported = await series.do("resident", "GET", "/me/export")
    assert exported["recurring_orders"][0]["wanted"]["contact"]["name"] == "张阿婆"
    assert (await series.call("resident", "DELETE", "/me")).is_success
    left = await series.show("dispatcher")
    assert (left["status"], left["reason"], left["address"]) == ("ended", "点单人已注销账号", None)
    assert (left["contact"], left["detail"], left["duration_minutes"]) == (None, "", 120)


async def test_once_it_is_not_as_always(series: Series) -> None:
    """After its order was placed: moved, then skipped; what is over, promised or of no rule is refused by name."""
    await series.begin()
    await tick(series.district.house)
    friday = THURSDAY + timedelta(days=1)
    assert (await series.put(THURSDAY, friday)).is_success
    first, second = await series.orders()
    assert (first.window_start, first.occurs_at, first.status) == (friday, THURSDAY, OrderStatus.APPROVED)
    told_first = (await series.show())["upcoming"][0]
    assert (told_first["outcome"], told_first["order_status_text"]) == ("made", "待派单")
    assert (await series.put(THURSDAY, None, "dispatcher")).is_success
    assert (await series.orders())[0].status is OrderStatus.CANCELLED
    assert told(await series.put(THURSDAY, friday)) == "409 recurring_time_settled"
    assert told(await series.put(friday, None)) == "404 recurring_time_unknown"
    assert told(await series.put(THURSDAY + WEEK, NOW - WEEK)) == "422 window_in_past"
    assert told(await series.put(THURSDAY, None, "stranger")) == "404 not_found"
    assert told(await series.put(THURSDAY, None, "supervisor")) == "403 forbidden"
    series.order_id = str(second.id)
    await series.offer()
    assert told(await series.put(THURSDAY + WEEK, friday + WEEK)) == "409 illegal_move"
    assert (await series.orders())[1].window_start == THURSDAY + WEEK
    with clock.at(THURSDAY + 2 * WEEK + timedelta(hours=1)):
        assert told(await series.put(THURSDAY + 2 * WEEK, None)) == "409 recurring_time_settled"
    await series.do("resident", "POST", f"{series.on}/end", REASON)
    assert told(await series.put(THURSDAY + 5 * WEEK, None)) == "409 illegal_move"
