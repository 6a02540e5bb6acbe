"""A row that nobody can read any more, as a lost key or a hand in the database leaves it."""

from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, type_coerce, update
from sqlmodel import SQLModel

from app.db import table_of
from app.house import House


async def spoil(house: House, model: type[SQLModel], row_id: UUID, column: str, kept: bytes) -> None:
    """Put `kept`, sealed by nobody, under a sealed column; none of the house's own code could."""
    table: Any = table_of(model)
    spoilt = update(table).where(table.c.id == row_id).values({column: type_coerce(kept, LargeBinary)})
    async with house.database.transaction() as session:
        await (await session.connection()).execute(spoilt)
