"""Nothing secret is printed: not by us, not by the HTTP library, not by a traceback with its variables."""

import asyncio
import json
import logging
from types import TracebackType

import httpx
import pytest
from starlette.responses import PlainTextResponse

from app.errors import AppError
from app.wechat.client import HttpWeChat
from app.wechat.port import WeChatBusy, WeChatCodeInvalid
from app.wechat.wire import Wire
from tests.wechat.imitation import (
    APPID,
    PHONE,
    SECRET,
    SESSION,
    SESSION_KEY,
    TOKEN,
    Imitation,
    Stumbling,
    client,
)

HIDDEN = (SESSION_KEY, SECRET, "token-1")


def told_by(failure: BaseException) -> str:
    """Everything a thorough error report would print of an exception and of those it hangs on to."""
    seen: list[str] = []
    pending: list[BaseException | None] = [failure]
    known: set[int] = set()
    while pending:
        error = pending.pop()
        if error is None or id(error) in known:
            continue
        known.add(id(error))
        seen += [repr(error), str(error), repr(vars(error)), repr(error.args)]
        trace: TracebackType | None = error.__traceback__
        while trace is not None:
            if "/tests/" not in trace.tb_frame.f_code.co_filename:
                seen.append(repr(trace.tb_frame.f_locals))
            trace = trace.tb_next
        pending += [error.__cause__, error.__context__]
    return "\n".join(seen)


async def test_signing_in_leaves_no_trace_of_keys(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server = Imitation()
    wechat = client(server)
    identity = await wechat.code_to_session("good1")
    await wechat.phone_number("good2")
    assert server.calls == {SESSION: 1, TOKEN: 1, PHONE: 1}
    assert f"http://wechat.test{SESSION}" in caplog.text  # the HTTP library does log addresses
    printed = "\n".join([caplog.text, repr(identity), str(identity), repr(wechat), str(wechat)])
    assert not any(secret in printed for secret in HIDDEN)


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"session_key": SESSION_KEY, "openid": "o"})[:-3],
        json.dumps({"session_key": SESSION_KEY}),
        json.dumps({"session_key": SESSION_KEY, "openid": 7}),
        json.dumps({"session_key": SESSION_KEY, "errcode": 40029, "errmsg": "x"}),
        json.dumps({"session_key": SESSION_KEY, "errcode": 40013, "errmsg": "x"}),
        json.dumps({"session_key": SESSION_KEY, "errcode": "0"}),
        json.dumps([SESSION_KEY]),
    ],
)
async def test_no_failure_carries_what_the_answer_held(body: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server = Imitation()
    server.plan(SESSION, PlainTextResponse(body))
    with pytest.raises(AppError) as raised:
        await client(server).code_to_session("good")
    printed = told_by(raised.value) + caplog.text
    assert "app/wechat" in str(raised.traceback)
    assert not any(secret in printed for secret in HIDDEN)


@pytest.mark.parametrize(
    "answer", [{"errcode": 40029}, {"errcode": 40013}, {"errcode": 0}, {"phone_info": 7}]
)
async def test_no_failure_of_a_phone_call_carries_the_token(answer: dict[str, object]) -> None:
    server = Imitation()
    server.plan(PHONE, answer)
    with pytest.raises(AppError) as raised:
        await client(server).phone_number("good")
    assert not any(secret in told_by(raised.value) for secret in HIDDEN)


async def test_only_what_was_asked_for_leaves_the_answer() -> None:
    server = Imitation()
    wire = Wire("http://wechat.test", httpx.AsyncClient(transport=Stumbling(server)))
    query = {"appid": APPID, "secret": SECRET, "js_code": "good", "grant_type": "authorization_code"}
    reply = await wire.ask(wire.question("GET", SESSION, query), "openid", "absent")
    assert reply.fields == {"openid": "o-good"}
    assert "o-good" not in repr(reply)
    await wire.aclose()


async def test_no_failure_of_the_network_carries_the_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server = Imitation()
    network = Stumbling(server)
    wechat = client(server, network)
    for question in (wechat.code_to_session("good1"), wechat.phone_number("good2")):
        network.failures.append(httpx.ReadTimeout("slow"))
        with pytest.raises(WeChatBusy) as raised:
            await question
        printed = told_by(raised.value) + caplog.text
        assert "ReadTimeout" in caplog.text
        assert not any(secret in printed for secret in HIDDEN)


async def test_over_a_real_socket_the_query_goes_out_and_stays_unprinted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    heard: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        body = json.dumps({"errcode": 40029, "errmsg": "invalid code", "session_key": SESSION_KEY}).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    wechat = HttpWeChat(APPID, SECRET, f"http://127.0.0.1:{port}/", httpx.AsyncClient(trust_env=False))
    async with server:
        with pytest.raises(WeChatCodeInvalid) as raised:
            await wechat.code_to_session("a+b/c=&d")
        await wechat.aclose()

    line = heard[0].split(b"\r\n")[0].decode()
    assert line.startswith(f"GET {SESSION}?appid={APPID}&secret={SECRET}&js_code=a%2Bb%2Fc%3D%26d&")
    printed = told_by(raised.value) + caplog.text
    assert "receive_response_headers" in caplog.text  # the level below the HTTP client logs, too
    assert not any(secret in printed for secret in HIDDEN)


async def test_nobody_listening_means_busy() -> None:
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    wechat = HttpWeChat(APPID, SECRET, f"http://127.0.0.1:{port}", httpx.AsyncClient(trust_env=False))
    with pytest.raises(WeChatBusy):
        await wechat.code_to_session("good")
    await wechat.aclose()
