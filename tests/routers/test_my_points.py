"""What I have earned: by center, in both kinds of minutes, and line by line."""

from datetime import timedelta

import httpx

from app.domain.lifecycle import OrderStatus
from app.house import House
from app.models.base import new_id
from app.models.points import PointsAccount, PointsCause, PointsEntry, PointsTransfer
from app.models.service import Attendance, CrewMember
from tests.accounts import order_of, save, staffed
from tests.factories import SATURDAY_9, District


async def served(house: House, district: District, amounts: list[int], verified: int, declared: int) -> None:
    """The volunteer was credited `amounts` for as many orders, and stayed for so many minutes in the last."""
    issuer = PointsAccount(center_id=district.center.id)
    account = PointsAccount(
        center_id=district.center.id, person_id=district["volunteer"].id, balance=sum(amounts)
    )
    await save(house, issuer, account)
    for amount in amounts:
        order = order_of(district, "resident", OrderStatus.CLOSED, **staffed(district))
        transfer = PointsTransfer(cause=PointsCause.SERVICE, reference=new_id(), order_id=order.id)
        await save(
            house,
            order,
            CrewMember(order_id=order.id, person_id=district["volunteer"].id),
            transfer,
            PointsEntry(transfer_id=transfer.id, account_id=account.id, amount=amount),
            PointsEntry(transfer_id=transfer.id, account_id=issuer.id, amount=-amount),
        )
    proven = Attendance(
        order_id=order.id,
        person_id=district["volunteer"].id,
        client_id=new_id(),
        check_in_at=SATURDAY_9,
        check_out_at=SATURDAY_9 + timedelta(minutes=verified),
        verified_minutes=verified,
    )
    told = Attendance(
        order_id=order.id,
        person_id=district["volunteer"].id,
        client_id=new_id(),
        declared_minutes=declared,
        declared_by_id=district["leader"].id,
        declared_reason="忘记签到",
    )
    await save(house, proven, told)


async def test_the_two_kinds_of_minutes_are_kept_apart_and_reach_stars_together(
    client: httpx.AsyncClient, house: House, district: District
) -> None:
    await served(house, district, [25, 10], verified=90 * 60, declared=11 * 60)
    assert (await client.get("/me/points", headers=district.as_("volunteer"))).json() == {
        "balances": [
            {
                "center": {"id": str(district.center.id), "name": "测试中心", "level": "center"},
                "balance": 35,
            }
        ],
        "verified_minutes": 5400,
        "declared_minutes": 660,
        "stars": 1,
        "next_star": {"star": 2, "minutes_missing": 199 * 60},
    }


async def test_who_never_served_has_nothing_yet(client: httpx.AsyncClient, district: District) -> None:
    points = (await client.get("/me/points", headers=district.as_("resident"))).json()
    assert (points["balances"], points["stars"]) == ([], 0)
    entries = await client.get("/me/points/entries", headers=district.as_("resident"))
    assert entries.json() == {"items": [], "next_cursor": None}


async def test_five_stars_have_no_next(client: httpx.AsyncClient, house: House, district: District) -> None:
    await served(house, district, [1], verified=1500 * 60, declared=1)
    points = (await client.get("/me/points", headers=district.as_("volunteer"))).json()
    assert (points["stars"], points["next_star"]) == (5, None)


async def test_the_ledger_is_read_page_by_page_and_only_ones_own(
    client: httpx.AsyncClient, house: House, district: District
) -> None:
    await served(house, district, [5, 10, 15], verified=60, declared=1)
    headers = district.as_("volunteer")
    page = (await client.get("/me/points/entries?limit=2", headers=headers)).json()
    assert [(line["amount"], line["order_title"], line["cause"]) for line in page["items"]] == [
        (15, "家庭保洁", "service"),
        (10, "家庭保洁", "service"),
    ]
    query = {"limit": "2", "cursor": page["next_cursor"]}
    last = (await client.get("/me/points/entries", params=query, headers=headers)).json()
    assert [line["amount"] for line in last["items"]] == [5]
    assert last["next_cursor"] is None
    for name in ("leader", "dispatcher", "outsider"):
        others = await client.get("/me/points/entries", headers=district.as_(name))
        assert others.json()["items"] == []
    exported = (await client.get("/me/export", headers=headers)).json()
    assert [line["amount"] for line in exported["points_entries"]] == [5, 10, 15]
