"""A wire between the house and its database that can go silent: nothing is refused, nothing comes back."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path


class Wire:
    """While `swallows`, whatever is sent in either direction is lost, and every connection stays open."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: list[StreamWriter] = []
        self.swallows = False
        self.port = 0

    def url(self, database: str) -> str:
        return f"postgresql+asyncpg://postgres@127.0.0.1:{self.port}/{database}"

    async def taken(self, reader: StreamReader, writer: StreamWriter) -> None:
        there, onward = await asyncio.open_unix_connection(str(self._socket))
        self._writers += [writer, onward]
        for one, other in ((reader, onward), (there, writer)):
            task = asyncio.create_task(self._carry(one, other))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry(self, reader: StreamReader, writer: StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                if not self.swallows:
                    writer.write(data)
                    await writer.drain()
        writer.close()

    async def cut(self) -> None:
        for writer in self._writers:
            writer.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def wire_to(folder: Path) -> AsyncIterator[Wire]:
    """A port of the loopback that leads to the server whose socket is in `folder`."""
    wire = Wire(folder / ".s.PGSQL.5432")
    listening = await asyncio.start_server(wire.taken, "127.0.0.1", 0)
    wire.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield wire
        await wire.cut()
