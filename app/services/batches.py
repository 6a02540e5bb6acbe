"""A few rows of a table at a time: those that nobody else holds at this moment, changed by one statement."""

from typing import Any

from sqlalchemy import CursorResult, Executable, select
from sqlmodel.ext.asyncio.session import AsyncSession


def some(table: Any, limit: int, *where: Any) -> Any:
    """The ids of at most `limit` rows `where`; who holds one of them is passed over."""
    return select(table.c.id).where(*where).limit(limit).with_for_update(skip_locked=True)


async def count(session: AsyncSession, statement: Executable) -> int:
    """Carry it out; how many rows it was done to."""
    done: CursorResult[Any] = await (await session.connection()).execute(statement)
    return done.rowcount
