"""Text messages: for what is urgent and for whom WeChat does not reach, through a gateway behind a socket."""

import json
from collections import deque
from dataclasses import replace

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from app.house import House
from app.sms.client import HttpSms
from tests.factories import NOW
from tests.jobs.outbox import Outbox, outbox
from tests.jobs.test_deliver_notices import MINUTE
from tests.serving import serving
from tests.webhooks.receiver import verified
from tests.wechat.imitation import SEND

SECRET = "between us and the gateway"


class Gateway:
    """It answers as planned, and then sends."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.planned: deque[Response] = deque()
        self.app = Starlette(routes=[Route("/sms", self.sms, methods=["POST"])])

    async def sms(self, request: Request) -> Response:
        body = await request.body()
        assert verified(request.headers["sidan-signature"], body, SECRET, NOW.timestamp(), 7200)
        self.asked.append(json.loads(body))
        return self.planned.popleft() if self.planned else Response(status_code=202)


def with_gateway(box: Outbox, url: str) -> Outbox:
    return replace(box, house=replace(box.house, sms=HttpSms(f"{url}/sms", SECRET)))


async def test_it_goes_to_whom_wechat_does_not_reach(fresh_house: House) -> None:
    gateway = Gateway()
    async with outbox(fresh_house) as plain, serving(gateway.app) as url:
        box = with_gateway(plain, url)
        old = await box.person(phone="13900000001")
        told = await box.notice(old)
        silent = [
            await box.notice(await box.person(phone="0731-88888888")),
            await box.notice(await box.person(phone="13900000002"), "dispatch", audience="asked"),
            await box.notice(await box.person("o-1", phone="13900000003")),
        ]
        urgent = await box.emergency()
        leader = await box.notice(
            await box.person(phone="13900000004"), "dispatch", audience="asked", order_id=urgent
        )
        assert await box.deliver() == 5
        assert sorted(gateway.asked, key=lambda one: one["phone"]) == [
            {
                "id": told.hex,
                "phone": "13900000001",
                "template": "progress",
                "text": "您的点单“家庭保洁”已受理，正在安排志愿服务队",
            },
            {
                "id": leader.hex,
                "phone": "13900000004",
                "template": "offer",
                "text": "有新的派单“家庭保洁”，请在时限内接单或说明原因",
            },
        ]
        assert await box.attempts(told) == await box.attempts(leader) == [("sms", "sent", 1)]
        assert [await box.attempts(one) for one in silent] == [[]] * 3
        assert box.wechat.sent == []
        assert box.house.sms is not None
        await box.house.sms.aclose()


async def test_who_refuses_wechat_hears_of_an_emergency_by_text(fresh_house: House) -> None:
    gateway = Gateway()
    async with outbox(fresh_house) as plain, serving(gateway.app) as url:
        box = with_gateway(plain, url)
        person = await box.person("o-1", consents=2, phone="13900000001")
        box.wechat.unwilling.add("o-1")
        calm, urgent = await box.notice(person), await box.notice(person, order_id=await box.emergency())
        while await box.deliver():
            pass
        assert await box.attempts(urgent) == [("wechat", "refused", 1), ("sms", "sent", 2)]
        assert (await box.attempts(calm))[0] == ("wechat", "refused", 1)
        assert [one["id"] for one in gateway.asked] == [urgent.hex]
        assert await box.remaining(person) == 0
        assert box.wechat.calls[SEND] == 2
        assert box.house.sms is not None
        await box.house.sms.aclose()


async def test_each_answer_of_the_gateway_has_one_outcome(fresh_house: House) -> None:
    gateway = Gateway()
    async with outbox(fresh_house, send_attempts=2) as plain, serving(gateway.app) as url:
        box = with_gateway(plain, url)
        for answer, outcome in (
            (Response(status_code=500), "retry"),
            (Response(status_code=429), "retry"),
            (Response(status_code=400), "failed"),
            (RedirectResponse(f"{url}/elsewhere"), "failed"),
        ):
            notice = await box.notice(await box.person(phone="13900000001"))
            gateway.planned.append(answer)
            await box.deliver()
            assert await box.attempts(notice) == [("sms", outcome, 1)]
        away = replace(box, house=replace(box.house, sms=HttpSms("http://127.0.0.1:9/sms", SECRET)))
        last = await box.notice(await box.person(phone="13900000001"))
        await away.deliver()
        assert await box.deliver(NOW + MINUTE) == 3
        assert await box.attempts(last) == [("sms", "retry", 1), ("sms", "sent", 2)]
        assert gateway.asked[0]["id"] in [one["id"] for one in gateway.asked[4:]]
        for house in (box.house, away.house):
            assert house.sms is not None
            await house.sms.aclose()
