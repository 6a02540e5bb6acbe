"""Bytes on a socket and whatever comes back until the other side closes, for what no HTTP client would send."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

from starlette.types import ASGIApp

from app.doors import Doors
from tests.serving import serving

PATIENCE = 5.0
"""What a test waits at most for a close that should come within half a second."""


class Wire:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def say(self, data: bytes) -> None:
        with suppress(ConnectionError):
            self._writer.write(data)
            await self._writer.drain()

    async def hear(self) -> bytes:
        """Everything until the close; TimeoutError when there is none."""
        heard = b""
        async with asyncio.timeout(PATIENCE):
            with suppress(ConnectionError):
                while part := await self._reader.read(65536):
                    heard += part
        return heard

    async def drip(self, data: bytes, seconds: float) -> bytes:
        """A byte of `data` every so often; what was heard when the other side had enough."""
        dripping = asyncio.create_task(self._drip(data, seconds))
        try:
            return await self.hear()
        finally:
            dripping.cancel()

    async def _drip(self, data: bytes, seconds: float) -> None:
        for byte in data:
            await self.say(bytes([byte]))
            await asyncio.sleep(seconds)

    def close(self) -> None:
        self._writer.close()


@asynccontextmanager
async def wired(
    api: ASGIApp, idle_seconds: float = 5, body_seconds: float = 30
) -> AsyncIterator[Callable[[], Awaitable[Wire]]]:
    """Opens lines to the application served on a socket: `async with wired(api) as line: one = await line()`."""
    opened: list[Wire] = []
    async with serving(Doors(api, body_seconds, production=False), idle_seconds=idle_seconds) as base:
        place = urlsplit(base)

        async def line() -> Wire:
            opened.append(Wire(*await asyncio.open_connection(place.hostname, place.port)))
            return opened[-1]

        try:
            yield line
        finally:
            for one in opened:
                one.close()
