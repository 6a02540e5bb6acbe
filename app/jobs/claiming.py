"""A batch is claimed at once, and where one row spoils it, one row at a time.

A row that cannot be read (sealed by a key that is gone, changed by hand) must not keep from anybody else what they
are waiting for: it is set aside, which is logged, counted, and written to the row by whoever knows how.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from app import metrics
from app.db import Database
from app.errors import Unavailable

log = logging.getLogger(__name__)

MOST = 100
"""Rows that are claimed one by one in a turn; the rest in the next."""

Batch = TypeVar("Batch")
Claim = Callable[[AsyncSession, UUID | None], Awaitable[Batch]]
"""In this transaction: whatever is due, or only the row of this id."""
Aside = Callable[[AsyncSession, UUID], Awaitable[object]]


async def claimed(
    database: Database, claim: Claim[Batch], due: SelectOfScalar[UUID], aside: Aside
) -> list[Batch]:
    """What `claim` gives: usually one batch of all; where that fails, one of each of the rows that `due` names.

    Raises Unavailable.
    """
    try:
        async with database.transaction() as session:
            return [await claim(session, None)]
    except Unavailable:
        raise
    except Exception as error:
        spoilt = type(error).__name__
    async with database.transaction() as session:
        ids = list(await session.exec(due.limit(MOST)))
    log.warning("%d rows are claimed one at a time: one of them spoils the batch (%s)", len(ids), spoilt)
    batches = []
    for row_id in ids:
        try:
            async with database.transaction() as session:
                batches.append(await claim(session, row_id))
        except Unavailable:
            raise
        except Exception:
            log.exception("%s is set aside", row_id)
            metrics.LEFT.labels("outbox").inc()
            async with database.transaction() as session:
                await aside(session, row_id)
    return batches
