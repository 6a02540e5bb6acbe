"""What the service never says: what it was sent, and what broke inside."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, cast
from uuid import uuid4

import httpx
import pytest
from sqlalchemy.exc import DataError, IntegrityError

from app.errors import IllegalMove
from app.house import House
from tests.conftest import app_of
from tests.contract import told, witnessed
from tests.factories import District
from tests.stages import REASON, Stage

CANARY = "canary_7f3a9c"


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with witnessed(house) as caller:
        yield caller


def planted(value: Any) -> list[Any]:
    """`value` with the canary in the place of each of its leaves in turn, and as a name beside each."""
    if isinstance(value, dict):
        inside = [value | {name: other} for name in value for other in planted(value[name])]
        return [*inside, value | {CANARY: 1}, CANARY]
    if isinstance(value, list):
        return [[CANARY, *value], CANARY]
    return [CANARY, {CANARY: CANARY}, [CANARY]]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_what_was_sent_is_never_echoed(
    client: httpx.AsyncClient, district: District, language: str
) -> None:
    stage = Stage(client, district)
    await stage.place()
    asking = {"Accept-Language": language, "Content-Type": "application/json"}
    headers = district.as_("resident") | asking
    beneficiary = {"name": "王大爷", "phone": "1", "relation": "family", "consent": "verbal"}
    body = district.order_body(
        urgency="urgent", mode="on_site", people=1, beneficiary=beneficiary, media_ids=[str(uuid4())]
    )
    answers = [
        await client.post("/orders", content=json.dumps(changed), headers=headers)
        for changed in planted(body)
    ]
    for path, sent in (
        (f"{stage.at}/cancel", REASON),
        (f"{stage.at}/review", {"timeliness": 5, "attitude": 5, "quality": 5, "resolution": 5}),
        (f"{stage.at}/dispatch", {"mode": "team", "team_id": str(uuid4())}),
        ("/auth/password", {"username": "a", "password": "b"}),
        ("/auth/refresh", {"refresh_token": "a"}),
        ("/auth/wechat", {"code": "a"}),
    ):
        for changed in planted(sent):
            if changed != {"reason": CANARY}:
                answers.append(await client.post(path, content=json.dumps(changed), headers=headers))
    answers.append(await client.post("/orders", content=f'{{"{CANARY}', headers=headers))
    answers.append(await client.post("/orders", content=CANARY.encode() + b"\xff", headers=headers))
    for name in ("cursor", "limit", "status", "category", "mine", CANARY):
        answers.append(await client.get(f"/orders?{name}={CANARY}!", headers=headers))
    for name in ("Authorization", "Idempotency-Key", "Content-Type"):
        answers.append(await client.post(f"{stage.at}/urge", headers={**headers, name: f"{CANARY}! ?"}))
    refused = [answer for answer in answers if not answer.is_success]
    assert len(refused) > 60
    assert [answer.text for answer in refused if "canary" in answer.text.lower()] == []
    assert [answer.headers for answer in refused if "canary" in str(answer.headers)] == []
    address = (await client.get(f"/orders/{CANARY}<script>", headers=headers)).json()
    assert address.pop("instance") == f"/api/v1/orders/{CANARY}%3Cscript%3E"
    assert CANARY not in str(address)


class Broken:
    """Stands where the house keeps its tokens, and fails whatever is asked of it."""

    def __init__(self, failure: Exception) -> None:
        self.failure = failure

    def __getattr__(self, name: str) -> Any:
        raise self.failure


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (RuntimeError(CANARY), "500 internal_error"),
        (KeyError(CANARY), "500 internal_error"),
        (IntegrityError(CANARY, {"phone": CANARY}, Exception(CANARY)), "409 conflict"),
        (DataError(CANARY, {"phone": CANARY}, Exception(CANARY)), "422 invalid_request"),
        (IllegalMove(), "409 illegal_move"),
    ],
)
async def test_what_breaks_inside_stays_inside(
    house: House, district: District, caplog: pytest.LogCaptureFixture, failure: Exception, expected: str
) -> None:
    broken = replace(house, tokens=cast(Any, Broken(failure)))
    transport = httpx.ASGITransport(app=app_of(broken), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test/api/v1") as client:
        headers = {**district.as_("resident"), "X-Request-ID": "find-me-in-the-log"}
        answer = await client.post("/orders", json=district.order_body(), headers=headers)
        english = await client.get("/orders", headers={**headers, "Accept-Language": "en"})
    assert told(answer) == expected
    assert answer.headers["x-request-id"] == "find-me-in-the-log"
    assert english.json()["title"].isascii()
    for text in (answer.text, english.text):
        assert CANARY not in text
        assert "Traceback" not in text
        assert ".py" not in text
    if answer.status_code == 500:
        assert CANARY in caplog.text
