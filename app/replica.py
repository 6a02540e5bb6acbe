"""A standby answers who only reads, while the database itself cannot be reached, and not before.

What it tells may be some seconds old (so long as its replication lags), and the answer says so: the header
`Sidan-Stale: true`. It is never written to: its sessions are read-only whatever it may be, and what writes goes to
the database itself or nowhere.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker
from sqlmodel.ext.asyncio.session import AsyncSession

from app.patience import away

REST_SECONDS = 3.0
"""After a failure the database is left alone for so long: not every reader waits for the same silence."""

stale: ContextVar[list[str] | None] = ContextVar("stale", default=None)
"""Of one request: what it was told by a standby. Whoever is to know hangs a list in here before."""

Sessions = async_sessionmaker[AsyncSession]
Enter = Callable[[AsyncExitStack, Sessions], Awaitable[AsyncSession]]


class Replica:
    """Reads from `engine`, a standby, once the other one does not answer."""

    def __init__(self, engine: AsyncEngine, told: dict[Any, Any]) -> None:
        self.engine = engine
        event.listen(engine.sync_engine, "connect", _read_only)
        alone = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._sessions: Sessions = async_sessionmaker(
            alone, class_=AsyncSession, expire_on_commit=False, info=told
        )
        self._rests_until = float("-inf")

    @asynccontextmanager
    async def reading(self, primary: Sessions, enter: Enter) -> AsyncIterator[AsyncSession]:
        """A session with its connection: of `primary` if it can be had, else of the standby; `enter` gets it."""
        turn = asyncio.get_running_loop().time
        async with AsyncExitStack() as stack:
            session = None
            if turn() >= self._rests_until:
                try:
                    session = await enter(stack, primary)
                except Exception as error:
                    if not away(error):
                        raise
                    self._rests_until = turn() + REST_SECONDS
            if session is None:
                session = await enter(stack, self._sessions)
                _tell("standby")
            yield session


def _read_only(connection: Any, _: object) -> None:
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("SET default_transaction_read_only = on")
    cursor.close()
    connection.autocommit = False


def _tell(what: str) -> None:
    told = stale.get()
    if told is not None:
        told.append(what)
