"""What a team or a volunteer can do, replaced as a whole."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.models.team import TeamSpecialty
from app.models.volunteer import VolunteerSpecialty
from app.schemas.skill import SkillIn, SkillOut

Kind = type[TeamSpecialty] | type[VolunteerSpecialty]


def _owner(kind: Kind) -> str:
    return "team_id" if kind is TeamSpecialty else "volunteer_id"


async def of(session: AsyncSession, kind: Kind, owner_id: UUID) -> list[SkillOut]:
    """By code."""
    rows = select(kind).where(col(getattr(kind, _owner(kind))) == owner_id).order_by(col(kind.specialty))
    return [SkillOut.model_validate(row) for row in await session.exec(rows)]


async def replace(session: AsyncSession, kind: Kind, owner_id: UUID, skills: list[SkillIn]) -> None:
    """The caller holds the center (organisations.bump), so two replacements do not mix."""
    await session.exec(delete(kind).where(col(getattr(kind, _owner(kind))) == owner_id))
    owned: dict[str, Any] = {_owner(kind): owner_id}
    session.add_all(kind(**owned, **skill.model_dump()) for skill in skills)
    await session.flush()
