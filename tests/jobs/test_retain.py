"""What was kept long enough goes, by the numbers of its center; what is younger, or still at work, stays."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlmodel import SQLModel, col, select

from app import clock
from app.domain.gender import Gender
from app.domain.lifecycle import ENDED, OrderStatus
from app.house import House
from app.jobs import retain
from app.models.base import new_id
from app.models.consent import DataConsent, Purpose
from app.models.media import Media, MediaStage
from app.models.notification import Notification
from app.models.order import Beneficiary, Order
from app.models.person import Means, Person, SignIn
from app.models.recurring import RecurringOrder
from app.models.service import Attendance, Delivery
from app.models.team import Team, TeamSpecialty
from app.models.volunteer import Volunteer
from app.services import media, verify
from app.services.access import SYSTEM
from app.services.record_keeping import GONE, NOBODY
from app.services.scope import visible
from app.storage.port import MediaMissing, media_key
from tests.accounts import save
from tests.conftest import client_of
from tests.factories import NOW, District, plant
from tests.stages import Stage

DAY = timedelta(days=1)
SERVED = {
    "name": "秦奶奶",
    "kind": "独居老人",
    "relation": "family",
    "consent": "verbal",
    "consent_note": "当面",
}


async def rows(house: House, model: Any, *where: Any) -> Any:
    async with house.database.transaction() as session:
        return (await session.exec(visible(model, SYSTEM).where(*where))).all()


async def everything(house: House, at: Any) -> int:
    """Until a run finds nothing; how many rows."""
    done = 0
    while found := await retain.run(house, at):
        done += found
    return done


@pytest.fixture
async def told(fresh_house: House) -> tuple[House, District, Stage]:
    """A closed order for another, and one that waits."""
    district = await plant(fresh_house)
    client: httpx.AsyncClient = client_of(fresh_house)
    stage = Stage(client, district)
    await stage.place(circumstances=["lone_elderly"], beneficiary=SERVED)
    await stage.do("dispatcher", "POST", f"{stage.at}/reject", {"reason": "重复点单"})
    await Stage(client, district).reach(OrderStatus.CLOSED)
    await Stage(client, district).place()
    return fresh_house, district, stage


async def test_contacts_go_when_the_place_has_kept_them_long_enough(
    told: tuple[House, District, Stage],
) -> None:
    house, district, stage = told
    policy = {"retention": {"contact_days": 30}}
    await stage.do("admin", "PUT", f"/policies/{district.center.id}", policy)
    assert await everything(house, NOW + 29 * DAY) == 0
    assert await everything(house, NOW + 31 * DAY) == 3, "two orders, and where somebody stood"
    ended = await rows(house, Order, col(Order.contacts_emptied_at).is_not(None))
    assert {order.status for order in ended} == {OrderStatus.REJECTED, OrderStatus.CLOSED}
    for order in ended:
        assert (order.contact_name, order.contact_phone, order.address, order.detail) == ("", "", "", "")
        assert order.circumstances == []
        assert order.lat == district.station.lat, "in the organisation, and no longer at home"
    (served,) = await rows(house, Beneficiary)
    assert (served.name, served.phone, served.kind, served.consent_note) == ("", "", "", "当面")
    (stay,) = await _all(house, Attendance)
    assert (stay.check_in_lat, stay.check_out_lon, stay.verified_minutes) == (None, None, 120)
    (living,) = await rows(house, Order, col(Order.contacts_emptied_at).is_(None))
    assert (living.contact_name, living.status) == ("张阿婆", OrderStatus.SUBMITTED)
    assert await verify.verify(house.database) == []
    with clock.at(NOW + 32 * DAY):
        late = await stage.call("dispatcher", "POST", f"{stage.at}/reveal", {"reason": "想再看看"})
        assert (late.status_code, late.json()["code"]) == (409, "contacts_closed")


async def test_notices_sign_ins_and_old_records_go_in_their_time(told: tuple[House, District, Stage]) -> None:
    house, _, _ = told
    async with house.database.transaction() as session:
        for sign_in in await session.exec(select(SignIn)):
            sign_in.device, sign_in.address = "微信小程序", "203.0.113.9"
        gone = Person(name="测试离开", active=False, closed_at=NOW)
        session.add(gone)
        await session.flush()
        session.add(
            DataConsent(
                person_id=gone.id,
                purpose=Purpose.SERVICE,
                version="1",
                guardian_name="陈母",
                guardian_phone="13800000902",
                guardian_relation="parent",
                withdrawn_at=NOW,
            )
        )
    async with house.database.transaction() as session:
        for notice in await session.exec(visible(Notification, SYSTEM)):
            notice.send_at = None
    await everything(house, NOW + 380 * DAY)
    assert await rows(house, Notification) == []
    assert {sign_in.device for sign_in in await _all(house, SignIn)} == {"微信小程序"}
    await everything(house, NOW + 1096 * DAY)
    assert {(one.device, one.address) for one in await _all(house, SignIn)} == {("", "")}
    (consent,) = await rows(house, DataConsent, col(DataConsent.person_id) == gone.id)
    assert (consent.guardian_name, consent.guardian_phone, consent.guardian_relation) == (None, None, None)
    assert {one.summary for one in await _all(house, Delivery)} == {"已完成全部清洁"}
    await everything(house, NOW + 3700 * DAY)
    assert {one.summary for one in await _all(house, Delivery)} == {""}
    assert {(one.means, one.seen_at == one.created_at) for one in await _all(house, SignIn)} == {
        (Means.WECHAT, True)
    }
    old = await rows(house, Order, col(Order.status).in_(ENDED))
    assert {(order.title, order.beneficiary_key) for order in old} == {(GONE, NOBODY)}
    assert await verify.verify(house.database) == [], "without the words it is the same record"
    assert {person.name for person in await _all(house, Person) if not person.active} == {""}
    assert all(person.name for person in await _all(house, Person) if person.active)
    assert await everything(house, NOW + 3700 * DAY) == 0


async def test_a_series_goes_after_its_last_order(told: tuple[House, District, Stage]) -> None:
    house, district, stage = told
    body = district.order_body(window=...) | {
        "rule": "FREQ=WEEKLY;COUNT=4",
        "first_start": "2026-11-28T09:00:00+08:00",
        "window_minutes": 180,
    }
    series = await stage.do("resident", "POST", "/recurring-orders", body)
    await stage.do("resident", "POST", f"/recurring-orders/{series['id']}/end", {"reason": "不再需要"})
    await everything(house, NOW + 100 * DAY)
    (kept,) = await rows(house, RecurringOrder)
    assert kept.wanted["contact"]["name"] == "张阿婆"
    await everything(house, NOW + 181 * DAY)
    (kept,) = await rows(house, RecurringOrder)
    assert set(kept.wanted) == {"title", "category", "people", "duration_minutes", "detail"}


async def _all(house: House, model: Any) -> Any:
    async with house.database.transaction() as session:
        return (await session.exec(select(model))).all()


async def test_what_hangs_on_no_order_goes_in_its_time(told: tuple[House, District, Stage]) -> None:
    """A picture that nobody used, a notice about no order, what closing left behind in an older release, and the
    proof of a team that stopped; not those of who goes on.
    """
    house, district, _ = told
    left = Person(name="测试离开", active=False, closed_at=NOW)
    key = media_key(new_id(), "image/jpeg")
    unused = Media(
        owner_id=district["resident"].id,
        storage_key=key,
        content_type="image/jpeg",
        size=9,
        width=1,
        height=1,
        sha256="0" * 64,
    )
    await house.store.put(key, b"a picture")
    await save(house, left, unused, *_left_behind(district, left.id))
    async with house.database.transaction() as session:
        (await session.get_one(Team, district.other_team.id)).active = False
        for held in await session.exec(select(TeamSpecialty)):
            held.proof_no = "粤-2026-001"
    await everything(house, NOW + 30 * DAY)
    (volunteer,) = await rows(house, Volunteer, col(Volunteer.person_id) == left.id)
    assert (volunteer.gender, volunteer.languages, volunteer.number) == (None, [], "7" * 16)
    assert {one.guardian_name for one in await rows(house, DataConsent)} == {None}
    assert await house.store.get(key) == b"a picture"
    async with house.database.transaction() as session:
        with clock.at(NOW + 31 * DAY), pytest.raises(media.MediaNotAttachable):
            await media.attach(session, unused.owner_id, [unused.id], new_id(), MediaStage.ORDER)
    await everything(house, NOW + 32 * DAY)
    assert await rows(house, Media) == []
    with pytest.raises(MediaMissing):
        await house.store.get(key)
    of_no_order = col(Notification.dedupe_key) == "of no order"
    assert len(await rows(house, Notification, of_no_order)) == 1
    await everything(house, NOW + 366 * DAY)
    assert await rows(house, Notification, of_no_order) == []
    await everything(house, NOW + 3700 * DAY)
    proofs = {one.team_id: one.proof_no for one in await _all(house, TeamSpecialty)}
    assert proofs == {district.team.id: "粤-2026-001", district.other_team.id: None}


def _left_behind(district: District, person_id: UUID) -> list[SQLModel]:
    volunteer = Volunteer(
        person_id=person_id,
        number="7" * 16,
        organisation_id=district.station.id,
        org_path=district.station.path,
        gender=Gender.FEMALE,
        languages=["sign"],
    )
    consent = DataConsent(
        person_id=person_id,
        purpose=Purpose.SERVICE,
        version="1",
        guardian_name="陈母",
        guardian_phone="13800000902",
        withdrawn_at=NOW,
    )
    return [volunteer, consent, Notification(person_id=person_id, kind="approval", dedupe_key="of no order")]
