"""One connection, which nobody may hold by being slow: uvicorn's protocol with the limits it does not have.

A whole head must be there within the time in which a connection may be idle, and fits into 32 KiB; what is left
of a body that was answered already is waited for no longer. How long a body may take that somebody reads is a
matter of app/doors.py.
"""

from asyncio import Transport
from asyncio.events import TimerHandle
from typing import Any, Final

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.errors import AppError
from app.refusals import HeadTooLarge, MalformedRequest

LARGEST_HEAD: Final = 32 * 1024
MOST_HEADERS: Final = 100
_PHRASES: Final = {400: b"Bad Request", 431: b"Request Header Fields Too Large"}


class Line(HttpToolsProtocol):
    """For `uvicorn.Config(http=Line)`; its `timeout_keep_alive` is how long a line may be idle, in seconds."""

    _deadline: TimerHandle | None = None
    _in_head = True
    _head = 0

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._within()

    def connection_lost(self, exc: Exception | None) -> None:
        self._in_time()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        first, rest = (data[:LARGEST_HEAD], data[LARGEST_HEAD:]) if self._in_head else (data, b"")
        super().data_received(first)
        if self._in_head and not self.transport.is_closing():
            self._head += len(first)
            if self._head >= LARGEST_HEAD:
                self._refuse(HeadTooLarge())
        if rest and not self.transport.is_closing():
            self.data_received(rest)

    def on_message_begin(self) -> None:
        self._in_head, self._head = True, 0
        if self._deadline is None:
            self._within()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._in_time()
        if self.transport.is_closing():
            return
        if len(self.headers) > MOST_HEADERS:
            self._refuse(HeadTooLarge())
            return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if self.cycle is not None and not self.transport.is_closing():
            super().on_body(body)

    def on_message_complete(self) -> None:
        if self.cycle is None or self.transport.is_closing():
            return
        super().on_message_complete()
        if self.cycle.response_complete:
            self._within()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.cycle.response_complete and self.cycle.more_body and not self.transport.is_closing():
            self._within()

    def send_400_response(self, msg: str) -> None:
        self._refuse(MalformedRequest())

    def _within(self) -> None:
        self._in_time()
        self._deadline = self.loop.call_later(self.timeout_keep_alive, self.transport.close)

    def _in_time(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse(self, error: AppError) -> None:
        """No request came of it, so there is neither a path nor an id to tell."""
        problem: dict[str, Any] = {
            "type": f"urn:sidan:problem:{error.code}",
            "title": error.title,
            "status": error.status,
            "code": error.code,
            "instance": "",
            "request_id": "",
        }
        body = orjson.dumps(problem)
        head = b"HTTP/1.1 %d %b\r\ncontent-type: application/problem+json\r\n" % (
            error.status,
            _PHRASES[error.status],
        )
        self.transport.write(head + b"content-length: %d\r\nconnection: close\r\n\r\n" % len(body) + body)
        self.transport.close()
