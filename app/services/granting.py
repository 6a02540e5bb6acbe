"""A role that rules over others is granted by two: an administrator asks, who keeps the place secure says yes.

The one exception is the first security administrator, without whom nobody could say yes: while nobody who stands
over a place may, that one role is given at once. Only the first is: the last cannot be taken away (grants.py).
"""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.roles import RULING, Permission, Role
from app.domain.trust import Grants
from app.models.approval import Approval, ApprovalKind
from app.models.organisation import Organisation
from app.models.person import Person, RoleGrant
from app.schemas.grant import GrantCreate
from app.services import approvals, grants, organisations, people
from app.services.access import Actor
from app.services.holders import holders
from app.services.policies import policy_at


async def create(session: AsyncSession, actor: Actor, new: GrantCreate, at: datetime) -> RoleGrant | Approval:
    """The grant, or what asks for it. Raises NotFound, Forbidden, PersonUnknown, AlreadyGranted, AlreadyAsked."""
    place = await organisations.reach(session, actor, Permission.GRANTS_MANAGE, new.organisation_id)
    person = await people.within_reach(session, actor, new.person_id)
    return await give_or_ask(session, actor, person, new.role, place, new.reason, at)


async def give_or_ask(
    session: AsyncSession,
    actor: Actor,
    person: Person,
    role: Role,
    place: Organisation,
    reason: str,
    at: datetime,
) -> RoleGrant | Approval:
    """For callers who know that `place` is within the actor's reach. Raises AlreadyGranted, AlreadyAsked."""
    if not await _takes_two(session, role, place):
        return await grants.give(session, actor, person.id, role, place)
    await grants.require_grantable(session, person.id, role, place)
    return await approvals.ask(
        session,
        actor,
        ApprovalKind.GRANT,
        org_path=place.path,
        subject_id=person.id,
        wanted={"person_id": str(person.id), "role": role.value, "organisation_id": str(place.id)},
        reason=reason,
        at=at,
    )


async def _takes_two(session: AsyncSession, role: Role, place: Organisation) -> bool:
    rule = (await policy_at(session, place.path)).approvals.grants
    if rule is Grants.NONE or (rule is Grants.RULING and role not in RULING):
        return False
    if role is not Role.SECURITY_ADMIN:
        return True
    await organisations.bump(session, place.path)
    return bool(await holders(session, Permission.GRANTS_APPROVE, place.path))
