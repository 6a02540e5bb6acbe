"""Now and then the deeds of a center's teams are counted, so that a ranking needs not count them itself."""

from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.house import House
from app.models.organisation import Organisation, OrgLevel
from app.services import standings

EVERY = timedelta(hours=1)


async def run(house: House, at: datetime, limit: int = 100) -> int:
    """Count at most `limit` centers last counted an hour before `at` (aware); how many.

    Each in a transaction of its own, which first marks the center as counted: of two processes one does it, and
    a process that dies in between has marked nothing.
    """
    done = 0
    while done < limit:
        async with house.database.transaction() as session:
            path = await _claim(session, at)
            if path is None:
                break
            await standings.tally(session, path, at)
            done += 1
    return done


async def _claim(session: AsyncSession, at: datetime) -> str | None:
    """The path of a center to count, now marked; None when all are counted, or another process has just begun."""
    due = or_(col(Organisation.tallied_at).is_(None), col(Organisation.tallied_at) <= at - EVERY)
    center = col(Organisation.level) == OrgLevel.CENTER
    first = select(Organisation.id).where(center, due).order_by(col(Organisation.id)).limit(1)
    claimed = await session.exec(
        update(Organisation)
        .where(col(Organisation.id).in_(first.with_for_update(skip_locked=True)), due)
        .values(tallied_at=at)
        .returning(col(Organisation.path))
        .execution_options(synchronize_session=False)
    )
    path: str | None = claimed.scalar_one_or_none()
    return path
