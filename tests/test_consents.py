"""Consent by purpose and version, for oneself or by a guardian; and what stops with it (PIPL Art. 13-16, 31)."""

from typing import Any
from uuid import uuid4

import httpx

from app import clock
from app.domain.lifecycle import OrderStatus
from tests.factories import SATURDAY_9, District
from tests.stages import Stage


def told(answer: httpx.Response) -> str:
    return f"{answer.status_code} {answer.json()['code']}"


NOTICE = {"organisation_id": "", "version": "2026-11"}


async def agree(stage: Stage, who: str, purpose: str, **changes: Any) -> httpx.Response:
    body = NOTICE | {"organisation_id": str(stage.district.station.id)} | changes
    return await stage.call(who, "PUT", f"/me/consents/{purpose}", body)


async def placed(stage: Stage, **changes: Any) -> str:
    answer = await stage.call("resident", "POST", "/orders", stage.district.order_body(**changes))
    if answer.status_code == 201:
        stage.order_id = answer.json()["id"]
    return f"{answer.status_code} {answer.json().get('code', '')}".strip()


async def test_nothing_is_ordered_without_consent_to_the_words_in_force(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = Stage(client, district)
    assert await placed(stage) == "201"
    await stage.do("resident", "DELETE", "/me/consents/service")
    assert await placed(stage) == "409 consent_needed"
    assert (await stage.call("resident", "DELETE", "/me/consents/service")).status_code == 404
    assert told(await agree(stage, "resident", "service", version="2025-01")) == "409 notice_outdated"
    assert (await agree(stage, "resident", "service")).is_success
    assert await placed(stage) == "201"
    await stage.do("admin", "PUT", f"/policies/{district.center.id}", {"privacy": {"version": "2027-01"}})
    assert await placed(stage) == "409 consent_needed", "the words have changed"
    notice = await stage.do("stranger", "GET", f"/privacy-notice?organisation_id={district.station.id}")
    assert (notice["version"], notice["handler"]) == ("2027-01", "测试中心")
    assert {"category": "联系方式", "purpose": "约时间、上门联系", "kept": "订单结束后180天"} in notice[
        "data"
    ]
    assert (await agree(stage, "resident", "service", version="2027-01")).is_success
    assert await placed(stage) == "201"
    await stage.do("admin", "PUT", f"/policies/{district.center.id}", {"privacy": {"consent_needed": False}})
    await stage.do("resident", "DELETE", "/me/consents/service")
    assert await placed(stage) == "201", "the place asks for none"


async def test_sensitive_data_need_a_consent_of_their_own_and_go_with_it(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = await Stage(client, district).reach(OrderStatus.SUBMITTED)
    await stage.place(circumstances=["disabled"])
    withdrawn = await stage.do("resident", "DELETE", "/me/consents/sensitive")
    assert withdrawn["purpose"] == "sensitive"
    assert (await stage.do("dispatcher", "GET", stage.at))["circumstances"] == []
    events = await stage.do("resident", "GET", f"{stage.at}/events")
    assert events[-1]["action"] == "correct"
    assert await placed(stage, circumstances=["disabled"]) == "409 consent_needed"
    assert await placed(stage) == "201"
    other = {"name": "秦奶奶", "relation": "neighbour", "consent": "verbal"}
    assert await placed(stage, circumstances=["disabled"], beneficiary=other) == "201"


async def test_a_withdrawn_consent_ends_what_recurs(client: httpx.AsyncClient, district: District) -> None:
    stage = Stage(client, district)
    body = district.order_body(window=...) | {
        "rule": "FREQ=WEEKLY;COUNT=4",
        "first_start": "2026-11-28T09:00:00+08:00",
        "window_minutes": 180,
    }
    series = await stage.do("resident", "POST", "/recurring-orders", body)
    await stage.do("resident", "DELETE", "/me/consents/service")
    assert (await stage.do("resident", "GET", f"/recurring-orders/{series['id']}"))["status"] == "ended"
    assert told(await stage.call("resident", "POST", "/recurring-orders", body)) == "409 consent_needed"


async def test_no_location_is_taken_from_who_has_not_agreed(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = await Stage(client, district).reach(OrderStatus.ACCEPTED)
    await stage.do("volunteer", "DELETE", "/me/consents/location")
    assert told(await stage.stamp("check-in", SATURDAY_9, uuid4())) == "409 consent_needed"
    unknown = Stage(client, district)
    unknown.order_id = str(uuid4())
    assert told(await unknown.stamp("check-in", SATURDAY_9, uuid4())) == "409 consent_needed", "tells nothing"
    with clock.at(SATURDAY_9):
        body = {"client_id": str(uuid4()), "at": SATURDAY_9.isoformat()}
        stay = await stage.do("volunteer", "POST", f"{stage.at}/check-in", body)
    assert stay["marks"] == ["no_place"]


async def test_under_fourteen_a_guardian_consents_and_is_named(
    client: httpx.AsyncClient, district: District
) -> None:
    stage = Stage(client, district)
    await stage.do("resident", "PATCH", "/me", {"birth_date": "2013-05-01"})
    assert await placed(stage) == "409 consent_needed", "what was agreed to alone does not hold"
    assert told(await agree(stage, "resident", "service")) == "422 guardian_needed"
    guardian = {"name": "陈母", "phone": "13800000902", "relation": "parent"}
    given = await agree(stage, "resident", "service", guardian=guardian)
    assert given.json()["guardian"] == guardian | {"name": "陈**", "phone": "138****0902"}
    assert await placed(stage) == "201"
