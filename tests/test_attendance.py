"""签到、签退 as phones really send them: late, twice, from the wrong place, with a wrong clock."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from app import clock
from app.domain.lifecycle import OrderStatus
from tests.factories import PLACE, SATURDAY_9, District
from tests.stages import DONE, Stage

ENDS = SATURDAY_9 + timedelta(hours=2)
AWAY = {"lat": 28.25, "lon": 112.98}


@pytest.fixture
async def stage(client: httpx.AsyncClient, district: District) -> Stage:
    return await Stage(client, district).reach(OrderStatus.ACCEPTED)


async def press(
    stage: Stage, kind: str, stay: UUID, at: datetime, *, sent: datetime | None = None, **more: Any
) -> httpx.Response:
    """The button pressed at `at` by the phone's clock, the message arriving at `sent`."""
    body = {"client_id": str(stay), "at": at.isoformat(), "location": PLACE, **more}
    with clock.at(sent or at):
        return await stage.call("volunteer", "POST", f"{stage.at}/{kind}", body)


async def whole(stage: Stage, sent: datetime | None = None, **more: Any) -> dict[str, Any]:
    stay = uuid4()
    assert (await press(stage, "check-in", stay, SATURDAY_9, sent=sent, **more)).is_success
    left = await press(stage, "check-out", stay, ENDS, sent=sent, **more)
    assert left.is_success, left.text
    return dict(left.json())


async def test_a_stay_without_signal_counts_and_says_that_it_came_late(stage: Stage) -> None:
    judged = await whole(stage, sent=ENDS + timedelta(hours=9))
    assert (judged["verified_minutes"], judged["marks"]) == (120, ["late"])


async def test_a_stay_elsewhere_is_kept_and_proves_nothing(stage: Stage) -> None:
    judged = await whole(stage, location=AWAY)
    assert (judged["verified_minutes"], judged["marks"]) == (0, ["away"])


async def test_a_stay_without_a_place_proves_nothing(stage: Stage) -> None:
    judged = await whole(stage, location=None)
    assert (judged["verified_minutes"], judged["marks"]) == (0, ["no_place"])


async def test_a_phone_in_another_datum_is_where_it_is(stage: Stage) -> None:
    """GCJ-02 lies some 500 m from WGS-84: unconverted, the second phone would be away."""
    close = {"lat": PLACE["lat"] + 0.0032, "lon": PLACE["lon"] - 0.0055, "coord_system": "wgs84"}
    judged = await whole(stage, location=close, accuracy_m=10)
    assert judged["verified_minutes"] == 120, judged


async def test_leaving_before_arriving_is_judged_not_lost(stage: Stage) -> None:
    stay = uuid4()
    assert (await press(stage, "check-in", stay, ENDS)).is_success
    left = (await press(stage, "check-out", stay, SATURDAY_9, sent=ENDS)).json()
    assert (left["verified_minutes"], left["marks"]) == (0, ["out_before_in"])


async def test_a_clock_that_runs_ahead_earns_nothing_more(stage: Stage) -> None:
    stay = uuid4()
    assert (await press(stage, "check-in", stay, SATURDAY_9)).is_success
    half = SATURDAY_9 + timedelta(minutes=30)
    left = (await press(stage, "check-out", stay, ENDS, sent=half)).json()
    assert (left["verified_minutes"], left["marks"]) == (30, ["clock_ahead"])


async def test_what_was_judged_stays_judged(stage: Stage) -> None:
    stay = uuid4()
    await press(stage, "check-in", stay, SATURDAY_9)
    first = await press(stage, "check-out", stay, SATURDAY_9 + timedelta(hours=1))
    again = await press(stage, "check-out", stay, ENDS)
    assert first.json() == again.json()


async def test_checking_out_needs_a_check_in(stage: Stage) -> None:
    unknown = await press(stage, "check-out", uuid4(), ENDS)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "attendance_unknown")


async def test_nobody_is_in_twice_at_once(stage: Stage) -> None:
    assert (await press(stage, "check-in", uuid4(), SATURDAY_9)).is_success
    second = await press(stage, "check-in", uuid4(), SATURDAY_9)
    assert (second.status_code, second.json()["code"]) == (409, "already_checked_in")


async def test_days_before_is_too_early(stage: Stage) -> None:
    early = await press(stage, "check-in", uuid4(), SATURDAY_9 - timedelta(days=1, minutes=1))
    assert (early.status_code, early.json()["code"]) == (422, "attendance_too_early")
    assert (await stage.row()).status is OrderStatus.ACCEPTED


async def test_another_s_stay_cannot_be_ended(client: httpx.AsyncClient, stage: Stage) -> None:
    crew = [str(stage.district[name].id) for name in ("volunteer", "helper")]
    await stage.do("leader", "PUT", f"{stage.at}/crew", {"members": crew})
    stay = uuid4()
    await press(stage, "check-in", stay, SATURDAY_9)
    with clock.at(ENDS):
        other = await stage.press("check-out", ENDS, stay, "helper")
    assert (other.status_code, other.json()["code"]) == (409, "attendance_id_taken")


async def declare(stage: Stage, minutes: int, who: str = "leader", whom: str = "volunteer") -> httpx.Response:
    body = {"person_id": str(stage.district[whom].id), "minutes": minutes, "reason": "忘记签到"}
    return await stage.call(who, "POST", f"{stage.at}/attendance", body)


async def test_a_leader_s_word_is_bounded_and_given_once(stage: Stage) -> None:
    long = await declare(stage, 121)
    assert (long.status_code, long.json()["code"]) == (422, "attendance_declared_too_long")
    assert (await declare(stage, 60, who="volunteer")).status_code == 403
    stranger = await declare(stage, 60, whom="outsider")
    assert (stranger.status_code, stranger.json()["code"]) == (403, "not_on_crew")
    declared = await declare(stage, 120)
    assert (declared.status_code, declared.json()["declared_minutes"]) == (201, 120)
    again = await declare(stage, 10)
    assert (again.status_code, again.json()["code"]) == (409, "already_declared")
    assert (await stage.row()).status is OrderStatus.IN_SERVICE


async def test_proof_and_word_together_stay_within_the_service(stage: Stage) -> None:
    stay = uuid4()
    await press(stage, "check-in", stay, SATURDAY_9)
    await press(stage, "check-out", stay, SATURDAY_9 + timedelta(minutes=90))
    assert (await declare(stage, 31)).json()["code"] == "attendance_declared_too_long"
    assert (await declare(stage, 30)).status_code == 201
    stays = await stage.do("leader", "GET", f"{stage.at}/attendance")
    assert [(s["verified_minutes"], s["declared_minutes"]) for s in stays] == [(90, 0), (0, 30)]


async def test_nobody_attends_what_has_not_been_accepted(
    client: httpx.AsyncClient, district: District
) -> None:
    offered = await Stage(client, district).reach(OrderStatus.OFFERED)
    assert (await press(offered, "check-in", uuid4(), SATURDAY_9)).status_code == 404


async def test_a_reopened_order_credits_only_what_is_new(stage: Stage) -> None:
    await whole(stage)
    for _ in range(2):
        await stage.do("leader", "POST", f"{stage.at}/deliver", DONE)
        await stage.close()
        balances = (await stage.do("volunteer", "GET", "/me/points"))["balances"]
        assert [held["balance"] for held in balances] == [20]
        await stage.do("dispatcher", "POST", f"{stage.at}/reopen", {"reason": "居民反映窗户未擦净"})
