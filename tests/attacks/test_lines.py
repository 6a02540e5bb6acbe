"""Nobody holds a place by being slow, by saying much, or by saying two things at once."""

import asyncio

from fastapi import FastAPI

from tests.attacks.wire import wired

GET = b"GET /api/v1/taxonomy HTTP/1.1\r\nHost: t\r\n"
POST = b"POST /api/v1/auth/password HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
UNREAD = b"POST /api/v1/nowhere HTTP/1.1\r\nHost: t\r\nContent-Length: 1000\r\n\r\n"


async def test_a_body_has_to_come_in_time(api: FastAPI) -> None:
    async with wired(api, body_seconds=0.2) as line:
        silent, slow = await line(), await line()
        for one in (silent, slow):
            await one.say(POST + b"Content-Length: 1000\r\n\r\n")
        for heard in (await silent.hear(), await slow.drip(b'{"username": "x' * 9, 0.02)):
            assert heard.startswith(b"HTTP/1.1 408 ")
            assert b'"code":"request_timed_out"' in heard
            assert b"connection: close" in heard


async def test_a_head_has_to_come_in_time_and_an_idle_line_ends(api: FastAPI) -> None:
    async with wired(api, idle_seconds=0.2) as line:
        silent, slow, idle, late = [await line() for _ in range(4)]
        await idle.say(GET + b"\r\n")
        await late.say(UNREAD)
        heard = await asyncio.gather(
            silent.hear(), slow.drip(GET + b"X: y" * 200, 0.02), idle.hear(), late.drip(b"x" * 900, 0.02)
        )
    assert heard[0] + heard[1] == b""
    assert heard[2].startswith(b"HTTP/1.1 200 ")
    assert heard[3].startswith(b"HTTP/1.1 404 ")


async def test_an_unread_body_that_ends_leaves_the_line_for_the_next_call(api: FastAPI) -> None:
    async with wired(api, idle_seconds=0.3) as line:
        one = await line()
        await one.say(UNREAD + b"x" * 500)
        await asyncio.sleep(0.1)
        await one.say(b"x" * 500 + GET + b"\r\n")
        heard = await one.hear()
        assert heard.count(b"HTTP/1.1 ") == 2
        assert b"HTTP/1.1 200 " in heard


HEADS = {
    "endless": GET + b"X-Long: " + b"a" * 40_000,
    "long": GET + b"X-Long: " + b"a" * 40_000 + b"\r\n\r\n",
    "many": GET + b"".join(b"X-%d: a\r\n" % number for number in range(120)) + b"\r\n",
    "path": b"GET /" + b"a" * 40_000,
}


async def test_a_head_has_bounds(api: FastAPI) -> None:
    async with wired(api) as line:
        for name, head in HEADS.items():
            one = await line()
            await one.say(head)
            heard = await one.hear()
            assert heard.startswith(b"HTTP/1.1 431 "), name
            assert heard.endswith(b"}")
            assert b'"code":"head_too_large"' in heard


SMUGGLED = b"GET /api/v1/smuggled HTTP/1.1\r\nHost: t\r\n\r\n"
TWO_MINDED = {
    "length and chunks": b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and length": b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 2\r\nContent-Length: 4\r\n\r\n{}",
    "a list of lengths": b"Content-Length: 2, 4\r\n\r\n{}",
    "a signed length": b"Content-Length: +2\r\n\r\n{}",
    "a negative length": b"Content-Length: -2\r\n\r\n{}",
    "a length without end": b"Content-Length: 99999999999999999999999\r\n\r\n{}",
    "chunks, badly written": b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "chunks of no number": b"Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n",
    "a space before the colon": b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "a folded header": b"X: y\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a header without end": b"Content-Length: 2\nX: y\r\r\n\r\n{}",
    "a null in a header": b"X: a\x00b\r\n\r\n{}",
}


async def test_what_can_be_read_in_two_ways_is_not_read(api: FastAPI) -> None:
    async with wired(api, idle_seconds=0.2) as line:
        for name, said in TWO_MINDED.items():
            one = await line()
            await one.say(POST + said + SMUGGLED)
            heard = await one.hear()
            assert heard.startswith(b"HTTP/1.1 400 "), (name, heard)
            assert heard.count(b"HTTP/1.1 ") == 1
            assert b"smuggled" not in heard


async def test_what_is_said_plainly_is_answered_in_turn(api: FastAPI) -> None:
    chunked = POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    async with wired(api, idle_seconds=0.2) as line:
        one = await line()
        await one.say(chunked + GET + b"\r\n" + GET + b"Connection: close\r\n\r\n")
        heard = await one.hear()
    assert heard.count(b"HTTP/1.1 422 ") == 1
    assert heard.count(b"HTTP/1.1 200 ") == 2
    assert b"\r\nserver:" not in heard.lower()
