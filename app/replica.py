"""A standby answers who only reads, while the database itself cannot be reached, and not before.

What it tells may be some seconds old (so long as its replication lags), and the answer says so: the header
`Sidan-Stale: true`. It is never written to: its sessions are read-only whatever it may be, and what writes goes to
the database itself or nowhere.
"""

import asyncio
from collections.abc import AsyncIterator
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
    async def reading(self, primary: Sessions) -> AsyncIterator[AsyncSession]:
        """A session that has its connection: of `primary` if it can be had, else of the standby."""
        turn = asyncio.get_running_loop().time
        async with AsyncExitStack() as stack:
            session = None
            if turn() >= self._rests_until:
                try:
                    session = await _entered(stack, primary)
                except Exception as error:
                    if not away(error):
                        raise
                    self._rests_until = turn() + REST_SECONDS
            if session is None:
                session = await _entered(stack, self._sessions)
                _tell("standby")
            yield session


async def _entered(stack: AsyncExitStack, sessions: Sessions) -> AsyncSession:
    """The connection is taken here, where another can still be had instead of it."""
    async with AsyncExitStack() as trying:
        session = await trying.enter_async_context(sessions())
        await trying.enter_async_context(session.begin())
        await session.connection()
        await stack.enter_async_context(trying.pop_all())
    return session


def _read_only(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute("SET default_transaction_read_only = on")
    cursor.close()
    connection.commit()


def _tell(what: str) -> None:
    told = stale.get()
    if told is not None:
        told.append(what)
