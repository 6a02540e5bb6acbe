"""Pictures that were kept long enough: those of old orders, and those that came into none.

The bytes go before the row that names them: whatever is interrupted between the two is found and done again. What
was never attached cannot be any more by then (services/media.py), so nobody is given a row without its bytes.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import table_of
from app.models.media import Media
from app.services.access import SYSTEM
from app.services.batches import count
from app.services.columns import columns
from app.services.media import LOOSE_KEPT
from app.services.record_keeping import old_of
from app.services.scope import visible
from app.services.terms import Center

_media: Final = table_of(Media)
GRACE: Final = timedelta(days=1)
"""An attaching that began in time has long ended."""


async def of_orders(session: AsyncSession, center: Center, limit: int) -> Sequence[Any]:
    """(id, storage_key) of at most `limit` pictures of orders whose records are kept no longer."""
    old = old_of(_media, center)
    return await columns(session, old.limit(limit), Media.id, Media.storage_key)


async def loose(session: AsyncSession, at: datetime, limit: int) -> Sequence[Any]:
    """The same of those that nobody has used."""
    unused = visible(Media, SYSTEM).where(
        col(Media.order_id).is_(None), col(Media.created_at) < at - LOOSE_KEPT - GRACE
    )
    return await columns(session, unused.limit(limit), Media.id, Media.storage_key)


async def forget(session: AsyncSession, ids: Sequence[UUID]) -> int:
    """The rows, when their bytes are gone; how many were still there."""
    return await count(session, delete(_media).where(_media.c.id.in_(ids)))
