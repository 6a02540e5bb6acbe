"""What every answer says to whatever shows it, and how long a caller may take to say what it wants.

Written here and not taken from a library of headers: it is twenty lines, and it has to know who asked, because what
one person may see must not lie in anybody's cache.
"""

import asyncio
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.problems import of_error
from app.refusals import RequestTimedOut

Headers = list[tuple[bytes, bytes]]

ALWAYS: Final[Headers] = [
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
]
"""Where a route says otherwise (a picture, the page of the contract), the route is right."""
HSTS: Final = (b"strict-transport-security", b"max-age=31536000")


class Doors:
    """Around everything but the request id. `body_seconds` is for the whole of what a caller sends."""

    def __init__(self, app: ASGIApp, body_seconds: float, *, production: bool) -> None:
        self.app, self._body_seconds = app, body_seconds
        self._said = [*ALWAYS, HSTS] if production else ALWAYS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        known = any(name == b"authorization" for name, _ in scope["headers"])

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = self._completed(message.get("headers", ()), known=known)
            await send(message)

        body = _Body(scope, receive, send_with_headers, self._body_seconds)
        await self.app(scope, body.receive, body.send)

    def _completed(self, headers: Headers, *, known: bool) -> Headers:
        told = [_private(name, value) if known else (name, value) for name, value in headers]
        names = {name for name, _ in told}
        return [*told, *(one for one in self._said if one[0] not in names)]


def _private(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    return (name, value.replace(b"public", b"private")) if name == b"cache-control" else (name, value)


class _Body:
    """One request's: when it does not come in time, that is the answer, and the application hears of a hang-up."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, seconds: float) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._seconds, self._until = seconds, 0.0
        self._whole = self._answered = self._late = False

    async def receive(self) -> Message:
        if self._whole or self._answered:
            return await self._receive()
        self._until = self._until or asyncio.get_running_loop().time() + self._seconds
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            if self._answered:
                return await self._receive()
            self._late = True
            await of_error(Request(self._scope), RequestTimedOut())(self._scope, self._receive, self._send)
            return {"type": "http.disconnect"}
        self._whole = not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        self._answered = True
        if not self._late:
            await self._send(message)
