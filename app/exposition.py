"""The figures as a monitor reads them, with what is due asked from the database every few seconds at most."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app import metrics
from app.clock import now
from app.db import Database
from app.errors import Unavailable
from app.services import queues

KEPT_SECONDS = 5
READ_SECONDS = 5
LONGEST_LINE = 200


class Exposition:
    """`written()` is the text of all figures; one asker at a time makes the database count."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self, database: Database) -> None:
        self._database = database
        self._asking = asyncio.Lock()
        self._fresh_until = float("-inf")

    async def written(self) -> bytes:
        """Raises Unavailable: figures that nobody can know are better missing than old."""
        turn = asyncio.get_running_loop().time
        async with self._asking:
            if turn() >= self._fresh_until:
                async with self._database.reading() as session:
                    found = await queues.depths(session, now())
                for name, (due, oldest) in found.items():
                    metrics.DUE.labels(name).set(due)
                    metrics.OLDEST.labels(name).set(oldest)
                self._fresh_until = turn() + KEPT_SECONDS
        return generate_latest(metrics.REGISTRY)


@asynccontextmanager
async def exposed(exposition: Exposition, port: int) -> AsyncIterator[int]:
    """Answer `GET /metrics` on 127.0.0.1 while the block runs, for a process that serves nothing else; the port."""

    async def answer(reader: StreamReader, writer: StreamWriter) -> None:
        with suppress(OSError, TimeoutError, asyncio.LimitOverrunError, ValueError):
            async with asyncio.timeout(READ_SECONDS):
                line = await reader.readline()
                while (await reader.readline()).strip():
                    pass
                writer.write(await _response(exposition, line))
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", port, limit=LONGEST_LINE * 40)
    async with server:
        yield int(server.sockets[0].getsockname()[1])


async def _response(exposition: Exposition, line: bytes) -> bytes:
    if line.split(b" ")[:2] != [b"GET", b"/metrics"]:
        return b"HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    try:
        body = await exposition.written()
    except Unavailable:
        return b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    head = (
        f"Content-Type: {exposition.content_type}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return b"HTTP/1.1 200 OK\r\n" + head.encode() + body
