"""Two who take the same name at once: a constraint decides, and the second is told so in words."""

from typing import Any, TypeVar

from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import insert_new
from app.errors import Conflict

Row = TypeVar("Row", bound=SQLModel)


async def insert_unique(session: AsyncSession, row: Row, taken: type[Conflict]) -> Row:
    """Insert `row`, or raise `taken`."""
    if not await insert_new(session, row):
        raise taken
    return row


async def update_unique(
    session: AsyncSession, row: Row, columns: dict[str, Any], taken: type[Conflict]
) -> Row:
    """Set `columns` on a row of this session, or raise `taken`; the transaction is then at its end."""
    row.sqlmodel_update(columns)
    try:
        await session.flush()
    except IntegrityError as error:
        raise taken from error
    return row
