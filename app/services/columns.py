"""Rows as plain tuples where objects would cost more than they tell: thousands of teams, or the busy half hours."""

from collections.abc import Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession


async def columns(session: AsyncSession, query: Any, *wanted: Any) -> Sequence[Any]:
    """The rows of `query`, of which only the `wanted` columns when any are named."""
    only = query.with_only_columns(*wanted) if wanted else query
    return (await (await session.connection()).execute(only)).all()
