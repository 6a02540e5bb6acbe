"""The policy in force at an organisation, and how a place changes its own."""

from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.domain.policy import OF_CENTER, Policy, effective
from app.domain.roles import Permission
from app.errors import Invalid
from app.models.organisation import Organisation
from app.schemas.policy import PolicyOut
from app.services import auditing, organisations
from app.services.access import Actor, ancestors, center_of


class PolicyInvalid(Invalid):
    code, title = "policy_invalid", "规则设置有误"
    title_en = "Not a policy"


class RetentionOfCenter(Invalid):
    """A station that keeps less than its center would be told of days that nobody keeps."""

    code, title = "retention_of_center", "保存期限由中心统一规定，下级组织不能另设"
    title_en = "How long is kept what is kept, the center says"


async def policy_at(session: AsyncSession, org_path: str) -> Policy:
    """The defaults overlaid with what each organisation from the center down to `org_path` changes."""
    rows = await session.exec(
        select(Organisation.policy)
        .where(col(Organisation.path).in_(ancestors(org_path)))
        .order_by(col(Organisation.path))
    )
    return effective(rows)


async def today_at(session: AsyncSession, org_path: str) -> date:
    """The calendar day at the organisation."""
    zone = ZoneInfo((await policy_at(session, org_path)).time_zone)
    return now().astimezone(zone).date()


async def show(session: AsyncSession, actor: Actor, organisation_id: UUID) -> PolicyOut:
    """For those who work by it. Raises NotFound, Forbidden."""
    place = await organisations.reach(session, actor, Permission.ORDERS_READ, organisation_id)
    return await _shown(session, place)


async def replace(
    session: AsyncSession, actor: Actor, organisation_id: UUID, change: dict[str, Any], seen: int | None
) -> PolicyOut:
    """Let `change` be all that this place sets. Raises NotFound, Forbidden, Stale, PolicyInvalid,
    RetentionOfCenter.

    `seen` is the revision on which the change was based; None asks for no such care.
    """
    place = await organisations.reach(session, actor, Permission.POLICIES_MANAGE, organisation_id)
    if place.parent_id is not None and OF_CENTER & change.keys():
        raise RetentionOfCenter
    await organisations.bump(session, place.path, seen=seen)
    auditing.about(session, "organisation", place.id, changes=change, before=place.policy)
    place.policy = change
    await session.flush()
    await _require_sense(session, place.path)
    return await _shown(session, place)


async def _require_sense(session: AsyncSession, org_path: str) -> None:
    """What is set here may clash with what is set below: each may be zero, but not all weights at once."""
    found = await session.exec(
        select(Organisation.path, Organisation.policy).where(
            col(Organisation.path).startswith(center_of(org_path))
        )
    )
    own = dict(found.all())
    for path in (path for path, policy in own.items() if policy and path.startswith(org_path)):
        try:
            effective(own[above] for above in ancestors(path))
        except ValidationError as error:
            field = ".".join(map(str, error.errors()[0]["loc"]))
            raise PolicyInvalid(f"{field}：与{path}的规则合在一起不成立") from error


async def _shown(session: AsyncSession, place: Organisation) -> PolicyOut:
    center = select(Organisation.revision).where(Organisation.path == center_of(place.path))
    return PolicyOut(
        organisation_id=place.id,
        revision=(await session.exec(center)).one(),
        changes=place.policy,
        effective=await policy_at(session, place.path),
    )
