"""Proof that a refused call changed nothing: every table counted, and the rows of the center's orders compared."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import func, select
from sqlmodel import SQLModel

from app.db import table_of
from app.models.media import Media
from app.models.offer import Offer
from app.models.order import Order
from app.models.service import Attendance, CrewMember
from tests.factories import District

TRAIL = {"audit_entry", "audit_chain", "sign_in_attempt"}
"""What is refused is told there."""
WATCHED = (Offer, CrewMember, Attendance, Media)


async def state(district: District) -> dict[str, Any]:
    """How many rows each table has, and what stands in those that belong to this center's orders."""
    order = table_of(Order)
    own = select(order.c.id).where(order.c.org_path.startswith(district.center.path))
    async with district.house.database.transaction() as session:
        connection = await session.connection()
        found: dict[str, Any] = {
            table.name: (await connection.execute(select(func.count()).select_from(table))).scalar_one()
            for table in SQLModel.metadata.sorted_tables
            if table.name not in TRAIL
        }
        orders = select(order).where(order.c.id.in_(own)).order_by(order.c.id)
        found["orders"] = (await connection.execute(orders)).all()
        for table in map(table_of, WATCHED):
            rows = select(table).where(table.c.order_id.in_(own)).order_by(table.c.id)
            found[f"{table.name}s"] = (await connection.execute(rows)).all()
    return found


@asynccontextmanager
async def unchanged(district: District) -> AsyncIterator[None]:
    """AssertionError when the block changed anything."""
    before = await state(district)
    yield
    assert await state(district) == before
