"""What is said about a recurring order as a whole; about each of its orders the order speaks."""

from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.db import insert_new
from app.domain.notices import Audience
from app.domain.reminders import Reminder
from app.models.base import new_id
from app.models.notification import Notification
from app.models.recurring import RecurringOrder


async def say(
    session: AsyncSession, series: RecurringOrder, kind: Reminder, *audiences: Audience, reason: str = ""
) -> None:
    """To who asked for the series, or to whoever is on duty; once for each kind and reason."""
    at = now()
    for audience in audiences:
        person_id = series.placed_by_id if audience is Audience.RESIDENT else None
        row = Notification(
            id=new_id(),
            created_at=at,
            due_at=at,
            send_at=None if person_id is None else at,
            person_id=person_id,
            org_path=series.org_path if person_id is None else None,
            kind=kind.value,
            data={"title": series.title, "reason": reason, "audience": audience.value},
            dedupe_key=f"{series.id.hex}:{kind}:{audience}:{reason}"[:120],
        )
        await insert_new(session, row)
