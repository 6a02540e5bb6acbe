"""The ledger: two entries that sum to zero, once for each cause and reference, and never touched again."""

from uuid import UUID

from sqlalchemy import func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.db import insert_new
from app.models.order import Order
from app.models.organisation import Organisation
from app.models.points import PointsAccount, PointsCause, PointsEntry, PointsTransfer
from app.services.access import SYSTEM, center_of
from app.services.scope import visible


async def issue(
    session: AsyncSession, order: Order, person_id: UUID, amount: int, cause: PointsCause, reference: UUID
) -> bool:
    """Move `amount` points from the center's issuing account to a person's; True when this call did it.

    Nothing moves for an amount of zero or less (what was earned is not taken back here), nor when
    (cause, reference) was already transferred.
    """
    if amount <= 0:
        return False
    center_id = (
        await session.exec(select(Organisation.id).where(Organisation.path == center_of(order.org_path)))
    ).one()
    transfer = PointsTransfer(created_at=now(), cause=cause, reference=reference, order_id=order.id)
    if not await insert_new(session, transfer):
        return False
    issuer = await _account(session, center_id, None)
    account = await _account(session, center_id, person_id)
    for account_id, signed in ((issuer, -amount), (account, amount)):
        entry = PointsEntry(created_at=now(), transfer_id=transfer.id, account_id=account_id, amount=signed)
        session.add(entry)
    await session.exec(
        update(PointsAccount)
        .where(col(PointsAccount.id) == account)
        .values(balance=PointsAccount.balance + amount)
    )
    return True


async def had_for_order(session: AsyncSession, person_id: UUID, order_id: UUID) -> int:
    """What this person has been credited for this order so far."""
    total = await session.exec(
        select(func.coalesce(func.sum(PointsEntry.amount), 0))
        .join(PointsTransfer, col(PointsTransfer.id) == PointsEntry.transfer_id)
        .join(PointsAccount, col(PointsAccount.id) == PointsEntry.account_id)
        .where(PointsTransfer.order_id == order_id, PointsAccount.person_id == person_id)
    )
    return int(total.one())


async def _account(session: AsyncSession, center_id: UUID, person_id: UUID | None) -> UUID:
    """The account, opened on first use; two openers at once end up with the same one."""
    await insert_new(session, PointsAccount(created_at=now(), center_id=center_id, person_id=person_id))
    owner = col(PointsAccount.person_id)
    found = visible(PointsAccount, SYSTEM).where(
        col(PointsAccount.center_id) == center_id,
        owner.is_(None) if person_id is None else owner == person_id,
    )
    return (await session.exec(found)).one().id
