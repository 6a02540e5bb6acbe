"""What happened to an account, told to the auditors of where its person holds roles.

Sign-ins of residents, who hold none, are in their own list (my_sign_ins.py) and not in the trail. An entry names
no user name: the person where one is known, else nobody.
"""

from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import Database
from app.errors import AppError
from app.models.organisation import Organisation
from app.models.person import RoleGrant, SignIn
from app.models.team import Team
from app.services import auditing
from app.services.access import Actor
from app.services.attempts import SignInLocked
from app.services.proving import Guess

PERSON = "person"
_NOBODY = UUID(int=0)


async def done(
    session: AsyncSession,
    actor: Actor,
    act: str,
    *,
    about: UUID | None = None,
    result: str = auditing.DONE,
    reason: str = "",
) -> None:
    """In the transaction of what was done, to oneself or, with `about`, to somebody else."""
    person_id = about or actor.person_id or _NOBODY
    auditing.record(
        session,
        actor,
        act,
        org_path=await place_of(session, person_id),
        object_kind=PERSON,
        object_id=person_id,
        result=result,
        reason=reason,
    )


async def done_by_staff(session: AsyncSession, actor: Actor, act: str) -> None:
    """The same, of who was granted a role: what a resident does to the own account stays their own."""
    if actor.person_id and await place_of(session, actor.person_id) != auditing.EVERYWHERE:
        await done(session, actor, act)


async def refused(
    database: Database, guess: Guess, act: str, why: AppError, actor: Actor | None = None
) -> None:
    """In a transaction of its own, because that of the act was rolled back. At an unknown name the same is done."""
    person_id = guess.account.person_id if guess.account else None
    async with database.transaction() as session:
        place = await place_of(session, person_id or _NOBODY)
        auditing.record(
            session,
            actor,
            act,
            org_path=place,
            object_kind=PERSON if person_id else "",
            object_id=person_id,
            result=SignInLocked.code if guess.charge.locks else why.code,
        )


async def holder(session: AsyncSession, person_id: UUID, sign_in_id: UUID) -> Actor:
    """Who holds a token; without the sign-in, where none of theirs is called so."""
    theirs = select(SignIn.id).where(SignIn.id == sign_in_id, SignIn.person_id == person_id)
    return Actor(person_id, sign_in_id=(await session.exec(theirs)).first())


async def place_of(session: AsyncSession, person_id: UUID) -> str:
    """The highest place where somebody holds a role; `/` for who holds none."""
    held = await session.exec(
        select(func.coalesce(Organisation.path, Team.org_path))
        .select_from(RoleGrant)
        .outerjoin(Organisation, col(Organisation.id) == RoleGrant.organisation_id)
        .outerjoin(Team, col(Team.id) == RoleGrant.team_id)
        .where(RoleGrant.person_id == person_id)
    )
    return min(filter(None, held), key=len, default=auditing.EVERYWHERE)
