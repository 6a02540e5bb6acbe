"""Leaving: refused while somebody waits, then complete, but for what a record of service must keep."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import SQLModel, col, select

from app.domain.delivery import Channel, Outcome
from app.domain.gender import Gender
from app.domain.lifecycle import OrderStatus
from app.house import House
from app.models.base import new_id
from app.models.idempotency import IdempotencyRecord
from app.models.notification import Notification, Sending, Subscription
from app.models.order import Beneficiary, Consent, Order, Relation
from app.models.person import Person, RoleGrant
from app.models.service import Attendance, CrewMember
from app.models.team import TeamMember
from tests.accounts import order_of, reread, save, staffed
from tests.factories import SATURDAY_9, District


async def order_again(house: House, order: Order) -> Order:
    async with house.database.transaction() as session:
        return (await session.exec(select(Order).where(col(Order.id) == order.id))).one()


def attendance(district: District, order: Order, person: str) -> Attendance:
    return Attendance(
        order_id=order.id,
        person_id=district[person].id,
        client_id=new_id(),
        check_in_at=SATURDAY_9,
        check_out_at=SATURDAY_9 + timedelta(hours=1),
        verified_minutes=60,
    )


@pytest.mark.parametrize("status", [OrderStatus.SUBMITTED, OrderStatus.POOLED, OrderStatus.DELIVERED])
async def test_nobody_leaves_an_order_of_theirs_open(
    client: httpx.AsyncClient, house: House, district: District, status: OrderStatus
) -> None:
    team = staffed(district) if status is OrderStatus.DELIVERED else {}
    order = order_of(district, "resident", status, **team)
    await save(house, order)
    refused = await client.delete("/me", headers=district.as_("resident"))
    assert (refused.status_code, refused.json()["code"]) == (409, "account_has_open_orders")
    assert (await client.get("/me", headers=district.as_("resident"))).json()["phone"] == "138****0001"


async def test_nobody_leaves_a_service_they_are_named_for(
    client: httpx.AsyncClient, house: House, district: District
) -> None:
    order = order_of(district, "resident", OrderStatus.ACCEPTED, **staffed(district))
    await save(house, order, CrewMember(order_id=order.id, person_id=district["volunteer"].id))
    assert (await client.delete("/me", headers=district.as_("volunteer"))).status_code == 409
    assert (await client.delete("/me", headers=district.as_("helper"))).status_code == 204


async def test_who_leaves_is_gone_and_comes_back_as_somebody_new(
    client: httpx.AsyncClient, house: House
) -> None:
    code = f"demo:{new_id().hex}"
    first = (await client.post("/auth/wechat", json={"code": code})).json()
    headers = {"Authorization": f"Bearer {first['access_token']}"}
    await client.patch("/me", json={"name": "张阿婆", "birth_date": "1950-05-01"}, headers=headers)
    assert (await client.delete("/me", headers=headers)).status_code == 204
    assert (await client.delete("/me", headers=headers)).status_code == 401
    refused = await client.post("/auth/refresh", json={"refresh_token": first["refresh_token"]})
    assert refused.json()["code"] == "refresh_invalid"
    second = (await client.post("/auth/wechat", json={"code": code})).json()
    assert second["person"]["id"] != first["person"]["id"]
    assert second["person"]["name"] == ""


async def test_nothing_personal_is_left_where_no_record_needs_it(
    client: httpx.AsyncClient, house: House, district: District
) -> None:
    me = district["leader"]
    sent = Notification(person_id=me.id, kind="dispatch", data={}, dedupe_key=new_id().hex)
    kept_answer = IdempotencyRecord(person_id=me.id, key="a-key-of-mine", digest="0" * 64)
    attempt = Sending(notification_id=sent.id, channel=Channel.WECHAT, attempt=1, outcome=Outcome.REFUSED)
    await save(
        house, sent, kept_answer, attempt, Subscription(person_id=me.id, template="offer", remaining=1)
    )
    assert (await client.delete("/me", headers=district.as_("leader"))).status_code == 204
    person = await reread(house, me)
    assert (person.name, person.phone, person.birth_date, person.active) == ("", "", None, False)
    async with house.database.transaction() as session:
        for model in (RoleGrant, TeamMember, Notification, Subscription, IdempotencyRecord):
            left = await session.exec(select(model).where(col(model.person_id) == me.id))
            assert left.all() == []


async def test_a_user_name_is_free_again(client: httpx.AsyncClient, house: House, district: District) -> None:
    username = f"staff_{new_id().hex}"[:40]
    async with house.database.transaction() as session:
        person = await session.get(Person, district["dispatcher"].id)
        assert person is not None
        person.username = username
    assert (await client.delete("/me", headers=district.as_("dispatcher"))).status_code == 204
    await save(house, Person(username=username))


async def test_a_record_of_service_keeps_its_name(
    client: httpx.AsyncClient, house: House, district: District
) -> None:
    order = order_of(
        district,
        "resident",
        OrderStatus.CLOSED,
        **staffed(district),
        circumstances=["lone_elderly"],
        wish_gender=Gender.FEMALE,
        wish_must=True,
    )
    stay = attendance(district, order, "volunteer")
    await save(house, order, stay)
    for name in ("volunteer", "resident"):
        assert (await client.delete("/me", headers=district.as_(name))).status_code == 204
    volunteer = await reread(house, district["volunteer"])
    assert (volunteer.name, volunteer.phone, volunteer.wechat_openid) == ("测试volunteer", "", None)
    assert volunteer.birth_date is not None
    assert (await reread(house, district["resident"])).name == ""
    served = await order_again(house, order)
    assert served.contact_name == "张阿婆"
    assert (served.circumstances, served.wish_gender, served.wish_must) == ([], None, False)


async def test_orders_that_came_to_nothing_forget_who_and_where(
    client: httpx.AsyncClient, house: House, district: District
) -> None:
    grandmother = Beneficiary(
        org_path=district.station.path, name="王奶奶", relation=Relation.FAMILY, consent=Consent.VERBAL
    )
    alone: dict[str, Any] = {"circumstances": ["lone_elderly"]}
    own = order_of(district, "resident", OrderStatus.CANCELLED, **alone)
    proxy = order_of(district, "resident", OrderStatus.UNMET, beneficiary_id=grandmother.id, **alone)
    foreign = order_of(district, "neighbour", OrderStatus.CANCELLED, **alone)
    rows: list[SQLModel] = [grandmother, own, proxy, foreign]
    await save(house, *rows)
    assert (await client.delete("/me", headers=district.as_("resident"))).status_code == 204
    emptied = await order_again(house, own)
    assert (emptied.contact_name, emptied.contact_phone, emptied.address, emptied.detail) == ("", "", "", "")
    assert emptied.circumstances == []
    assert (emptied.lat, emptied.lon) == (district.station.lat, district.station.lon)
    for untouched in (proxy, foreign):
        kept = await order_again(house, untouched)
        assert (kept.contact_name, kept.circumstances) == ("张阿婆", ["lone_elderly"])
