"""Around every request: an id to quote, and a place for it in the answer and in the log."""

import logging
import re
from contextvars import ContextVar

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.models.base import new_id
from app.origin import LONGEST_DEVICE, Origin, origin

request_id: ContextVar[str] = ContextVar("request_id", default="-")
_ACCEPTED = re.compile(rb"[A-Za-z0-9_\-]{8,64}")


class RequestId:
    """Takes `X-Request-ID` from a proxy when it looks like one, else makes one; sends it back."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        known = given.decode() if _ACCEPTED.fullmatch(given) else new_id().hex
        scope.setdefault("state", {})["request_id"] = known
        request_id.set(known)
        origin.set(_origin(scope, known))

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Request-ID"] = known
            await send(message)

        await self.app(scope, receive, send_with_id)


def _origin(scope: Scope, known: str) -> Origin:
    client = scope.get("client")
    device = next((value for name, value in scope["headers"] if name == b"user-agent"), b"")
    told = device.decode("utf-8", "replace")[:LONGEST_DEVICE]
    return Origin(client[0] if client else "", told, known)


class RequestIdFilter(logging.Filter):
    """Puts the request id on every log record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True
