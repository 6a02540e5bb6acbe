"""Signing in and phone numbers over the network, against an imitation of WeChat's server."""

import asyncio
import dataclasses
from collections.abc import Callable

import httpx
import pytest
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from app.errors import AppError
from app.wechat import wire
from app.wechat.client import HOST, HttpWeChat
from app.wechat.port import (
    WeChat,
    WeChatBusy,
    WeChatCodeInvalid,
    WeChatIdentity,
    WeChatMisconfigured,
    WeChatPhoneCodeInvalid,
    WeChatUserBlocked,
)
from tests.wechat.imitation import APPID, PHONE, SECRET, SESSION, TOKEN, Imitation, Stumbling, client

NOT_ANSWERS: list[Callable[[], Response]] = [
    lambda: PlainTextResponse('{"session_key":"c2Vzc2lvb'),
    lambda: PlainTextResponse(""),
    lambda: PlainTextResponse("<html>502</html>"),
    lambda: PlainTextResponse(b"\xff\xfe{}"),
    lambda: PlainTextResponse("[" * 100_000),
    lambda: JSONResponse(["openid"]),
    lambda: JSONResponse(None),
    lambda: JSONResponse({"errcode": "40029"}),
    lambda: JSONResponse({"errcode": None}),
    lambda: JSONResponse({}),
    lambda: JSONResponse({"openid": "o-500"}, 500),
    lambda: JSONResponse({"openid": "o-404"}, 404),
    lambda: JSONResponse({"openid": "o-201"}, 201),
    lambda: RedirectResponse(f"http://wechat.test{SESSION}?js_code=good"),
    lambda: Response(b"not gzip", headers={"Content-Encoding": "gzip"}),
]


async def test_a_code_becomes_a_person() -> None:
    wechat: WeChat = client(Imitation())
    assert await wechat.code_to_session("good1") == WeChatIdentity("o-good1", "u-good1")
    await wechat.aclose()


async def test_an_identity_has_no_room_for_a_session_key() -> None:
    assert [field.name for field in dataclasses.fields(WeChatIdentity)] == ["openid", "unionid"]


async def test_the_unionid_is_often_absent() -> None:
    server = Imitation()
    server.plan(SESSION, {"openid": "o1"}, {"openid": "o1", "unionid": ""}, {"openid": "o1", "unionid": None})
    for _ in range(3):
        assert await client(server).code_to_session("good") == WeChatIdentity("o1", None)


async def test_a_code_is_good_once() -> None:
    wechat = client(Imitation())
    await wechat.code_to_session("good1")
    with pytest.raises(WeChatCodeInvalid) as problem:
        await wechat.code_to_session("good1")
    assert (problem.value.status, problem.value.code) == (401, "wechat_code_invalid")


@pytest.mark.parametrize("code", ["", " ", "好", "a b", "x" * 513, "a\n", "a\0"])
async def test_what_cannot_be_a_code_is_not_asked_about(code: str) -> None:
    server = Imitation()
    with pytest.raises(WeChatCodeInvalid):
        await client(server).code_to_session(code)
    with pytest.raises(WeChatPhoneCodeInvalid):
        await client(server).phone_number(code)
    assert not server.calls


async def test_a_code_cannot_smuggle_parameters() -> None:
    server = Imitation()
    with pytest.raises(WeChatCodeInvalid):
        await client(server).code_to_session("x&js_code=good&secret=none#?")
    assert server.calls[SESSION] == 1


@pytest.mark.parametrize(
    ("errcode", "problem", "status"),
    [
        (40029, WeChatCodeInvalid, 401),
        (40163, WeChatCodeInvalid, 401),
        (40226, WeChatUserBlocked, 403),
        (-1, WeChatBusy, 503),
        (45009, WeChatBusy, 503),
        (45011, WeChatBusy, 503),
        (40013, WeChatMisconfigured, 502),
        (40125, WeChatMisconfigured, 502),
        (40001, WeChatMisconfigured, 502),
        (40164, WeChatMisconfigured, 502),
        (99999, WeChatMisconfigured, 502),
    ],
)
async def test_each_error_code_has_its_problem(errcode: int, problem: type[AppError], status: int) -> None:
    server = Imitation()
    server.plan(SESSION, {"errcode": errcode, "errmsg": "as documented"})
    with pytest.raises(problem) as raised:
        await client(server).code_to_session("good")
    assert type(raised.value) is problem
    assert raised.value.status == status
    assert raised.value.detail is None
    assert ("Retry-After" in raised.value.headers) == (status == 503)
    assert server.calls[SESSION] == 1


async def test_the_problems_have_codes_of_their_own_and_chinese_titles() -> None:
    problems: list[type[AppError]] = [
        WeChatCodeInvalid,
        WeChatPhoneCodeInvalid,
        WeChatUserBlocked,
        WeChatBusy,
        WeChatMisconfigured,
    ]
    assert len({problem.code for problem in problems}) == 5
    assert all("微信" in problem.title or "手机" in problem.title for problem in problems)


@pytest.mark.parametrize("answer", NOT_ANSWERS)
async def test_what_is_no_answer_means_busy(answer: Callable[[], Response]) -> None:
    server = Imitation()
    for path in (SESSION, TOKEN, PHONE):
        server.plan(path, answer())
    with pytest.raises(WeChatBusy) as problem:
        await client(server).code_to_session("good")
    assert int(problem.value.headers["Retry-After"]) > 0
    assert server.calls == {SESSION: 1}

    with pytest.raises(WeChatBusy):
        await client(server).phone_number("good")
    assert server.calls == {SESSION: 1, TOKEN: 1}
    with pytest.raises(WeChatBusy):
        await client(server).phone_number("good")
    assert server.calls == {SESSION: 1, TOKEN: 2, PHONE: 1}


@pytest.mark.parametrize("openid", ["", 7, None, ["o"], "o" * 65, "o 1", "o\n"])
async def test_an_openid_that_is_none_signs_nobody_in(openid: object) -> None:
    server = Imitation()
    server.plan(SESSION, {"openid": openid, "session_key": "k"})
    with pytest.raises(WeChatBusy):
        await client(server).code_to_session("good")


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ReadTimeout("slow"),
        httpx.WriteTimeout("slow"),
        httpx.PoolTimeout("crowded"),
        httpx.ReadError("reset"),
        httpx.RemoteProtocolError("gone"),
    ],
)
async def test_a_question_that_may_have_arrived_is_not_asked_again(failure: httpx.HTTPError) -> None:
    server = Imitation()
    network = Stumbling(server)
    network.failures.append(failure)
    with pytest.raises(WeChatBusy):
        await client(server, network).code_to_session("good")
    assert network.attempts == 1


@pytest.mark.parametrize("failure", [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow")])
async def test_a_question_that_never_left_is_asked_once_more(failure: httpx.HTTPError) -> None:
    server = Imitation()
    network = Stumbling(server)
    network.failures.append(failure)
    assert (await client(server, network).code_to_session("good")).openid == "o-good"
    assert (network.attempts, server.calls[SESSION]) == (2, 1)

    network.failures.extend([failure, failure])
    with pytest.raises(WeChatBusy):
        await client(server, network).code_to_session("good2")
    assert network.attempts == 4


async def test_the_timeouts_are_ours_whatever_the_http_client_says() -> None:
    server = Imitation()
    network = Stumbling(server)
    await client(server, network).code_to_session("good")
    assert network.timeouts == [{"connect": 2, "read": 3, "write": 3, "pool": 2}]


async def test_an_answer_that_trickles_in_for_ever_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Imitation()
    server.gates[TOKEN] = asyncio.Event()
    monkeypatch.setattr(wire, "DEADLINE", 0)
    with pytest.raises(WeChatBusy):
        await client(server).phone_number("good")


@pytest.mark.parametrize(
    ("country", "number", "expected"),
    [
        ("86", "13900000000", "13900000000"),
        (86, "13900000000", "13900000000"),
        ("852", "91234567", "+85291234567"),
        (49, "15123456789", "+4915123456789"),
    ],
)
async def test_a_phone_code_becomes_a_number(country: object, number: str, expected: str) -> None:
    server = Imitation()
    server.country, server.number = country, number
    assert await client(server).phone_number("good") == expected


@pytest.mark.parametrize(
    "info",
    [
        None,
        "13900000000",
        {},
        {"countryCode": "86"},
        {"purePhoneNumber": "13900000000"},
        {"countryCode": "86", "purePhoneNumber": "+8613900000000"},
        {"countryCode": "", "purePhoneNumber": "13900000000"},
        {"countryCode": "86", "purePhoneNumber": "１３９００００００００"},
    ],
)
async def test_no_number_is_made_up(info: object) -> None:
    server = Imitation()
    server.plan(PHONE, {"errcode": 0, "errmsg": "ok", "phone_info": info})
    with pytest.raises(WeChatBusy):
        await client(server).phone_number("good")


async def test_a_used_phone_code_does_not_sign_anybody_out() -> None:
    wechat = client(Imitation())
    await wechat.phone_number("good")
    with pytest.raises(WeChatPhoneCodeInvalid) as problem:
        await wechat.phone_number("good")
    assert problem.value.status == 422


async def test_a_wrong_secret_is_the_operators_to_read_about(caplog: pytest.LogCaptureFixture) -> None:
    wechat = client(Imitation(), secret="wrong")
    for question in (wechat.code_to_session("good"), wechat.phone_number("good")):
        caplog.clear()
        with pytest.raises(WeChatMisconfigured) as problem:
            await question
        assert "40125" in caplog.text
        assert "40125" not in str(problem.value)


async def test_without_an_http_client_it_brings_its_own() -> None:
    wechat = HttpWeChat(APPID, SECRET)
    await wechat.aclose()
    assert HOST.startswith("https://")


async def test_it_closes_the_http_client_it_was_given() -> None:
    http = httpx.AsyncClient(transport=Stumbling(Imitation()))
    await HttpWeChat(APPID, SECRET, http=http).aclose()
    assert http.is_closed
