"""WeChat on a real socket and a bad line: the imitation of the tests behind a front that fails when told to.

It notes every message that it took and how that was answered: a message whose answer got lost may come again.
"""

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson

from tests.wechat.imitation import Imitation
from torture.faults import WECHAT, Kind

SEND = "/cgi-bin/message/subscribe/send"
LATE_SECONDS = 12.0
"""Beyond the patience of app/wechat/wire.py: the message is taken, and the sender never learns it."""
REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 500: "Internal Server Error"}


@dataclass(frozen=True, slots=True)
class Message:
    """One that arrived. `answered` is False when the line failed afterwards, so that the sender cannot know."""

    at: float
    openid: str
    template_id: str
    page: str
    values: Mapping[str, str]
    accepted: bool
    answered: bool


@dataclass
class BadLine:
    """`weather` is what goes wrong at present, with the given likelihood."""

    chance: random.Random
    clock: Callable[[], float] = time.monotonic
    likelihood: float = 0.5
    weather: Kind | None = None
    messages: list[Message] = field(default_factory=list)
    calls: int = 0
    imitation: Imitation = field(default_factory=Imitation)
    _held: set["asyncio.Task[None]"] = field(default_factory=set)

    async def __aenter__(self) -> "BadLine":
        self._inner = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.imitation.app, raise_app_exceptions=False),
            base_url="http://wechat",
        )
        self._server = await asyncio.start_server(self._meet, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in list(self._held):
            task.cancel()
        await asyncio.gather(*self._held, return_exceptions=True)
        await self._inner.aclose()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def become(self, weather: Kind | None) -> None:
        assert weather is None or weather in WECHAT
        self.weather = weather

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._held.add(task)
        try:
            while await self._answer(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._held.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Take one request; True while the line stays open."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = head[0].split(" ")
        fields = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
        body = await reader.readexactly(int(fields.get("content-length", 0)))
        self.calls += 1
        weather = self.weather if self.chance.random() < self.likelihood else None
        if weather is Kind.WECHAT_DROPS and self.chance.random() < 0.5:
            return False  # before anything was taken
        content_type = {"content-type": fields.get("content-type", "")}
        answer = await self._inner.request(method, target, content=body, headers=content_type)
        if target.startswith(SEND):
            self._note(body, answer, answered=weather is None)
        if weather is Kind.WECHAT_DROPS:
            return False
        if weather is Kind.WECHAT_DELAYS:
            await asyncio.sleep(self.chance.uniform(0.5, LATE_SECONDS))
        told = b"<html>502 Bad Gateway</html>" if weather is Kind.WECHAT_GARBLES else answer.content
        status = f"HTTP/1.1 {answer.status_code} {REASONS.get(answer.status_code, 'Other')}\r\n"
        writer.write(f"{status}Content-Length: {len(told)}\r\n\r\n".encode() + told)
        await writer.drain()
        return True

    def _note(self, body: bytes, answer: httpx.Response, *, answered: bool) -> None:
        sent: dict[str, Any] = orjson.loads(body)
        told = answer.json() if answer.is_success else {"errcode": -1}
        self.messages.append(
            Message(
                at=self.clock(),
                openid=str(sent.get("touser", "")),
                template_id=str(sent.get("template_id", "")),
                page=str(sent.get("page", "")),
                values={name: str(field["value"]) for name, field in sent.get("data", {}).items()},
                accepted=told.get("errcode") == 0,
                answered=answered,
            )
        )
