"""Webhooks are made, seen and ended by who looks after the channels of a place, and lead outside."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx

from app.house import House
from app.models.webhook import Webhook
from app.services import feed
from app.services.access import SYSTEM
from app.services.scope import visible
from tests.conftest import client_of
from tests.factories import District, plant

AT = "/webhooks"


def body(district: District, **changes: Any) -> dict[str, Any]:
    return {"organisation_id": str(district.office.id), "url": "https://hooks.example/sidan"} | changes


async def made(client: httpx.AsyncClient, district: District) -> dict[str, Any]:
    answer = await client.post(AT, json=body(district), headers=district.as_("admin"))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def rows(house: House, district: District) -> list[Webhook]:
    async with house.database.transaction() as session:
        mine = visible(Webhook, SYSTEM).where(Webhook.organisation_id == district.office.id)
        return list(await session.exec(mine))


async def test_its_secret_is_shown_once(client: httpx.AsyncClient, house: House, district: District) -> None:
    hook = await made(client, district)
    secret = hook.pop("secret")
    assert len(secret) > 40
    async with house.database.reading() as session:
        assert hook["position"] == await feed.last(session)
    assert (await client.get(f"{AT}/{hook['id']}", headers=district.as_("admin"))).json() == hook
    page = (await client.get(AT, headers=district.as_("admin"))).json()
    assert page == {"items": [hook], "next_cursor": None}
    assert (await made(client, district))["secret"] != secret


async def test_a_change_is_tried_at_once_from_where_it_stood(
    client: httpx.AsyncClient, house: House, district: District
) -> None:
    hook = await made(client, district)
    async with house.database.transaction() as session:
        row = (await session.exec(visible(Webhook, SYSTEM).where(Webhook.id == UUID(hook["id"])))).one()
        row.sqlmodel_update(
            {"active": False, "failures": 9, "failing_since": row.created_at, "last_error": "x"}
        )
    changed = {"active": True, "url": "https://other.example:8443/x?y=1", "actions": ["accept"]}
    answer = await client.patch(f"{AT}/{hook['id']}", json=changed, headers=district.as_("admin"))
    assert answer.json() == {k: v for k, v in hook.items() if k != "secret"} | changed


async def test_deleted_it_is_gone(client: httpx.AsyncClient, house: House, district: District) -> None:
    hook = await made(client, district)
    for status in (204, 404):
        answer = await client.delete(f"{AT}/{hook['id']}", headers=district.as_("admin"))
        assert answer.status_code == status
    assert await rows(house, district) == []


async def test_nobody_else_makes_sees_or_ends_one(
    client: httpx.AsyncClient, house: House, district: District
) -> None:
    hook, other = await made(client, district), await plant(house)
    for where, who, status in (
        (district, "dispatcher", 403),
        (district, "supervisor", 403),
        (district, "resident", 403),
        (other, "admin", 404),
    ):
        headers = where.as_(who)
        assert (await client.post(AT, json=body(district), headers=headers)).status_code == status
        assert (await client.get(AT, headers=headers)).json()["items"] == []
        for method in ("GET", "PATCH", "DELETE"):
            json = {"active": False} if method == "PATCH" else None
            answer = await client.request(method, f"{AT}/{hook['id']}", json=json, headers=headers)
            assert answer.status_code == 404
    assert [row.active for row in await rows(house, district)] == [True]


INSIDE = """
http://hooks.example/ https://127.0.0.1/ https://[::1]/ https://[::ffff:10.0.0.1]/ https://2130706433/ https://169.254.169.254/
https://user@hooks.example/ https://hooks.example/#part https://hooks.example:0/ https://hooks.example:99999/
https://127.1/ https://0x7f.0.0.1/ https://0177.0.0.1/ https://017700000001/ https://0x7f000001/ https://0/ https://[::]/
https://[::ffff:7f00:1]/ https://[64:ff9b::7f00:1]/ https://[fe80::1%25eth0]/ https://hooks.example\\@127.0.0.1/ https://１２７.0.0.1/
https://127.0.0.1.:443/ https://127.0.0.1%2f@hooks.example/ file:/etc/passwd data:text/plain,x
ftp://hooks.example/ gopher://hooks.example/ https:///x hooks.example //hooks.example/ https://钩子.example/
"""


async def test_an_address_that_cannot_be_called_is_refused(
    client: httpx.AsyncClient, house: House, district: District
) -> None:
    hook = await made(client, district)
    for url in INSIDE.split():
        for method, path in (("POST", AT), ("PATCH", f"{AT}/{hook['id']}")):
            sent = body(district, url=url) if method == "POST" else {"url": url}
            refused = await client.request(method, path, json=sent, headers=district.as_("admin"))
            assert (refused.status_code, refused.json()["code"]) == (422, "webhook_url_refused"), url
    (row,) = await rows(house, district)
    assert row.url == hook["url"]


async def test_in_development_it_may_stay_inside(house: House, district: District) -> None:
    open_house = replace(house, settings=house.settings.model_copy(update={"webhooks_inside": True}))
    async with client_of(open_house) as client:
        sent = body(district, url="http://127.0.0.1:8080/hook")
        answer = await client.post(AT, json=sent, headers=district.as_("admin"))
    assert answer.status_code == 201


async def test_a_malformed_one_is_refused(client: httpx.AsyncClient, district: District) -> None:
    wrongs: list[dict[str, Any]] = [
        {"actions": ["fly"]},
        {"url": "x" * 501},
        {"secret": "mine"},
        {"url": None},
    ]
    for wrong in wrongs:
        refused = await client.post(AT, json=body(district, **wrong), headers=district.as_("admin"))
        assert refused.status_code == 422, wrong
