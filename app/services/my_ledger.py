"""My ledger (积分流水): each line with the order that earned it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.models.order import Order
from app.models.points import PointsAccount, PointsCause, PointsEntry, PointsTransfer
from app.schemas.base import Keyset
from app.services.access import Actor
from app.services.scope import visible


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger (积分流水)."""

    id: UUID
    created_at: datetime
    amount: int
    cause: PointsCause
    center_id: UUID
    order_id: UUID | None
    order_title: str | None


async def entries(session: AsyncSession, actor: Actor, wanted: Keyset | None = None) -> list[Entry]:
    """Newest first, one more than `limit` when there is a next page; all of them when none is `wanted`."""
    mine = {account.id: account.center_id for account in await session.exec(visible(PointsAccount, actor))}
    found = (
        select(PointsEntry, PointsTransfer)
        .join(PointsTransfer, col(PointsTransfer.id) == PointsEntry.transfer_id)
        .where(col(PointsEntry.account_id).in_(mine))
        .order_by(col(PointsEntry.id).desc())
    )
    if wanted is not None:
        found = found.limit(wanted.limit + 1)
        if wanted.cursor:
            found = found.where(col(PointsEntry.id) < wanted.cursor)
    rows = (await session.exec(found)).all()
    titles = await _titles(session, actor, {transfer.order_id for _, transfer in rows if transfer.order_id})
    return [
        Entry(
            id=entry.id,
            created_at=entry.created_at,
            amount=entry.amount,
            cause=transfer.cause,
            center_id=mine[entry.account_id],
            order_id=transfer.order_id,
            order_title=titles.get(transfer.order_id) if transfer.order_id else None,
        )
        for entry, transfer in rows
    ]


async def _titles(session: AsyncSession, actor: Actor, orders: set[UUID]) -> dict[UUID, str]:
    found = visible(Order, actor).where(col(Order.id).in_(orders))
    return {order.id: order.title for order in await session.exec(found)}
