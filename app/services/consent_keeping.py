"""What a person has agreed to, and what does not happen without (PIPL Art. 13-17, 29, 31).

A consent is for one purpose and one version of the words. Placing an order asks for it within its one statement
(services/placing.py); what is kept here is asked for by all others, and says what is missing.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, String, and_, bindparam, exists, literal_column, not_, or_
from sqlmodel import Uuid, col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.policy import Policy
from app.errors import Conflict
from app.models.consent import DataConsent, Purpose
from app.schemas.order import NeedIn
from app.services.access import SYSTEM
from app.services.policies import policy_at
from app.services.scope import visible

PURPOSE_ZH = {
    Purpose.SERVICE: "提供志愿服务",
    Purpose.SENSITIVE: "处理敏感个人信息（独居、残疾、重病等情形）",
    Purpose.LOCATION: "签到签退时使用位置",
    Purpose.PUBLICITY: "宣传报道",
}


ORDERED = (Purpose.SERVICE, Purpose.SENSITIVE)
"""What an order may ask for."""


class ConsentNeeded(Conflict):
    """The person has not agreed to the words in force; they are at `GET privacy-notice`."""

    code, title = "consent_needed", "请先阅读并同意个人信息处理说明"
    title_en = "A consent to the words in force is needed first"

    def __init__(self, missing: Collection[Purpose] = (Purpose.SERVICE,)) -> None:
        super().__init__("尚未同意：" + "；".join(PURPOSE_ZH[one] for one in Purpose if one in missing))


def purposes_of(policy: Policy, wanted: NeedIn) -> set[Purpose]:
    """What must be agreed to for this order. How somebody else lives is told with that person's own consent."""
    if not policy.privacy.consent_needed:
        return set()
    own = wanted.beneficiary is None and bool(wanted.circumstances)
    return {Purpose.SERVICE, Purpose.SENSITIVE} if own else {Purpose.SERVICE}


def consented() -> ColumnElement[bool]:
    """As a condition inside another statement; binds `person_id` and what `asked()` gives."""
    return and_(*(_unless_needed(one) for one in ORDERED))


def asked(policy: Policy, purposes: Collection[Purpose]) -> dict[str, object]:
    """The values of `consented()`."""
    needed = {f"{one}_needed": one in purposes for one in ORDERED}
    return {"consent_version": policy.privacy.version, **needed}


def _unless_needed(purpose: Purpose) -> ColumnElement[bool]:
    return or_(not_(bindparam(f"{purpose}_needed", type_=Boolean())), _in_force(purpose))


def _in_force(purpose: Purpose) -> ColumnElement[bool]:
    return exists().where(
        col(DataConsent.person_id) == bindparam("person_id", type_=Uuid()),
        col(DataConsent.purpose) == literal_column(f"'{purpose}'"),
        col(DataConsent.version) == bindparam("consent_version", type_=String()),
        col(DataConsent.withdrawn_at).is_(None),
    )


async def given(session: AsyncSession, person_id: UUID, version: str | None = None) -> set[Purpose]:
    """What is agreed to now, to words of `version` if one is named."""
    rows = visible(DataConsent, SYSTEM).where(
        col(DataConsent.person_id) == person_id, col(DataConsent.withdrawn_at).is_(None)
    )
    if version is not None:
        rows = rows.where(col(DataConsent.version) == version)
    return {one.purpose for one in await session.exec(rows)}


async def require(
    session: AsyncSession, person_id: UUID, purposes: Collection[Purpose], version: str | None = None
) -> None:
    """Raises ConsentNeeded."""
    if missing := set(purposes) - (await given(session, person_id, version) if purposes else set()):
        raise ConsentNeeded(missing)


async def require_for(session: AsyncSession, person_id: UUID, wanted: NeedIn, org_path: str) -> None:
    """What placing `wanted` there asks for. Raises ConsentNeeded."""
    policy = await policy_at(session, org_path)
    await require(session, person_id, purposes_of(policy, wanted), policy.privacy.version)


async def withdrawn(session: AsyncSession, person_id: UUID) -> set[Purpose]:
    """What was agreed to once and is no more: never asked is not withdrawn."""
    found = await session.exec(visible(DataConsent, SYSTEM).where(col(DataConsent.person_id) == person_id))
    rows = found.all()
    return {one.purpose for one in rows} - {one.purpose for one in rows if one.withdrawn_at is None}
