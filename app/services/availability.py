"""When a team is free: a week that repeats, and single days that differ from it.

The leader, who knows, says so from the phone; the administrators may too.
"""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.roles import Permission
from app.errors import Invalid, NotFound
from app.models.team import Team, TeamException
from app.schemas.hours import DayIn, WeekIn
from app.services import teams
from app.services.access import Actor
from app.services.policies import today_at

AHEAD = timedelta(days=730)


class DayOutOfRange(Invalid):
    code, title = "day_out_of_range", "日期须在今天至两年以内"
    title_en = "The day is past or more than two years ahead"


async def set_week(session: AsyncSession, actor: Actor, team_id: UUID, week: WeekIn) -> Team:
    """Raises NotFound, Forbidden."""
    team = await teams.hold(session, actor, Permission.TEAMS_SCHEDULE, team_id)
    team.weekly = week.packed()
    await session.flush()
    return team


async def set_day(session: AsyncSession, actor: Actor, team_id: UUID, day: date, hours: DayIn) -> Team:
    """Raises NotFound, Forbidden, DayOutOfRange."""
    team = await teams.hold(session, actor, Permission.TEAMS_SCHEDULE, team_id)
    today = await today_at(session, team.org_path)
    if not today <= day <= today + AHEAD:
        raise DayOutOfRange
    here = select(TeamException).where(TeamException.team_id == team.id, TeamException.day == day)
    row = (await session.exec(here)).one_or_none() or TeamException(team_id=team.id, day=day, free="")
    row.free = hours.packed()
    session.add(row)
    await session.flush()
    return team


async def clear_day(session: AsyncSession, actor: Actor, team_id: UUID, day: date) -> None:
    """The week counts again. Raises NotFound (also when the day was no exception), Forbidden."""
    team = await teams.hold(session, actor, Permission.TEAMS_SCHEDULE, team_id)
    gone = await session.exec(
        delete(TeamException)
        .where(col(TeamException.team_id) == team.id, col(TeamException.day) == day)
        .returning(col(TeamException.id))
    )
    if gone.first() is None:
        raise NotFound("这一天没有另设时间")
