"""四眼: what takes two people is never done by one, whatever they try; what was asked for is all that is done."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, update
from sqlmodel import col

from app import clock
from app.domain.roles import Role
from app.house import House
from app.jobs import lapse_approvals
from app.models.approval import Approval, ApprovalKind, ApprovalState
from app.models.organisation import Organisation
from app.models.person import Person, RoleGrant, SignIn
from app.services import approvals
from app.services.access import SYSTEM, Actor, Held
from app.services.scope import visible
from tests.accounts import save
from tests.center import newcomer, refused
from tests.conftest import client_of
from tests.factories import NOW, District, plant


def grant(district: District, role: str = "supervisor", who: str = "neighbour") -> dict[str, Any]:
    place = str(district.center.id)
    return {"person_id": str(district[who].id), "role": role, "organisation_id": place, "reason": "接任督导"}


async def asked(client: httpx.AsyncClient, district: District, **changes: Any) -> str:
    body = grant(district) | changes
    answer = await client.post("/grants", json=body, headers=district.as_("admin"))
    assert (answer.status_code, answer.json()["state"]) == (202, "asked"), answer.text
    return str(answer.json()["id"])


async def roles(client: httpx.AsyncClient, district: District, who: str = "neighbour") -> list[str]:
    answer = await client.get("/me", headers=district.as_(who))
    return [one["role"] for one in answer.json()["roles"]]


async def inbox(client: httpx.AsyncClient, district: District, who: str) -> list[str]:
    answer = await client.get("/me/inbox", headers=district.as_(who))
    assert answer.status_code == 200, answer.text
    return [one["text"] for one in answer.json()["items"]]


async def test_one_asks_and_another_decides(client: httpx.AsyncClient, district: District) -> None:
    foreign = await plant(district.house)
    id_ = await asked(client, district)
    assert await inbox(client, district, "security") == ["有申请等待您审批：授予管理角色"]
    assert await inbox(client, foreign, "security") == []
    (shown,) = (await client.get("/approvals", headers=district.as_("security"))).json()["items"]
    assert (shown["id"], shown["reason"], shown["asked_by"]) == (id_, "接任督导", "测**")
    for who in ("supervisor", "auditor", "resident", "neighbour"):
        assert (await client.get("/approvals", headers=district.as_(who))).json()["items"] == []
        await refused(client, district, who, "GET", f"/approvals/{id_}", 404, "not_found")
        await refused(client, district, who, "POST", f"/approvals/{id_}/approve", 404, "not_found", json={})
    abroad = await client.post(f"/approvals/{id_}/approve", json={}, headers=foreign.as_("security"))
    assert abroad.status_code == 404
    assert await roles(client, district) == []
    decided = await client.post(
        f"/approvals/{id_}/approve", json={"note": "已核实"}, headers=district.as_("security")
    )
    assert (decided.json()["state"], decided.json()["note"]) == ("approved", "已核实")
    assert await roles(client, district) == ["supervisor"]
    assert await inbox(client, district, "admin") == ["您的申请“授予管理角色”已获同意"]
    for verb in ("approve", "refuse"):
        path = f"/approvals/{id_}/{verb}"
        await refused(client, district, "security", "POST", path, 409, "approval_decided", json={})


async def test_a_no_is_a_no(client: httpx.AsyncClient, district: District) -> None:
    id_ = await asked(client, district)
    no = await client.post(
        f"/approvals/{id_}/refuse", json={"note": "理由不足"}, headers=district.as_("security")
    )
    assert no.json()["state"] == "refused"
    path = f"/approvals/{id_}/approve"
    await refused(client, district, "security", "POST", path, 409, "approval_decided", json={})
    assert await roles(client, district) == []
    assert await asked(client, district) != id_


async def test_who_asked_decides_in_no_role_and_from_no_sign_in(
    client: httpx.AsyncClient, district: District
) -> None:
    id_ = await asked(client, district)
    place = district.center.id
    async with district.house.database.transaction() as session:
        session.add(
            RoleGrant(person_id=district["admin"].id, role=Role.SECURITY_ADMIN, organisation_id=place)
        )
    another = SignIn(person_id=district["admin"].id)
    path = f"/approvals/{id_}/approve"
    await refused(client, district, "admin", "POST", path, 403, "decided_by_another", json={})
    await save(district.house, another)
    district.sign_ins[district["admin"].id] = another
    await refused(client, district, "admin", "POST", path, 403, "decided_by_another", json={})
    assert await roles(client, district) == []


async def test_whom_it_is_about_does_not_decide(client: httpx.AsyncClient, district: District) -> None:
    await newcomer(district, "second", Role.SECURITY_ADMIN, district.center)
    id_ = await asked(client, district, person_id=str(district["second"].id))
    path = f"/approvals/{id_}/approve"
    await refused(client, district, "second", "POST", path, 403, "decided_by_another", json={})
    assert (await client.post(path, json={}, headers=district.as_("security"))).status_code == 200


async def test_of_two_who_decide_at_once_one_does(client: httpx.AsyncClient, district: District) -> None:
    await newcomer(district, "second", Role.SECURITY_ADMIN, district.center)
    id_ = await asked(client, district)
    calls = [
        client.post(f"/approvals/{id_}/{verb}", json={}, headers=district.as_(who))
        for who, verb in (("security", "approve"), ("second", "refuse"), ("second", "approve"))
    ]
    answers = await asyncio.gather(*calls)
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    (winner,) = [answer.json()["state"] for answer in answers if answer.status_code == 200]
    assert await roles(client, district) == (["supervisor"] if winner == "approved" else [])


async def test_a_yes_does_only_what_is_still_right(client: httpx.AsyncClient, district: District) -> None:
    await newcomer(district, "second_admin", Role.ORG_ADMIN, district.center)
    first = await asked(client, district)
    gone = await newcomer(district, "leaving")
    second = await asked(client, district, person_id=str(gone.id))
    third = await asked(client, district, person_id=str(district["helper"].id))
    fourth = await asked(client, district, person_id=str(district["outsider"].id), role="org_admin")
    async with district.house.database.transaction() as session:
        place = district.center.id
        session.add(RoleGrant(person_id=district["helper"].id, role=Role.SUPERVISOR, organisation_id=place))
        session.add(RoleGrant(person_id=district["outsider"].id, role=Role.AUDITOR, organisation_id=place))
        await session.exec(update(Person).where(col(Person.id) == gone.id).values(active=False))
    for id_, status, code in (
        (second, 404, "person_unknown"),
        (third, 409, "already_granted"),
        (fourth, 409, "roles_apart"),
    ):
        path = f"/approvals/{id_}/approve"
        await refused(client, district, "security", "POST", path, status, code, json={})
    async with district.house.database.transaction() as session:
        mine = col(RoleGrant.person_id) == district["admin"].id
        await session.exec(delete(RoleGrant).where(mine))
    answer = await client.post(f"/approvals/{first}/approve", json={}, headers=district.as_("security"))
    assert (answer.status_code, answer.json()["code"]) == (409, "asker_gone")
    assert await roles(client, district) == []
    no = await client.post(f"/approvals/{first}/refuse", json={}, headers=district.as_("security"))
    assert no.status_code == 200


async def test_what_nobody_decides_lapses(fresh_house: House) -> None:
    district = await plant(fresh_house)
    async with client_of(fresh_house) as client:
        id_ = await asked(client, district)
        with clock.at(NOW + timedelta(hours=24)):
            late = await client.post(f"/approvals/{id_}/approve", json={}, headers=district.as_("security"))
            assert (late.status_code, late.json()["code"]) == (409, "approval_decided")
            again = await asked(client, district)
            assert await lapse_approvals.run(fresh_house, clock.now()) == 0
        later = NOW + timedelta(hours=48)
        with clock.at(later):
            assert await lapse_approvals.run(fresh_house, later) == 1
            assert await lapse_approvals.run(fresh_house, later) == 0
            shown = await client.get(f"/approvals/{again}", headers=district.as_("admin"))
            assert shown.json()["state"] == "lapsed"
            assert await inbox(client, district, "admin") == ["您的申请“授予管理角色”无人审批，已过期"]
            assert await roles(client, district) == []


async def test_the_first_security_administrator_is_given_by_one_and_the_last_stays(
    client: httpx.AsyncClient, district: District
) -> None:
    async with district.house.database.transaction() as session:
        held = col(RoleGrant.person_id) == district["security"].id
        await session.exec(delete(RoleGrant).where(held))
    waiting = await asked(client, district)
    bodies = [grant(district, "security_admin", who) for who in ("security", "stranger")]
    answers = await asyncio.gather(
        *(client.post("/grants", json=body, headers=district.as_("admin")) for body in bodies)
    )
    assert sorted(answer.status_code for answer in answers) == [201, 202]
    first, second = sorted(
        zip(answers, ("security", "stranger"), strict=True), key=lambda one: one[0].status_code
    )
    id_ = first[0].json()["id"]
    await refused(client, district, "admin", "DELETE", f"/grants/{id_}", 409, "last_security_admin")
    for path in (waiting, second[0].json()["id"]):
        yes = await client.post(f"/approvals/{path}/approve", json={}, headers=district.as_(first[1]))
        assert yes.status_code == 200, yes.text
    assert (await client.delete(f"/grants/{id_}", headers=district.as_("admin"))).status_code == 204
    assert await roles(client, district, second[1]) == ["security_admin"]


async def test_staff_are_made_at_once_and_rule_when_another_agrees(
    client: httpx.AsyncClient, district: District
) -> None:
    body = {
        "name": "新督导",
        "phone": "13900000009",
        "username": f"d{district.center.code[-10:]}",
        "password": "Chushi-Mima-2026",
        "role": "supervisor",
        "organisation_id": str(district.office.id),
    }
    made = await client.post("/people", json=body, headers=district.as_("admin"))
    assert made.status_code == 201, made.text
    params = {"person_id": made.json()["id"]}
    assert (await client.get("/grants", params=params, headers=district.as_("admin"))).json()["items"] == []
    path = f"/approvals/{made.json()['approval_id']}/approve"
    assert (await client.post(path, json={}, headers=district.as_("security"))).status_code == 200
    held = (await client.get("/grants", params=params, headers=district.as_("admin"))).json()["items"]
    assert [one["role"] for one in held] == ["supervisor"]
    plain = body | {"username": f"e{district.center.code[-10:]}", "role": "dispatcher"}
    at_once = await client.post("/people", json=plain, headers=district.as_("admin"))
    assert at_once.json()["approval_id"] is None


@pytest.mark.parametrize(("rule", "role", "status"), [("none", "auditor", 201), ("all", "dispatcher", 202)])
async def test_the_place_says_which_grants_take_two(
    client: httpx.AsyncClient, district: District, rule: str, role: str, status: int
) -> None:
    async with district.house.database.transaction() as session:
        place = await session.get_one(Organisation, district.center.id)
        place.policy = {"approvals": {"grants": rule}}
    made = await client.post("/grants", json=grant(district, role), headers=district.as_("admin"))
    assert made.status_code == status


async def test_a_yes_is_for_who_asked_about_this_and_for_its_hours(district: District) -> None:
    """What a reveal asks (MINOR): the machinery, called as its service calls it."""
    database, subject = district.house.database, district.team.id
    actors = [
        Actor(district[name].id, (Held(Role.DISPATCHER, district.center.path),))
        for name in ("dispatcher", "helper")
    ]
    security = Actor(district["security"].id, (Held(Role.SECURITY_ADMIN, district.center.path),))
    async with database.transaction() as session:
        wish = await approvals.ask(
            session,
            actors[0],
            ApprovalKind.MINOR,
            org_path=district.station.path,
            subject_id=subject,
            wanted={"order_id": str(subject)},
            reason="联系家长",
            at=NOW,
        )
        assert await approvals.granted(session, actors[0], ApprovalKind.MINOR, subject, NOW) is None
    later = NOW + timedelta(hours=20)
    async with database.transaction() as session:
        await approvals.decide(session, security, wish.id, True, "", later)
    async with database.transaction() as session:
        for actor, kind, subject_id, at, holds in (
            (actors[0], ApprovalKind.MINOR, subject, later + timedelta(hours=23), True),
            (actors[0], ApprovalKind.MINOR, subject, later + timedelta(hours=24), False),
            (actors[0], ApprovalKind.EXPORT, subject, later, False),
            (actors[0], ApprovalKind.MINOR, district.center.id, later, False),
            (actors[1], ApprovalKind.MINOR, subject, later, False),
        ):
            found = await approvals.granted(session, actor, kind, subject_id, at)
            assert (found is not None) is holds
        (kept,) = await session.exec(visible(Approval, SYSTEM).where(col(Approval.id) == wish.id))
        assert (kept.state, kept.wanted) == (ApprovalState.APPROVED, {"order_id": str(subject)})
