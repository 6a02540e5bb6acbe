"""The trail tells who did what; the database keeps it; and whoever changes it behind its back is found out."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import func, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from app import clock
from app.house import House
from app.jobs import chain_audit, forget_audit
from app.models.audit import AuditChain, AuditEntry
from app.models.base import new_id
from app.models.organisation import Organisation
from app.services import audit_chain, auditing
from app.services.access import SYSTEM
from app.services.scope import visible
from app.services.verify import verify
from tests.conftest import client_of
from tests.factories import NOW, District, plant
from tests.scope.counting import statements

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


async def entries(house: House, *where: Any) -> list[AuditEntry]:
    async with house.database.reading() as session:
        return list(
            await session.exec(visible(AuditEntry, SYSTEM).where(*where).order_by(col(AuditEntry.id)))
        )


async def of(district: District, name: str) -> list[tuple[str, str, UUID | None]]:
    """What the trail tells of somebody: act, result, object."""
    found = await entries(district.house, col(AuditEntry.actor_id) == district[name].id)
    return [(one.act, one.result, one.object_id) for one in found]


async def write(house: House, count: int, at: datetime = NOW) -> list[AuditEntry]:
    """So many entries of nobody, written at `at`."""
    with clock.at(at):
        async with house.database.transaction() as session:
            for number in range(count):
                auditing.record(session, None, f"act_{number}", reason="为了查验", data={"nummer": number})
    return await entries(house)


async def run(house: House, *lines: str) -> None:
    async with house.database.engine.begin() as connection:
        for line in lines:
            await connection.execute(text(line))


async def behind_its_back(house: House, *lines: str) -> None:
    """As somebody who owns the database could: the guards asleep."""
    if house.database.postgresql:
        off = [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in ("audit_entry", "audit_chain")]
        await run(house, *off, *lines)
    else:
        names = ("audit_entry_changed", "audit_entry_deleted", "audit_chain_changed")
        await run(house, *(f"DROP TRIGGER {name}" for name in names), *lines)


async def broken(house: House) -> Sequence[str]:
    return [f"{one.subject} {one.text}" for one in await verify(house.database) if one.rule == "audit_chain"]


async def test_what_staff_do_is_told_and_what_residents_do_is_not(
    client: httpx.AsyncClient, district: District
) -> None:
    body = {"person_id": str(district["neighbour"].id), "role": "dispatcher"}
    body["organisation_id"] = str(district.office.id)
    made = await client.post("/grants", json=body, headers=district.as_("admin"))
    await client.delete(f"/grants/{made.json()['id']}", headers=district.as_("admin"))
    grant_id = UUID(made.json()["id"])
    assert await of(district, "admin") == [
        ("grant_create", "done", grant_id),
        ("grant_delete", "done", grant_id),
    ]
    given, taken = await entries(district.house, col(AuditEntry.actor_id) == district["admin"].id)
    assert given.org_path == taken.org_path == district.office.path
    assert given.data == body == taken.data | {"organisation_id": body["organisation_id"]}
    assert (given.sign_in_id, given.object_kind) == (district.sign_ins[district["admin"].id].id, "grant")
    assert given.address == "127.0.0.1"
    assert given.request_id == made.headers["x-request-id"]
    placed = await client.post("/orders", json=district.order_body(), headers=district.as_("resident"))
    order_id = placed.json()["id"]
    await client.post(f"/orders/{order_id}/urge", headers=district.as_("resident"))
    assert await of(district, "resident") == []
    await client.post(f"/orders/{order_id}/approve", json={}, headers=district.as_("dispatcher"))
    assert await of(district, "dispatcher") == [("order_approve", "done", UUID(order_id))]
    (approved,) = await entries(district.house, col(AuditEntry.actor_id) == district["dispatcher"].id)
    assert (approved.object_kind, approved.org_path) == ("order", district.station.path)


async def test_a_refusal_is_told_though_it_was_rolled_back(
    client: httpx.AsyncClient, district: District
) -> None:
    somebody = uuid4()
    answers = [
        await client.delete(f"/grants/{somebody}", headers=district.as_("supervisor")),
        await client.get(f"/volunteers/{somebody}", headers=district.as_("supervisor")),
        await client.get("/people", params={"name": "张阿婆"}, headers=district.as_("resident")),
        await client.get(f"/volunteers/{somebody}", headers=district.as_("resident")),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 403, 404]
    assert await of(district, "supervisor") == [
        ("grant_delete", "not_found", somebody),
        ("volunteer_get", "not_found", somebody),
    ]
    assert await of(district, "resident") == [("people_list", "forbidden", None)]
    (searched,) = await entries(district.house, col(AuditEntry.actor_id) == district["resident"].id)
    assert searched.data == {"by": ["name"]}


async def test_reading_personal_data_is_told_with_whose(
    client: httpx.AsyncClient, district: District
) -> None:
    headers = district.as_("admin")
    found = await client.get("/people", params={"name": "测试neighbour"}, headers=headers)
    register = await client.get("/volunteers", headers=headers)
    one = register.json()["items"][0]["id"]
    await client.get(f"/volunteers/{one}", headers=headers)
    await client.get("/grants", headers=headers)
    searched, listed, seen = await entries(district.house, col(AuditEntry.actor_id) == district["admin"].id)
    assert (searched.act, listed.act, seen.act) == ("people_list", "volunteers_list", "volunteer_get")
    assert searched.data == {"by": ["name"], "saw": [person["id"] for person in found.json()["items"]]}
    assert listed.data == {"saw": [row["person_id"] for row in register.json()["items"]]}
    assert seen.object_id == UUID(one)


async def test_a_token_of_a_sign_in_that_has_ended_is_told_of_staff_only(
    client: httpx.AsyncClient, district: District
) -> None:
    for name in ("dispatcher", "resident"):
        headers = district.as_(name)
        async with district.house.database.transaction() as session:
            sign_in = district.sign_ins[district[name].id]
            session.add(sign_in)
            sign_in.revoked_at = NOW
        assert (await client.get("/me", headers=headers)).status_code == 401
    assert await of(district, "dispatcher") == [("me_get", "unauthenticated", None)]
    assert await of(district, "resident") == []


async def test_staff_who_order_for_others_are_told_of(client: httpx.AsyncClient, district: District) -> None:
    for_another = district.order_body(
        beneficiary={"name": "李奶奶", "kind": "elderly", "relation": "staff", "consent": "verbal"}
    )
    placed = await client.post("/orders", json=for_another, headers=district.as_("grid_worker"))
    assert placed.status_code == 201, placed.text
    refused = await client.post("/orders", json=for_another, headers=district.as_("resident"))
    assert refused.status_code == 403
    assert await of(district, "grid_worker") == [("order_place", "done", UUID(placed.json()["id"]))]
    assert await of(district, "resident") == [("order_place", "forbidden", None)]


async def test_an_answer_given_again_is_not_told_twice(client: httpx.AsyncClient, district: District) -> None:
    body = {
        "person_id": str(district["neighbour"].id),
        "role": "dispatcher",
        "organisation_id": str(district.office.id),
    }
    for _ in range(2):
        await client.post("/grants", json=body, headers=district.as_("admin", key="the-same-key"))
    assert len(await of(district, "admin")) == 1


async def test_the_database_refuses_to_change_or_delete_what_the_trail_tells(fresh_house: House) -> None:
    young, old = datetime.now(UTC), LONG_AGO
    await write(fresh_house, 1, old)
    await write(fresh_house, 2, young)
    await chain_audit.run(fresh_house, NOW)
    refused = (
        "UPDATE audit_entry SET act = 'nothing'",
        "UPDATE audit_entry SET result = 'done', actor_id = NULL, org_path = '/elsewhere/'",
        "UPDATE audit_entry SET created_at = '2020-01-01 00:00:00+00' WHERE seq = 3",
        "UPDATE audit_entry SET seq = 9 WHERE seq = 3",
        "UPDATE audit_entry SET chain = 'another'",
        "UPDATE audit_entry SET seq = NULL, chain = NULL",
        "DELETE FROM audit_entry WHERE seq = 1",
        "DELETE FROM audit_entry",
        "UPDATE audit_chain SET last = 2",
        "UPDATE audit_chain SET forgotten = 4",
        "DELETE FROM audit_chain",
    )
    emptied = ("TRUNCATE audit_entry", "TRUNCATE audit_chain") if fresh_house.database.postgresql else ()
    for line in (*refused, *emptied):
        with pytest.raises(IntegrityError, match=r"append-only|only goes forward"):
            await run(fresh_house, line)
    await run(fresh_house, "UPDATE audit_chain SET forgotten = 2")
    with pytest.raises(IntegrityError, match="append-only"):
        await run(fresh_house, "DELETE FROM audit_entry WHERE seq = 2")
    await run(fresh_house, "DELETE FROM audit_entry WHERE seq = 1", "UPDATE audit_entry SET reason = reason")
    assert len(await entries(fresh_house)) == 2


async def test_two_who_link_at_once_make_one_chain(fresh_house: House) -> None:
    await write(fresh_house, 40)
    await asyncio.gather(*(audit_chain.extend(fresh_house.database, 15) for _ in range(4)))
    await chain_audit.run(fresh_house, NOW)
    assert await chain_audit.run(fresh_house, NOW) == 0
    assert sorted(one.seq or 0 for one in await entries(fresh_house)) == list(range(1, 41))
    assert await broken(fresh_house) == []


COPY = """
    INSERT INTO audit_entry (id, created_at, act, result, org_path, object_kind, reason, address, data, request_id,
        seq, chain)
    SELECT '{id}', created_at, act, result, org_path, object_kind, reason, address, data, request_id,
        {seq}, 'made up' FROM audit_entry WHERE seq = 11
"""
HARM = {
    "changed": (["UPDATE audit_entry SET act = 'nothing' WHERE seq = 12"], "12 条：记录的内容"),
    "resealed": (["UPDATE audit_entry SET data = reason WHERE seq = 12"], "12 条：记录的密文"),
    "emptied": (["UPDATE audit_entry SET reason = '' WHERE seq = 12"], "12 条：记录的"),
    "removed": (["DELETE FROM audit_entry WHERE seq = 12"], "12 条：记录已被删除"),
    "beheaded": (["DELETE FROM audit_entry WHERE seq = 1"], "1 条：记录已被删除"),
    "cut": (["DELETE FROM audit_entry WHERE seq > 18"], "19 条：链尾"),
    "reordered": (
        [
            "UPDATE audit_entry SET seq = 100 WHERE seq = 11",
            "UPDATE audit_entry SET seq = 11 WHERE seq = 13",
            "UPDATE audit_entry SET seq = 13 WHERE seq = 100",
        ],
        "11 条：记录的内容",
    ),
    "inserted": (
        [
            "UPDATE audit_entry SET seq = seq + 1000 WHERE seq > 11",
            "UPDATE audit_entry SET seq = seq - 999 WHERE seq > 1000",
            COPY.replace("{seq}", "12"),
        ],
        "12 条：记录的内容",
    ),
    "added": ([COPY.replace("{seq}", "21")], "21 条：记录的内容"),
}


async def test_whatever_is_done_to_the_trail_is_found_at_its_place(fresh_house: House) -> None:
    house = fresh_house
    await write(house, 20)
    await chain_audit.run(house, NOW)
    assert await broken(house) == []
    await behind_its_back(house)
    engine, found = house.database.engine, {}
    for name, (lines, _) in HARM.items():
        async with house.database.transaction() as session:
            connection = await session.connection()
            for line in lines:
                id_ = new_id()
                named = line.replace("{id}", str(id_) if engine.dialect.name == "postgresql" else id_.hex)
                await connection.execute(text(named))
            harm = await audit_chain.check(session)
            near = await audit_chain.check(session, newest=12)
            await session.rollback()
        found[name] = harm and f"{harm.seq} 条：{harm.text}"
        assert name == "beheaded" or near == harm, name
    assert {name: told for name, (_, told) in HARM.items() if told not in (found[name] or "")} == {}
    await run(house, *HARM["removed"][0])
    assert await broken(house) == ["audit_entry 审计链第 12 条：记录已被删除"]


async def test_the_trail_is_kept_as_long_as_the_most_careful_place_asks(fresh_house: House) -> None:
    house = fresh_house
    careful, other = await plant(house), await plant(house)
    async with house.database.transaction() as session:
        for district, days in ((careful, 400), (other, 200)):
            place = await session.get_one(Organisation, district.center.id)
            place.policy = {"retention": {"audit_days": days}}
    await write(house, 5, LONG_AGO)
    await write(house, 5, LONG_AGO + timedelta(days=100))
    assert await forget_audit.run(house, LONG_AGO + timedelta(days=5000)) == 0
    await chain_audit.run(house, NOW)
    assert await forget_audit.run(house, LONG_AGO + timedelta(days=399)) == 0
    assert await forget_audit.run(house, LONG_AGO + timedelta(days=401), 3) == 3
    assert await forget_audit.run(house, LONG_AGO + timedelta(days=401), 3) == 2
    assert await forget_audit.run(house, LONG_AGO + timedelta(days=401), 3) == 0
    assert await broken(house) == []
    await write(house, 3)
    await chain_audit.run(house, NOW)
    assert await broken(house) == []
    async with house.database.reading() as session:
        chain = (await session.exec(select(AuditChain))).one()
        (count,) = await session.exec(select(func.count()).select_from(AuditEntry))
    assert (chain.forgotten, chain.last, count) == (5, 13, 8)
    assert await forget_audit.run(house, LONG_AGO + timedelta(days=501), 100) == 5
    assert await broken(house) == []
    await behind_its_back(house, "DELETE FROM audit_entry WHERE seq = 11")
    assert await broken(house) == ["audit_entry 审计链第 11 条：记录已被删除"]


async def test_auditors_read_the_trail_of_their_places_and_are_told_of_themselves(
    client: httpx.AsyncClient, district: District
) -> None:
    foreign = await plant(district.house)
    for center in (district, foreign):
        headers = center.as_("admin")
        await client.get("/people", params={"name": "测试neighbour"}, headers=headers)
        await client.put(f"/policies/{center.center.id}", json={}, headers=headers)

    async def read(**params: str) -> list[tuple[str, str]]:
        answer = await client.get("/audit-entries", params=params, headers=district.as_("auditor"))
        assert answer.status_code == 200, answer.text
        assert {one["org_path"][:14] for one in answer.json()["items"]} <= {district.center.path[:14]}
        return [(one["act"], one["actor"]) for one in answer.json()["items"]]

    assert await read(limit="1") == [("policy_replace", "测**")]
    assert await read(actor_id=str(district["admin"].id)) == [
        ("policy_replace", "测**"),
        ("people_list", "测**"),
    ]
    assert await read(actor_id=str(foreign["admin"].id)) == []
    assert await read(object_id=str(foreign.center.id)) == []
    assert await read(act="people_list", result="done", since="2026-11-23T00:00:00Z") == [
        ("people_list", "测**")
    ]
    assert await read(until="2026-11-23T00:00:00Z") == []
    assert [act for act, *_ in await of(district, "auditor")] == ["audit_entries_list"] * 6
    for who in ("admin", "supervisor", "security", "dispatcher", "resident"):
        for path in ("/audit-entries", "/audit-chain"):
            answer = await client.get(path, headers=district.as_(who))
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_the_auditor_sees_whether_the_newest_links_fit(fresh_house: House) -> None:
    district = await plant(fresh_house)
    async with client_of(fresh_house) as client:

        async def told() -> dict[str, Any]:
            answer = await client.get("/audit-chain", headers=district.as_("auditor"))
            assert answer.status_code == 200, answer.text
            return dict(answer.json())

        assert await told() == {"head": "", "sound": True, "checked": 1000, "waiting": False}
        await write(fresh_house, 3)
        assert (await told())["waiting"]
        await chain_audit.run(fresh_house, NOW)
        (*_, last) = await entries(fresh_house)
        assert await told() == {"head": last.chain, "sound": True, "checked": 1000, "waiting": False}
        await behind_its_back(fresh_house, "UPDATE audit_entry SET act = 'nothing' WHERE seq = 2")
        assert not (await told())["sound"]


async def test_the_trail_costs_residents_nothing_and_staff_one_row(
    client: httpx.AsyncClient, district: District
) -> None:
    async def told(who: str, method: str, path: str) -> list[str]:
        with statements(district.house) as sent:
            answer = await client.request(
                method, path, json={"reason": "不需要了"}, headers=district.as_(who)
            )
        assert answer.status_code == 200, answer.text
        return [one for one in sent if "audit_" in one]

    placed = [
        (await client.post("/orders", json=district.order_body(), headers=district.as_("resident"))).json()[
            "id"
        ]
        for _ in range(2)
    ]
    assert await told("resident", "POST", f"/orders/{placed[0]}/cancel") == []
    assert await told("resident", "GET", "/orders") == []
    assert await told("dispatcher", "GET", "/orders") == []
    (one,) = await told("dispatcher", "POST", f"/orders/{placed[1]}/cancel")
    assert one.startswith("INSERT INTO audit_entry")
