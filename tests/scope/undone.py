"""A database whose every transaction is tried and then undone: what may be done is done, and leaves nothing."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import cast

from sqlalchemy import ColumnElement
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import Database
from app.house import House
from app.insertion import Call, Row


class _Undo(Exception):
    """Raised at the end of the transaction, so that it is rolled back."""


class Undone(Database):
    """Every constraint has spoken (the session is flushed) before the transaction is rolled back."""

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        try:
            async with super().transaction() as session:
                yield session
                await session.flush()
                session.expunge_all()
                raise _Undo
        except _Undo:
            return

    async def insert_all(
        self,
        rows: Sequence[Row],
        guard: ColumnElement[bool],
        parameters: Call,
        *,
        session: AsyncSession | None = None,
    ) -> bool:
        if session is not None:
            return await super().insert_all(rows, guard, parameters, session=session)
        async with self.transaction() as own:
            return await super().insert_all(rows, guard, parameters, session=own)


def undoing(house: House) -> House:
    """The same house, with such a database."""
    return replace(house, database=cast(Database, Undone(house.database.engine)))
