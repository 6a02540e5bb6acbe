"""What is said about a recurring order as a whole; about each of its orders the order speaks."""

from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.db import insert_new
from app.domain.notices import Audience
from app.domain.quiet import after_quiet
from app.domain.reminders import Reminder
from app.models.base import new_id
from app.models.notification import Notification
from app.models.recurring import RecurringOrder
from app.services.policies import policy_at


async def say(
    session: AsyncSession, series: RecurringOrder, kind: Reminder, *audiences: Audience, reason: str = ""
) -> None:
    """To who asked for the series, or to whoever is on duty; once for each kind and reason. No phone rings at night
    about what is weeks ahead.
    """
    at, policy = now(), await policy_at(session, series.org_path)
    hours = policy.notices
    awake = after_quiet(at, hours.quiet_from, hours.quiet_until, ZoneInfo(series.time_zone))
    for audience in audiences:
        person_id = series.placed_by_id if audience is Audience.RESIDENT else None
        row = Notification(
            id=new_id(),
            created_at=at,
            due_at=at,
            send_at=None if person_id is None else awake,
            person_id=person_id,
            org_path=series.org_path if person_id is None else None,
            kind=kind.value,
            data={"title": series.title, "reason": reason, "audience": audience.value},
            dedupe_key=f"{series.id.hex}:{kind}:{audience}:{reason}"[:120],
        )
        await insert_new(session, row)
