"""Files with personal data: by two, by who asked, within hours and reach; marked, masked, and told."""

import csv
import json
from datetime import date, timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import delete
from sqlmodel import col

from app import clock
from app.domain.roles import Role
from app.domain.sheet import BOM, defused, mark_in
from app.models.audit import AuditEntry
from app.models.organisation import Organisation
from app.models.person import Person, RoleGrant
from app.services import tracing
from app.services.access import SYSTEM
from app.services.scope import visible
from app.services.tracing import Traced
from tests.center import refused
from tests.factories import NOW, District


def wanted(district: District, **changes: Any) -> dict[str, Any]:
    body = {
        "kind": "volunteers",
        "organisation_id": str(district.center.id),
        "reason": "报送年度志愿者名册",
        "format": "csv",
    }
    return body | changes


async def allowed(client: httpx.AsyncClient, district: District, who: str = "admin", **changes: Any) -> str:
    """The id of an export that `who` asked for and the security administrator allowed."""
    asked = await client.post("/exports", json=wanted(district, **changes), headers=district.as_(who))
    assert (asked.status_code, asked.json()["state"]) == (201, "asked"), asked.text
    path = f"/approvals/{asked.json()['id']}/approve"
    yes = await client.post(path, json={"note": "同意"}, headers=district.as_("security"))
    assert yes.status_code == 200, yes.text
    return str(asked.json()["id"])


async def fetched(
    client: httpx.AsyncClient, district: District, id_: str, who: str = "admin"
) -> httpx.Response:
    answer = await client.get(f"/exports/{id_}/file", headers=district.as_(who))
    assert answer.status_code == 200, answer.text
    return answer


def sheet(answer: httpx.Response) -> tuple[str, list[dict[str, str]]]:
    """The watermark, and the rows by their headings."""
    text = answer.content.decode()
    assert text.startswith(BOM)
    (watermark,), headings, *rows = csv.reader(StringIO(text.removeprefix(BOM)))
    return watermark, [dict(zip(headings, row, strict=True)) for row in rows]


async def downloads(district: District) -> list[AuditEntry]:
    async with district.house.database.reading() as session:
        found = visible(AuditEntry, SYSTEM).where(
            col(AuditEntry.act) == "export_file_get",
            col(AuditEntry.org_path).startswith(district.center.path),
        )
        return list(await session.exec(found.order_by(col(AuditEntry.id))))


async def traced(district: District, line: str) -> list[Traced]:
    mark = mark_in(line)
    assert mark
    async with district.house.database.transaction() as session:
        return await tracing.trace(session, mark)


async def put(district: District, who: str, **columns: Any) -> None:
    async with district.house.database.transaction() as session:
        person = await session.get_one(Person, district[who].id)
        person.sqlmodel_update(columns)


async def test_a_register_is_masked_marked_and_told(
    client: httpx.AsyncClient, district: District, foreign: District
) -> None:
    await put(district, "volunteer", name="=HYPERLINK(1)")
    await put(district, "helper", birth_date=date(2012, 5, 1))
    id_ = await allowed(client, district)
    answer = await fetched(client, district, id_)
    watermark, rows = sheet(answer)
    for told in (id_.replace("-", ""), "测试admin", "报送年度志愿者名册", "2026-11-23 09:00", "共 5 行"):
        assert told in watermark
    assert answer.headers["cache-control"] == "no-store"
    assert id_.replace("-", "") in answer.headers["content-disposition"]
    assert sorted(row["姓名"] for row in rows) == [
        "'=HYPERLINK(1)",
        "测试helper",
        "测试leader",
        "测试other_leader",
        "测试outsider",
    ]
    assert {row["电话"] for row in rows if row["姓名"] != "测试helper"} == {"138****0001"}
    assert [row["导出标记"] for row in rows] == [f"{id_[-12:]}-{number:06d}" for number in range(1, 6)]
    (told_of,) = await downloads(district)
    assert (told_of.actor_id, str(told_of.object_id), told_of.data["rows"]) == (district["admin"].id, id_, 5)
    (found,) = await traced(district, f"{rows[-1]['导出标记']},{rows[-1]['姓名']}")
    assert (str(found.export_id), found.wanted.reason) == (id_, "报送年度志愿者名册")
    assert (found.asked_by, found.allowed_by) == ("测试admin", "测试security")
    assert [(one.name, one.rows) for one in found.fetches] == [("测试admin", 5)]
    assert await traced(district, "c0ffee001122-000001") == []
    whole = sheet(await fetched(client, district, await allowed(client, district, whole=True)))[1]
    assert {row["姓名"]: row["电话"] for row in whole} == {
        row["姓名"]: "（未成年人，不导出）" if row["姓名"] == "测试helper" else "13800000001" for row in rows
    }


async def test_orders_show_no_child_and_only_the_own_part_of_the_tree(
    client: httpx.AsyncClient, district: District, foreign: District
) -> None:
    plain = await client.post("/orders", json=district.order_body(), headers=district.as_("resident"))
    child = await client.post(
        "/orders", json=district.order_body(circumstances=["minor"]), headers=district.as_("neighbour")
    )
    assert (plain.status_code, child.status_code) == (201, 201), plain.text + child.text
    body = foreign.order_body()
    assert (await client.post("/orders", json=body, headers=foreign.as_("resident"))).status_code == 201
    id_ = await allowed(client, district, "supervisor", kind="orders", format="jsonl", whole=True)
    head, *lines = (await fetched(client, district, id_, "supervisor")).text.splitlines()
    assert id_.replace("-", "") in json.loads(head)["watermark"]
    rows = {row["id"]: row for row in map(json.loads, lines)}
    assert rows.keys() == {answer.json()["id"].replace("-", "") for answer in (plain, child)}
    mine = rows[plain.json()["id"].replace("-", "")]
    assert (mine["contact"], mine["phone"], mine["address"]) == ("张阿婆", "13800000001", "松岭社区3栋201")
    theirs = rows[child.json()["id"].replace("-", "")]
    assert {theirs[key] for key in ("contact", "phone", "served", "address")} == {"（未成年人，不导出）"}
    masked = await allowed(client, district, kind="orders", since="2026-11-01T00:00:00+08:00")
    (_, rows_) = sheet(await fetched(client, district, masked))
    assert {(row["联系人"], row["联系电话"], row["地址"]) for row in rows_} == {
        ("张**", "138****0001", "松岭社区"),
        ("（未成年人，不导出）",) * 3,
    }
    later = await allowed(client, district, kind="orders", since="2026-12-01T00:00:00+08:00")
    assert sheet(await fetched(client, district, later))[1] == []


async def test_a_file_is_for_who_asked_while_it_holds(
    client: httpx.AsyncClient, district: District, foreign: District
) -> None:
    asked = await client.post("/exports", json=wanted(district), headers=district.as_("admin"))
    path, decision = f"/exports/{asked.json()['id']}/file", f"/approvals/{asked.json()['id']}"
    await refused(client, district, "admin", "GET", path, 409, "export_not_open")
    await refused(client, district, "admin", "POST", "/exports", 409, "already_asked", json=wanted(district))
    await refused(
        client, district, "admin", "POST", f"{decision}/approve", 403, "decided_by_another", json={}
    )
    await refused(client, district, "supervisor", "POST", f"{decision}/approve", 404, "not_found", json={})
    yes = await client.post(f"{decision}/approve", json={}, headers=district.as_("security"))
    assert yes.status_code == 200
    for who in ("supervisor", "security", "auditor", "resident"):
        await refused(client, district, who, "GET", path, 404, "not_found")
    answer = await client.get(path, headers=foreign.as_("admin"))
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    await fetched(client, district, asked.json()["id"])
    with clock.at(NOW + timedelta(hours=25)):
        await refused(client, district, "admin", "GET", path, 409, "export_not_open")
    async with district.house.database.transaction() as session:
        mine = col(RoleGrant.person_id) == district["admin"].id
        await session.exec(delete(RoleGrant).where(mine, col(RoleGrant.role) == Role.ORG_ADMIN))
    answer = await client.get(path, headers=district.as_("admin"))
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    told = [(one.actor_id, one.result) for one in await downloads(district)]
    assert told.count((district["admin"].id, "done")) == 1
    assert (district["supervisor"].id, "not_found") in told


@pytest.mark.parametrize("who", ["resident", "dispatcher", "auditor", "security", "leader"])
async def test_only_who_may_make_exports_asks(
    client: httpx.AsyncClient, district: District, who: str
) -> None:
    await refused(client, district, who, "POST", "/exports", 403, "forbidden", json=wanted(district))


async def test_a_place_may_let_one_person_export_but_never_whole(
    client: httpx.AsyncClient, district: District
) -> None:
    async with district.house.database.transaction() as session:
        place = await session.get_one(Organisation, district.center.id)
        place.policy = {"approvals": {"exports": False}}
    asked = await client.post("/exports", json=wanted(district), headers=district.as_("admin"))
    assert asked.json()["state"] == "spared"
    await fetched(client, district, asked.json()["id"])
    whole = await client.post("/exports", json=wanted(district, whole=True), headers=district.as_("admin"))
    assert whole.json()["state"] == "asked"
    async with district.house.database.transaction() as session:
        place = await session.get_one(Organisation, district.center.id)
        place.policy = {}
    path = f"/exports/{asked.json()['id']}/file"
    await refused(client, district, "admin", "GET", path, 409, "export_not_open")


async def test_the_auditor_takes_the_trail_along_and_nothing_else(
    client: httpx.AsyncClient, district: District
) -> None:
    await refused(
        client, district, "admin", "POST", "/exports", 403, "forbidden", json=wanted(district, kind="audit")
    )
    id_ = await allowed(client, district, "auditor", kind="audit")
    _, rows = sheet(await fetched(client, district, id_, "auditor"))
    told = [(row["操作"], row["结果"]) for row in rows]
    assert told == [("export_create", "forbidden"), ("export_create", "done"), ("approval_approve", "done")]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": "people"}, "invalid_request"),
        ({"reason": "x"}, "invalid_request"),
        ({"format": "xlsx"}, "invalid_request"),
        ({"asked_by_id": str(uuid4())}, "invalid_request"),
        (
            {"since": "2026-11-02T00:00:00+08:00", "until": "2026-11-01T00:00:00+08:00"},
            "time_backwards",
        ),
    ],
)
async def test_bad_input_asks_for_nothing(
    client: httpx.AsyncClient, district: District, changes: dict[str, Any], code: str
) -> None:
    await refused(client, district, "admin", "POST", "/exports", 422, code, json=wanted(district, **changes))


@pytest.mark.parametrize("cell", ["=1+1", "+86", "-1", "@SUM(A1)", "\tx", "\r=1", "＝1"])
def test_no_cell_runs(cell: str) -> None:
    assert defused(cell) == "'" + cell
    assert [defused(plain) for plain in ("张", 1, None, "a=1")] == ["张", "1", "", "a=1"]
