"""同意与撤回: by purpose and version; whoever withdraws stops what rested on it, at once (PIPL Art. 15)."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db import insert_new
from app.domain.age import needs_guardian
from app.domain.lifecycle import ENDED, MOVES, Action
from app.errors import Conflict, Invalid, NotFound
from app.models.consent import DataConsent, Purpose
from app.models.order import Order
from app.models.person import Person
from app.models.recurring import RecurringOrder, RecurringStatus
from app.schemas.consent import ConsentIn
from app.services import organisations, recurring_orders
from app.services.access import SYSTEM, Actor
from app.services.actors import person_of
from app.services.consent_keeping import PURPOSE_ZH
from app.services.moves import hold, move
from app.services.policies import policy_at, today_at
from app.services.scope import visible

CIRCUMSTANCES = "情形说明"
STOPPED = {
    Purpose.SERVICE: "已撤回。不能再点单，长期点单已停止；已有服务队答应的订单照常进行，可以另行取消",
    Purpose.SENSITIVE: "已撤回。您填写的情形已从全部订单中删除",
    Purpose.LOCATION: "已撤回。签到签退不再使用位置，时长由队长补录",
    Purpose.PUBLICITY: "已撤回。今后不再用于宣传",
}
CHINA = timedelta(hours=8)
_RUNNING = (RecurringStatus.REQUESTED, RecurringStatus.ACTIVE)


class NoticeOutdated(Conflict):
    """The words have changed since they were shown."""

    code, title = "notice_outdated", "说明已更新，请重新阅读后再同意"
    title_en = "The words have changed: show them again"


class GuardianNeeded(Invalid):
    code, title = "guardian_needed", "未满十四周岁须由监护人同意，请填写监护人姓名、电话和关系"
    title_en = "Under fourteen the guardian consents, and is named"


async def listing(session: AsyncSession, actor: Actor) -> list[dict[str, Any]]:
    """Every purpose, agreed to or not."""
    rows = visible(DataConsent, actor).where(
        col(DataConsent.person_id) == person_of(actor), col(DataConsent.withdrawn_at).is_(None)
    )
    given = {row.purpose: row for row in await session.exec(rows)}
    return [_shown(one, given.get(one)) for one in Purpose]


async def give(
    session: AsyncSession, actor: Actor, purpose: Purpose, new: ConsentIn, at: datetime
) -> dict[str, Any]:
    """To the words in force at one place, instead of what was agreed to before; the same again is the same.

    Raises NotFound, NoticeOutdated, GuardianNeeded.
    """
    me = person_of(actor)
    place = await organisations.get(session, new.organisation_id)
    if new.version != (await policy_at(session, place.path)).privacy.version:
        raise NoticeOutdated
    person = await session.get_one(Person, me)
    if new.guardian is None and needs_guardian(person.birth_date, await today_at(session, place.path)):
        raise GuardianNeeded
    if new.guardian is not None or not await _has(session, me, purpose, new.version):
        await _end(session, me, purpose, at)
        guardian = new.guardian
        row = DataConsent(
            created_at=at,
            person_id=me,
            purpose=purpose,
            version=new.version,
            guardian_name=guardian.name if guardian else None,
            guardian_phone=guardian.phone if guardian else None,
            guardian_relation=guardian.relation.value if guardian else None,
        )
        await insert_new(session, row)
    (now_given,) = [one for one in await listing(session, actor) if one["purpose"] is purpose]
    return now_given


async def withdraw(session: AsyncSession, actor: Actor, purpose: Purpose, at: datetime) -> dict[str, Any]:
    """Raises NotFound when there is nothing to withdraw."""
    me = person_of(actor)
    if not await _end(session, me, purpose, at):
        raise NotFound("没有这项同意")
    if purpose is Purpose.SERVICE:
        await _end_series(session, actor)
    if purpose is Purpose.SENSITIVE:
        await _forget_circumstances(session, actor)
    return {"purpose": purpose, "text": STOPPED[purpose]}


async def grown_younger(session: AsyncSession, person: Person, at: datetime) -> None:
    """A corrected birth date may say that a guardian should have consented: what nobody's guardian gave ends."""
    if needs_guardian(person.birth_date, (at + CHINA).date()):
        await _set_withdrawn(
            session, at, col(DataConsent.person_id) == person.id, col(DataConsent.guardian_name).is_(None)
        )


async def _has(session: AsyncSession, person_id: UUID, purpose: Purpose, version: str) -> bool:
    found = visible(DataConsent, SYSTEM).where(
        col(DataConsent.person_id) == person_id,
        col(DataConsent.purpose) == purpose,
        col(DataConsent.version) == version,
        col(DataConsent.withdrawn_at).is_(None),
    )
    return (await session.exec(found)).first() is not None


async def _end(session: AsyncSession, person_id: UUID, purpose: Purpose, at: datetime) -> bool:
    return await _set_withdrawn(
        session, at, col(DataConsent.person_id) == person_id, col(DataConsent.purpose) == purpose
    )


async def _set_withdrawn(session: AsyncSession, at: datetime, *where: Any) -> bool:
    ended = await session.exec(
        update(DataConsent)
        .where(col(DataConsent.withdrawn_at).is_(None), *where)
        .values(withdrawn_at=at)
        .returning(col(DataConsent.id))
        .execution_options(synchronize_session=False)
    )
    return bool(ended.all())


async def _end_series(session: AsyncSession, actor: Actor) -> None:
    mine = visible(RecurringOrder, actor).where(
        col(RecurringOrder.placed_by_id) == person_of(actor), col(RecurringOrder.status).in_(_RUNNING)
    )
    for series in (await session.exec(mine.order_by(col(RecurringOrder.id)))).all():
        await recurring_orders.end(session, actor, series.id, "点单人撤回了同意")


async def _forget_circumstances(session: AsyncSession, actor: Actor) -> None:
    """Whoever serves or dispatches a living order sees that it was corrected; of ended ones nothing is said."""
    own = visible(Order, actor).where(
        col(Order.placed_by_id) == person_of(actor), col(Order.beneficiary_id).is_(None)
    )
    living = own.where(col(Order.status).not_in(ENDED)).order_by(col(Order.id))
    for seen in (await session.exec(living)).all():
        order = await hold(session, seen)
        if order.circumstances and order.status in MOVES[Action.CORRECT].sources:
            await move(
                session, actor, order, Action.CORRECT, reason=CIRCUMSTANCES, changes={"circumstances": []}
            )
    await session.exec(
        update(Order)
        .where(col(Order.placed_by_id) == person_of(actor), col(Order.beneficiary_id).is_(None))
        .values(circumstances=[])
        .execution_options(synchronize_session=False)
    )
    series = visible(RecurringOrder, actor).where(col(RecurringOrder.placed_by_id) == person_of(actor))
    for one in await session.exec(series):
        if not one.wanted.get("beneficiary") and one.wanted.get("circumstances"):
            one.wanted = {**one.wanted, "circumstances": []}
            session.add(one)


def _shown(purpose: Purpose, row: DataConsent | None) -> dict[str, Any]:
    """The shape of schemas.consent.ConsentOut."""
    guardian = None
    if row is not None and row.guardian_name is not None:
        guardian = {
            "name": row.guardian_name,
            "phone": row.guardian_phone,
            "relation": row.guardian_relation,
        }
    return {
        "purpose": purpose,
        "text": PURPOSE_ZH[purpose],
        "version": row.version if row else None,
        "given_at": row.created_at if row else None,
        "guardian": guardian,
    }
