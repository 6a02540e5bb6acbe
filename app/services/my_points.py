"""What I have earned: points at each center, hours of both kinds, and the stars these reach."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.stars import next_star, stars
from app.models.order import Order
from app.models.organisation import Organisation
from app.models.points import PointsAccount, PointsCause, PointsEntry, PointsTransfer
from app.models.service import Attendance
from app.schemas.base import Keyset
from app.services.access import Actor, visible
from app.services.actors import person_of


@dataclass(frozen=True, slots=True)
class Balance:
    center: Organisation
    balance: int


@dataclass(frozen=True, slots=True)
class Missing:
    """What is missing to the next star."""

    star: int
    minutes_missing: int


@dataclass(frozen=True, slots=True)
class Earned:
    """Minutes proven (信用时数) and minutes entered by a leader (荣誉时数); stars count both."""

    balances: tuple[Balance, ...]
    verified_minutes: int
    declared_minutes: int

    @property
    def stars(self) -> int:
        return stars(self.verified_minutes + self.declared_minutes)

    @property
    def next_star(self) -> Missing | None:
        """None with five stars."""
        step = next_star(self.verified_minutes + self.declared_minutes)
        return Missing(*step) if step else None


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


async def earned(session: AsyncSession, actor: Actor) -> Earned:
    accounts = list(await session.exec(visible(PointsAccount, actor).order_by(col(PointsAccount.id))))
    centers = await session.exec(
        select(Organisation).where(col(Organisation.id).in_([account.center_id for account in accounts]))
    )
    by_id = {center.id: center for center in centers}
    minutes = await session.exec(
        select(
            func.coalesce(func.sum(Attendance.verified_minutes), 0),
            func.coalesce(func.sum(Attendance.declared_minutes), 0),
        ).where(Attendance.person_id == person_of(actor))
    )
    verified, declared = minutes.one()
    return Earned(
        tuple(Balance(by_id[account.center_id], account.balance) for account in accounts),
        int(verified),
        int(declared),
    )


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
