"""The way back for who has lost the telephone and the recovery codes, or has forgotten the password.

The security administrator takes a colleague's second factor away, and learns no password by it; a new password is
given by an operator, on the machine itself, because whoever may give passwords may become anybody (三员分立).
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.roles import Permission
from app.errors import Forbidden
from app.models.person import Person
from app.services import account_trail, auditing, passwords, second_factor
from app.services.access import Actor
from app.services.people import PersonUnknown, tied
from app.services.sign_ins import revoke

NO_FACTOR = {"totp_secret": None, "totp_confirmed_at": None, "totp_step": None}


async def remove_second_factor(
    session: AsyncSession, actor: Actor, person_id: UUID, reason: str, at: datetime
) -> None:
    """Of somebody tied to the own part of the tree; their sign-ins end. Raises Forbidden (also for oneself, who has
    `my_second_factor.remove`), PersonUnknown.
    """
    paths = actor.paths(Permission.SIGN_INS_REVOKE)
    if not paths or actor.person_id == person_id:
        raise Forbidden
    if not await _changed(session, col(Person.id) == person_id, tied(paths), **NO_FACTOR):
        raise PersonUnknown
    await _let_go(session, person_id, at)
    await account_trail.done(session, actor, "person_second_factor_remove", about=person_id, reason=reason)


async def recover(session: AsyncSession, username: str, password: str, at: datetime) -> UUID:
    """A new first password and no second factor: what an operator does. Raises PasswordWeak, PersonUnknown."""
    kept = await passwords.hash_strong(password, username)
    whose = col(Person.username) == username
    found = await _changed(session, whose, password_hash=kept, password_changed_at=None, **NO_FACTOR)
    if found is None:
        raise PersonUnknown
    await _let_go(session, found, at)
    place = await account_trail.place_of(session, found)
    kind = account_trail.PERSON
    auditing.record(session, None, "sidan_recover", org_path=place, object_kind=kind, object_id=found)
    return found


async def _changed(session: AsyncSession, *whose: ColumnElement[bool], **columns: object) -> UUID | None:
    changed = update(Person).where(*whose, col(Person.active)).values(columns).returning(col(Person.id))
    row = (await session.exec(changed.execution_options(synchronize_session=False))).first()
    return row[0] if row else None


async def _let_go(session: AsyncSession, person_id: UUID, at: datetime) -> None:
    await second_factor.forget_recovery_codes(session, person_id)
    await revoke(session, person_id, at)
