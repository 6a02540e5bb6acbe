"""My inbox: mine, the desk's where I dispatch, nobody else's; page by page, as sentences."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from app import clock
from app.domain.lifecycle import OrderStatus
from app.house import House
from app.models.base import new_id
from app.models.notification import Notification
from tests.accounts import order_of, save
from tests.factories import NOW, District


def notice(kind: str, audience: str, **to: Any) -> Notification:
    data = {"title": "家庭保洁", "reason": "近期无人", "audience": audience}
    return Notification(kind=kind, data=data, dedupe_key=new_id().hex, **to)


async def test_a_notice_is_a_sentence_about_an_order(
    client: httpx.AsyncClient, house: House, district: District
) -> None:
    order = order_of(district, "resident", OrderStatus.REJECTED)
    sent = notice("reject", "resident", person_id=district["resident"].id, order_id=order.id)
    await save(house, order, sent)
    page = (await client.get("/me/inbox", headers=district.as_("resident"))).json()
    assert page == {
        "items": [
            {
                "id": str(sent.id),
                "created_at": "2026-11-23T01:00:00Z",
                "due_at": "2026-11-23T01:00:00Z",
                "kind": "reject",
                "text": "您的点单“家庭保洁”未能受理：近期无人",
                "order_id": str(order.id),
                "read_at": None,
            }
        ],
        "next_cursor": None,
    }


async def test_pages_are_newest_first_and_meet_without_gap_or_overlap(
    client: httpx.AsyncClient, house: House, district: District
) -> None:
    sent = [notice("accept", "resident", person_id=district["resident"].id) for _ in range(7)]
    await save(house, *sent)
    headers, seen, sizes = district.as_("resident"), [], []
    cursor: str | None = ""
    while cursor is not None:
        query = {"limit": "3"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/me/inbox", params=query, headers=headers)).json()
        seen += [item["id"] for item in page["items"]]
        sizes.append(len(page["items"]))
        cursor = page["next_cursor"]
    assert seen == [str(one.id) for one in reversed(sent)]
    assert sizes == [3, 3, 1]


async def test_a_full_last_page_has_no_next(
    client: httpx.AsyncClient, house: House, district: District
) -> None:
    await save(house, *(notice("accept", "resident", person_id=district["resident"].id) for _ in range(3)))
    page = await client.get("/me/inbox?limit=3", headers=district.as_("resident"))
    assert page.json()["next_cursor"] is None


async def test_reading_once_keeps_the_first_time(
    client: httpx.AsyncClient, house: House, district: District
) -> None:
    first, second = (notice("accept", "resident", person_id=district["resident"].id) for _ in range(2))
    await save(house, first, second)
    headers = district.as_("resident")
    for minutes in (1, 2):
        with clock.at(NOW + timedelta(minutes=minutes)):
            read = await client.post(f"/me/inbox/{first.id}/read", headers=headers)
        assert read.json()["read_at"] == "2026-11-23T01:01:00Z"

    async def ids(query: str) -> list[str]:
        found = (await client.get(f"/me/inbox{query}", headers=headers)).json()["items"]
        return [item["id"] for item in found]

    assert await ids("?unread=true") == [str(second.id)]
    assert await ids("?unread=false") == [str(first.id)]
    assert await ids("") == [str(second.id), str(first.id)]


async def test_the_desk_reads_its_notices_together_and_nobody_elses(
    client: httpx.AsyncClient, house: House, district: District
) -> None:
    desk = notice("submit", "staff", org_path=district.station.path)
    private = notice("accept", "resident", person_id=district["resident"].id)
    await save(house, desk, private)
    found = (await client.get("/me/inbox", headers=district.as_("dispatcher"))).json()["items"]
    assert [item["text"] for item in found] == ["有新的点单“家庭保洁”，请审核"]
    for name in ("resident", "supervisor", "leader", "outsider"):
        shown = (await client.get("/me/inbox", headers=district.as_(name))).json()["items"]
        assert str(desk.id) not in [item["id"] for item in shown]
        refused = await client.post(f"/me/inbox/{desk.id}/read", headers=district.as_(name))
        assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    refused = await client.post(f"/me/inbox/{private.id}/read", headers=district.as_("dispatcher"))
    assert refused.status_code == 404
    assert (await client.get("/me/inbox?unread=true", headers=district.as_("resident"))).json()["items"]


async def test_reading_takes_an_idempotency_key(
    client: httpx.AsyncClient, house: House, district: District
) -> None:
    sent = notice("accept", "resident", person_id=district["resident"].id)
    await save(house, sent)
    headers = district.as_("resident", key=new_id().hex)
    first = await client.post(f"/me/inbox/{sent.id}/read", headers=headers)
    again = await client.post(f"/me/inbox/{sent.id}/read", headers=headers)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize(
    "query", ["?limit=0", "?limit=101", "?limit=x", "?cursor=1", "?unread=maybe", "?page=2", "?person_id=1"]
)
async def test_an_unknown_filter_is_refused(
    client: httpx.AsyncClient, district: District, query: str
) -> None:
    refused = await client.get(f"/me/inbox{query}", headers=district.as_("resident"))
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
