"""Teams for adults only (志愿服务条例 Art. 15; several provinces ban minors from rescue work)."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.age import is_adult, needs_guardian
from app.errors import Invalid
from app.models.person import Person
from app.models.team import Team, TeamMember
from app.services.policies import today_at


class MemberNotAdult(Invalid):
    code, title = "member_not_adult", "该队只接收成年人，须年满18岁并登记出生日期"
    title_en = "The team takes adults with a known date of birth only"


class TooYoung(Invalid):
    code, title = "volunteer_too_young", "未满十四周岁不能担任志愿者"
    title_en = "Nobody under fourteen volunteers"


async def require_old_enough(session: AsyncSession, person: Person, org_path: str) -> None:
    """Raises TooYoung for who is known to be under fourteen today."""
    if needs_guardian(person.birth_date, await today_at(session, org_path)):
        raise TooYoung


async def require_adult(session: AsyncSession, team: Team, person: Person) -> None:
    """Raises TooYoung, and MemberNotAdult when the team asks for adults and this is not known to be one today."""
    await require_old_enough(session, person, team.org_path)
    if team.adults_only and not is_adult(person.birth_date, await today_at(session, team.org_path)):
        raise MemberNotAdult


async def require_all_adults(session: AsyncSession, team_id: UUID, org_path: str) -> None:
    """Raises MemberNotAdult when any member is not known to be one today."""
    members = select(Person).join(TeamMember, col(TeamMember.person_id) == Person.id)
    today = await today_at(session, org_path)
    found = await session.exec(members.where(TeamMember.team_id == team_id))
    if not all(is_adult(person.birth_date, today) for person in found):
        raise MemberNotAdult
