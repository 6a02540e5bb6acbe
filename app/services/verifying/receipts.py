"""Every receipt gives its scores again: calculated anew from its own numbers, not asked of the database."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.matching.receipt import ReceiptBroken, check
from app.domain.matching.score import FORMULA
from app.models.offer import Offer
from app.services.access import SYSTEM
from app.services.columns import columns
from app.services.scope import visible
from app.services.verifying.violations import SHOWN, Violation

RULE = "offer_receipt_broken"
AT_ONCE = 500


async def broken(session: AsyncSession) -> list[Violation]:
    """Receipts of the formulae in use that do not come out; at most SHOWN, then one line with the number."""
    found: list[Violation] = []
    others, after = 0, UUID(int=0)
    while batch := await _batch(session, after):
        after = batch[-1][0]
        for offer_id, receipt in batch:
            if (text := _wrong(receipt)) is None:
                continue
            if len(found) < SHOWN:
                found.append(Violation(RULE, f"offer {offer_id}", f"派单凭据无法复算：{text}"))
            else:
                others += 1
    return [*found, Violation(RULE, "offer", f"另有 {others} 处，未逐一列出")] if others else found


async def _batch(session: AsyncSession, after: UUID) -> list[tuple[UUID, Mapping[str, Any]]]:
    rows = visible(Offer, SYSTEM).where(col(Offer.id) > after).order_by(col(Offer.id)).limit(AT_ONCE)
    return [(row.id, row.receipt) for row in await columns(session, rows, Offer.id, Offer.receipt)]


def _wrong(receipt: Mapping[str, Any]) -> str | None:
    """What is wrong with a receipt; one of older formulae, or of a claim, is not doubted."""
    if receipt.get("formula") != FORMULA:
        return None
    try:
        check(receipt)
    except (ReceiptBroken, KeyError, TypeError, ValueError) as error:
        return str(error)
    return None
