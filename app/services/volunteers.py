"""Registered volunteers and what they can do."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import exists
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import insert_new
from app.domain.id_number import birth_date_of
from app.domain.roles import Permission
from app.errors import Conflict, Invalid, NotFound
from app.models.base import new_id
from app.models.person import Person
from app.models.volunteer import Volunteer, VolunteerSpecialty
from app.schemas.skill import SkillIn
from app.schemas.volunteer import VolunteerCreate, VolunteerDetail, VolunteerFilter, VolunteerSummary
from app.services import auditing, members, organisations, people, skills
from app.services.access import SYSTEM, Actor, require_at
from app.services.adults import require_old_enough
from app.services.keyset import newest_first
from app.services.policies import policy_at
from app.services.scope import visible
from app.services.unique import update_unique

DIGITS = 16


class AlreadyVolunteer(Conflict):
    code, title = "already_volunteer", "此人已是注册志愿者"
    title_en = "The person is registered as a volunteer already"


class IdNumberNeeded(Invalid):
    code, title = "id_number_needed", "本中心实名登记，请填写身份证号码"
    title_en = "This place asks for the number of the identity card"


class IdNumberMismatch(Invalid):
    code, title = "id_number_mismatch", "身份证号码与登记的出生日期不符"
    title_en = "The number tells another date of birth"


class IdNumberTaken(Conflict):
    """By whom is not told."""

    code, title = "id_number_taken", "该身份证号码已登记过"
    title_en = "The number is registered already"


def new_number() -> str:
    """Sixteen digits that tell nothing about the person (MZ/T 061: the number hides the identity card)."""
    return f"{new_id().int % 10**DIGITS:0{DIGITS}}"


async def get(session: AsyncSession, actor: Actor, volunteer_id: UUID) -> Volunteer:
    """The volunteer, if they exist for this actor. Raises NotFound."""
    found = await session.exec(visible(Volunteer, actor).where(col(Volunteer.id) == volunteer_id))
    volunteer = found.one_or_none()
    if volunteer is None:
        raise NotFound("没有这名志愿者")
    return volunteer


async def listing(session: AsyncSession, actor: Actor, wanted: VolunteerFilter) -> list[VolunteerSummary]:
    """Newest first; one more than `limit` when there is a next page. Raises NotFound (`within`)."""
    rows = visible(Volunteer, actor)
    if wanted.within is not None:
        place = await organisations.get(session, wanted.within)
        rows = rows.where(col(Volunteer.org_path).startswith(place.path))
    if wanted.person_id is not None:
        rows = rows.where(col(Volunteer.person_id) == wanted.person_id)
    if wanted.active is not None:
        rows = rows.where(col(Volunteer.active) == wanted.active)
    if wanted.specialty is not None:
        holds = exists().where(
            col(VolunteerSpecialty.volunteer_id) == Volunteer.id,
            col(VolunteerSpecialty.specialty) == wanted.specialty,
        )
        rows = rows.where(holds)
    found = list(await session.exec(newest_first(rows, Volunteer, wanted)))
    auditing.saw(session, (volunteer.person_id for volunteer in found[: wanted.limit]))
    return await _shown(session, found)


async def detail(session: AsyncSession, volunteer: Volunteer) -> VolunteerDetail:
    (summary,) = await _shown(session, [volunteer])
    held = await skills.of(session, VolunteerSpecialty, volunteer.id)
    return VolunteerDetail(
        **summary.model_dump(),
        id_number=volunteer.id_number,
        gender=volunteer.gender,
        languages=volunteer.languages,
        specialties=held,
    )


async def register(session: AsyncSession, actor: Actor, new: VolunteerCreate) -> Volunteer:
    """Raises NotFound, Forbidden, PersonUnknown, TooYoung, AlreadyVolunteer, and what _identify() raises."""
    place = await organisations.reach(session, actor, Permission.PEOPLE_MANAGE, new.organisation_id)
    person = await people.within_reach(session, actor, new.person_id)
    await members.bump_teams_of(session, new.person_id)
    if new.id_number is not None:
        await _identify(session, person, new.id_number)
    elif (await policy_at(session, place.path)).privacy.id_number_needed:
        raise IdNumberNeeded
    await require_old_enough(session, person, place.path)
    row = Volunteer(
        **new.model_dump(), id_number_hash=new.id_number, number=new_number(), org_path=place.path
    )
    if not await insert_new(session, row):
        known = visible(Volunteer, SYSTEM).where(col(Volunteer.person_id) == person.id)
        raise AlreadyVolunteer if (await session.exec(known)).first() else IdNumberTaken
    return row


async def change(
    session: AsyncSession, actor: Actor, volunteer_id: UUID, columns: dict[str, Any]
) -> Volunteer:
    """Raises NotFound, Forbidden, IdNumberMismatch, IdNumberTaken."""
    volunteer = await _hold(session, actor, volunteer_id)
    if number := columns.get("id_number"):
        await _identify(session, await people.existing(session, volunteer.person_id), number)
        columns = {**columns, "id_number_hash": number}
    return await update_unique(session, volunteer, columns, IdNumberTaken)


async def set_specialties(
    session: AsyncSession, actor: Actor, volunteer_id: UUID, held: list[SkillIn]
) -> Volunteer:
    """Raises NotFound, Forbidden."""
    volunteer = await _hold(session, actor, volunteer_id)
    await skills.replace(session, VolunteerSpecialty, volunteer.id, held)
    return volunteer


async def _identify(session: AsyncSession, person: Person, number: str) -> None:
    """The number tells the date of birth, or agrees with it. Raises IdNumberMismatch."""
    born = birth_date_of(number)
    if person.birth_date not in (None, born):
        raise IdNumberMismatch
    person.birth_date = born
    session.add(person)
    await session.flush()


async def _hold(session: AsyncSession, actor: Actor, volunteer_id: UUID) -> Volunteer:
    volunteer = await get(session, actor, volunteer_id)
    require_at(actor, Permission.PEOPLE_MANAGE, volunteer.org_path)
    await members.bump_teams_of(session, volunteer.person_id, volunteer.org_path)
    return volunteer


async def _shown(session: AsyncSession, rows: Sequence[Volunteer]) -> list[VolunteerSummary]:
    known = await people.by_id(session, (row.person_id for row in rows))
    return [
        VolunteerSummary(**row.model_dump(), name=known[row.person_id].name, phone=known[row.person_id].phone)
        for row in rows
    ]
