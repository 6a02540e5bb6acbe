"""What was sent and what was not, for who looks after the channels, without a word of the messages."""

import httpx

from app.domain.delivery import Channel, Outcome
from app.domain.lifecycle import OrderStatus
from app.house import House
from app.models.notification import Notification, Sending
from tests.accounts import order_of, save
from tests.factories import District, plant


async def test_an_operator_sees_what_failed_in_their_places(
    client: httpx.AsyncClient, house: House, district: District
) -> None:
    order = order_of(district, "resident", OrderStatus.APPROVED)
    told = Notification(
        person_id=district["resident"].id, order_id=order.id, kind="approve", data={}, dedupe_key=order.id.hex
    )
    attempts = [
        Sending(notification_id=told.id, channel=channel, attempt=n, outcome=outcome, detail=f"{n}")
        for n, (channel, outcome) in enumerate(
            [
                (Channel.WECHAT, Outcome.RETRY),
                (Channel.WECHAT, Outcome.REFUSED),
                (Channel.SMS, Outcome.FAILED),
            ],
            1,
        )
    ]
    await save(house, order, told, *attempts)

    async def details(query: str, where: District = district, who: str = "admin") -> list[str]:
        answer = await client.get(f"/sendings{query}", headers=where.as_(who))
        assert answer.status_code == 200
        return [item["detail"] for item in answer.json()["items"]]

    assert await details("") == ["3", "2", "1"]
    assert await details("?outcome=failed") == ["3"]
    assert await details("?channel=wechat") == ["2", "1"]
    assert await details("?channel=wechat&outcome=failed") == []
    assert await details("?limit=1") == ["3"]
    assert await details("", who="dispatcher") == await details("", who="resident") == []
    assert await details("", await plant(house)) == []
    refused = await client.get("/sendings?outcome=lost", headers=district.as_("admin"))
    assert refused.status_code == 422
