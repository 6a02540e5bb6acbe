"""Myself: what I see and change, my phone from WeChat, my password, my data."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from app.domain.lifecycle import OrderStatus
from app.house import House
from app.models.audit import AuditEntry, Reveal
from app.models.base import new_id
from app.models.order import Beneficiary, Consent, Relation
from app.models.service import Attendance, CrewMember, Delivery, Review
from app.models.volunteer import Volunteer
from app.services.access import SYSTEM
from app.services.auth import by_password
from app.services.scope import visible
from tests.accounts import PASSWORD, order_of, save, staff, staffed
from tests.factories import SATURDAY_9, District

NEW = "稻花香里说丰年 Abc 2026"


async def test_a_profile_names_roles_and_hides_the_phone_number(
    client: httpx.AsyncClient, district: District
) -> None:
    me = (await client.get("/me", headers=district.as_("leader"))).json()
    assert (me["name"], me["phone"], me["birth_date"]) == ("测试leader", "138****0001", "1980-05-01")
    assert me["roles"] == [
        {
            "role": "team_leader",
            "organisation": None,
            "team": {"id": str(district.team.id), "name": "巧手便民队"},
        }
    ]
    assert len(me["volunteer_number"]) == 16


@pytest.mark.parametrize(
    ("patch", "name", "birth_date"),
    [
        ({"name": " 张阿婆𠮷🌾 "}, "张阿婆𠮷🌾", "1980-05-01"),
        ({"birth_date": "1950-02-28"}, "测试resident", "1950-02-28"),
        ({"birth_date": None}, "测试resident", None),
        ({}, "测试resident", "1980-05-01"),
    ],
)
async def test_what_is_sent_changes_and_the_rest_stays(
    client: httpx.AsyncClient, district: District, patch: dict[str, Any], name: str, birth_date: str | None
) -> None:
    headers = district.as_("resident")
    changed = await client.patch("/me", json=patch, headers=headers)
    assert changed.status_code == 200
    assert (changed.json()["name"], changed.json()["birth_date"]) == (name, birth_date)
    assert (await client.get("/me", headers=headers)).json() == changed.json()


@pytest.mark.parametrize(
    "patch",
    [
        {"name": ""},
        {"name": "   "},
        {"name": None},
        {"name": "字" * 41},
        {"name": "字" * 10_000},
        {"name": "零\u0000"},
        {"birth_date": "2026-11-24"},
        {"birth_date": "1899-12-31"},
        {"birth_date": "昨天"},
        {"phone": "13800000009"},
        {"roles": ["org_admin"]},
        {"active": True},
    ],
)
async def test_what_may_not_be_is_refused_and_changes_nothing(
    client: httpx.AsyncClient, district: District, patch: dict[str, Any]
) -> None:
    headers = district.as_("resident")
    before = (await client.get("/me", headers=headers)).json()
    assert (await client.patch("/me", json=patch, headers=headers)).status_code == 422
    assert (await client.get("/me", headers=headers)).json() == before


async def test_a_phone_number_comes_from_wechat(client: httpx.AsyncClient, district: District) -> None:
    headers = district.as_("resident")
    answer = await client.post("/me/phone", json={"code": "phone:13911112222"}, headers=headers)
    assert answer.json() == {"phone": "139****2222"}
    assert (await client.get("/me", headers=headers)).json()["phone"] == "139****2222"
    refused = await client.post("/me/phone", json={"code": "phone:1"}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "wechat_phone_code_invalid")


async def test_a_repeated_phone_call_is_answered_from_memory(
    client: httpx.AsyncClient, district: District
) -> None:
    headers = district.as_("resident", key=new_id().hex)
    first = await client.post("/me/phone", json={"code": "phone:13911112222"}, headers=headers)
    again = await client.post("/me/phone", json={"code": "phone:13911112222"}, headers=headers)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    other = await client.post("/me/phone", json={"code": "phone:13911113333"}, headers=headers)
    assert other.json()["code"] == "idempotency_mismatch"


async def signed_in(house: House, username: str | None, password: str = PASSWORD) -> dict[str, str]:
    sign = await by_password(house, username or "", password)
    return {"Authorization": f"Bearer {sign.access_token}"}


async def test_a_new_password_replaces_the_old_and_signs_out_the_other_devices(
    client: httpx.AsyncClient, house: House
) -> None:
    person = await staff(house)
    here, there = await signed_in(house, person.username), await signed_in(house, person.username)
    for _ in range(2):
        done = await client.post("/me/password", json={"old": PASSWORD, "new": NEW}, headers=here)
        assert done.status_code == 204, done.text
    assert (await client.get("/me", headers=there)).status_code == 401
    assert (await client.get("/me", headers=here)).status_code == 200
    assert await signed_in(house, person.username, NEW)
    refused = await client.post("/auth/password", json={"username": person.username, "password": PASSWORD})
    assert refused.status_code == 401


async def test_a_wrong_old_password_counts_and_signs_nobody_out(
    client: httpx.AsyncClient, house: House
) -> None:
    person = await staff(house)
    here = await signed_in(house, person.username)
    codes = [
        (await client.post("/me/password", json={"old": "wrong", "new": NEW}, headers=here)).json()["code"]
        for _ in range(6)
    ]
    assert codes == ["old_password_wrong"] * 5 + ["signin_locked"]
    assert (await client.get("/me", headers=here)).status_code == 200


async def test_a_weak_new_password_is_refused_and_does_not_count(
    client: httpx.AsyncClient, house: House
) -> None:
    person = await staff(house)
    here = await signed_in(house, person.username)
    for weak in ("short", "daohua2026", f"{person.username}-A1"):
        for _ in range(2):
            refused = await client.post("/me/password", json={"old": PASSWORD, "new": weak}, headers=here)
            assert (refused.status_code, refused.json()["code"]) == (422, "password_weak")
            assert refused.json()["detail"]
    assert await signed_in(house, person.username)


async def test_who_has_no_password_is_told_so(client: httpx.AsyncClient, district: District) -> None:
    answer = await client.post(
        "/me/password", json={"old": PASSWORD, "new": NEW}, headers=district.as_("resident")
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "password_not_set")


async def test_my_data_is_whole_and_tells_nothing_of_others(
    client: httpx.AsyncClient, house: House, district: District
) -> None:
    grandmother = Beneficiary(
        org_path=district.station.path,
        name="王奶奶",
        phone="13877778888",
        relation=Relation.NEIGHBOUR,
        consent=Consent.VERBAL,
    )
    living: dict[str, Any] = {"circumstances": ["seriously_ill"], "wish_language": "sign"}
    own = order_of(district, "volunteer", OrderStatus.CLOSED, **staffed(district), **living)
    proxy = order_of(
        district,
        "volunteer",
        OrderStatus.CANCELLED,
        beneficiary_id=grandmother.id,
        contact_name="王奶奶",
        contact_phone="13877778888",
        **living,
    )
    foreign = order_of(district, "resident", OrderStatus.CLOSED, contact_name="刘大爷", **staffed(district))
    delivery = Delivery(order_id=own.id, delivered_by_id=district["leader"].id, summary="已打扫")
    await save(
        house,
        grandmother,
        own,
        proxy,
        foreign,
        delivery,
        Review(
            order_id=own.id,
            delivery_id=delivery.id,
            reviewed_by_id=district["volunteer"].id,
            timeliness=5,
            attitude=5,
            quality=4,
            resolution=5,
            comment="谢谢",
        ),
        CrewMember(order_id=foreign.id, person_id=district["volunteer"].id),
        Attendance(
            order_id=foreign.id,
            person_id=district["volunteer"].id,
            client_id=new_id(),
            check_in_at=SATURDAY_9,
            check_out_at=SATURDAY_9 + timedelta(hours=1),
            verified_minutes=60,
        ),
    )
    for order in (own, foreign):
        looker = district["dispatcher"].id
        await save(house, Reveal(order_id=order.id, person_id=looker, role="dispatcher", reason="回访核实"))
    answer = await client.get("/me/export", headers=district.as_("volunteer"))
    assert answer.headers["content-disposition"] == 'attachment; filename="sidan-my-data.json"'
    assert answer.headers["cache-control"] == "no-store"
    data = answer.json()
    assert data["profile"]["phone"] == "13800000001"
    assert [order["contact_name"] for order in data["orders"]] == ["张阿婆", None]
    assert [order["circumstances"] for order in data["orders"]] == [["seriously_ill"], None]
    assert [order["wish_language"] for order in data["orders"]] == ["sign", None]
    assert data["reviews"][0]["comment"] == "谢谢"
    assert data["services"][0]["order_id"] == data["attendance"][0]["order_id"] == str(foreign.id)
    assert data["team_ids"] == [str(district.team.id)]
    assert data["volunteer"]["organisation_id"] == str(district.station.id)
    assert (data["volunteer"]["gender"], data["volunteer"]["languages"]) == (None, [])
    assert len(data["sign_ins"]) == 1
    assert {consent["purpose"] for consent in data["consents"]} == {"service", "sensitive", "location"}
    assert [reveal["reason"] for reveal in data["reveals"]] == ["回访核实"], (
        "and not that of the other's order"
    )
    async with house.database.transaction() as session:
        trail = visible(AuditEntry, SYSTEM).where(AuditEntry.object_id == UUID(data["export_id"]))
        assert (await session.exec(trail)).one().actor_id == district["volunteer"].id
    for theirs in ("王奶奶", "13877778888", "刘大爷"):
        assert theirs not in answer.text


async def test_an_inactive_volunteer_has_no_number(
    client: httpx.AsyncClient, house: House, district: District
) -> None:
    retired = Volunteer(
        person_id=district["stranger"].id,
        number=new_id().hex[-16:],
        organisation_id=district.station.id,
        org_path=district.station.path,
        active=False,
    )
    await save(house, retired)
    me = (await client.get("/me", headers=district.as_("stranger"))).json()
    assert me["volunteer_number"] is None
