"""Staff: who signs in by user name and password."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.roles import Permission
from app.errors import Conflict
from app.models.approval import Approval
from app.models.person import Person
from app.schemas.person import StaffCreate
from app.services import granting, organisations
from app.services.access import Actor, require_at
from app.services.passwords import hash_strong
from app.services.unique import insert_unique


class UsernameTaken(Conflict):
    code, title = "username_taken", "该用户名已被使用"
    title_en = "The user name is taken"


async def create(
    session: AsyncSession, actor: Actor, new: StaffCreate, at: datetime
) -> tuple[Person, UUID | None]:
    """With what asks for the first role, where one person may not give it alone.

    Raises NotFound, Forbidden (both also of the first role), PasswordWeak, UsernameTaken.
    """
    place = await organisations.reach(session, actor, Permission.PEOPLE_MANAGE, new.organisation_id)
    require_at(actor, Permission.GRANTS_MANAGE, place.path)
    kept = await hash_strong(new.password.get_secret_value(), new.username)
    person = Person(
        name=new.name,
        phone=new.phone,
        birth_date=new.birth_date,
        username=new.username,
        password_hash=kept,
    )
    await insert_unique(session, person, UsernameTaken)
    given = await granting.give_or_ask(session, actor, person, new.role, place, new.reason, at)
    return person, given.id if isinstance(given, Approval) else None
