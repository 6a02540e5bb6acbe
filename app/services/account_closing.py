"""Closing one's account (网络数据安全管理条例 Art. 23–24, PIPL Art. 47).

What a service record needs is kept for the ten years that GB/T 40143-2021 asks for, and nothing else is done
with it: the name, birth date, number and skills of somebody who served, or who wrote a record, and the orders
that were served. Everything else that says who, where or in which circumstances is emptied, WeChat and the user
name are let go, and the next sign-in by the same WeChat is a new person.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, update
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.lifecycle import ENDED, OrderStatus
from app.errors import AppError, Unauthenticated
from app.models.consent import DataConsent
from app.models.idempotency import IdempotencyRecord
from app.models.notification import Notification, Sending, Subscription
from app.models.order import Order
from app.models.person import Person, RecoveryCode, RoleGrant
from app.models.service import Attendance, CrewMember, Delivery
from app.models.team import TeamMember
from app.models.volunteer import Volunteer
from app.services import members
from app.services.access import Actor
from app.services.actors import person_of
from app.services.emptying import LET_GO, NO_GUARDIAN, empty_orders, unname
from app.services.recurring_orders import forget_caller
from app.services.scope import visible
from app.services.sign_ins import revoke

UNSERVED = ENDED - {OrderStatus.CLOSED}
ALL = 100_000


class AccountHasOpenOrders(AppError):
    """An order that this person placed, or is to serve, is not finished: cancel it, or see it through."""

    status, code = 409, "account_has_open_orders"
    title, title_en = "您还有未完成的订单，请先取消或完成", "There are unfinished orders"


async def close(session: AsyncSession, actor: Actor, at: datetime) -> None:
    """Raises AccountHasOpenOrders; nothing is changed then."""
    me = person_of(actor)
    await members.bump_teams_of(session, me)
    closed = await session.exec(
        update(Person)
        .where(col(Person.id) == me, col(Person.active))
        .values(
            active=False,
            phone="",
            phone_hash=None,
            wechat_openid=None,
            wechat_unionid=None,
            username=None,
            password_hash=None,
            totp_secret=None,
            totp_confirmed_at=None,
            closed_at=at,
        )
        .returning(col(Person.id))
        .execution_options(synchronize_session=False)
    )
    if closed.first() is None:
        raise Unauthenticated
    await forget_caller(session, me, at)
    await _require_finished(session, actor, me)
    await revoke(session, me, at)
    if not await _in_records(session, me):
        await unname(session, [me])
    await empty_orders(session, _unserved(me), at, ALL)
    await _forget_circumstances(session, me)
    await session.exec(update(Volunteer).where(col(Volunteer.person_id) == me).values(active=False, **LET_GO))
    await _withdraw(session, me, at)
    await _forget_notices(session, me)
    for gone in (RoleGrant, TeamMember, Subscription, IdempotencyRecord, RecoveryCode):
        await session.exec(delete(gone).where(col(gone.person_id) == me))


async def _withdraw(session: AsyncSession, me: UUID, at: datetime) -> None:
    """That somebody agreed is kept as proof; who the guardian was, no proof needs."""
    mine = update(DataConsent).where(col(DataConsent.person_id) == me).values(NO_GUARDIAN)
    await session.exec(mine.execution_options(synchronize_session=False))
    in_force = update(DataConsent).where(
        col(DataConsent.person_id) == me, col(DataConsent.withdrawn_at).is_(None)
    )
    await session.exec(in_force.values(withdrawn_at=at).execution_options(synchronize_session=False))


async def _forget_notices(session: AsyncSession, me: UUID) -> None:
    """Taken from whoever is sending them first, so that no attempt is written to a notice that is gone."""
    mine = col(Notification.person_id) == me
    await session.exec(
        update(Notification)
        .where(mine)
        .values(send_at=None, leased_until=None)
        .execution_options(synchronize_session=False)
    )
    ids = select(Notification.id).where(mine)
    await session.exec(delete(Sending).where(col(Sending.notification_id).in_(ids)))
    await session.exec(delete(Notification).where(mine))


async def _require_finished(session: AsyncSession, actor: Actor, me: UUID) -> None:
    serving = select(CrewMember.order_id).where(CrewMember.person_id == me)
    unfinished = visible(Order, actor).where(
        or_(col(Order.placed_by_id) == me, col(Order.id).in_(serving)), col(Order.status).not_in(ENDED)
    )
    if (await session.exec(unfinished.limit(1))).first() is not None:
        raise AccountHasOpenOrders


async def _in_records(session: AsyncSession, me: UUID) -> bool:
    """Whether a record of service names this person, as who served or as who wrote it (民函〔2012〕340号)."""
    served = select(Attendance.id).where(
        or_(col(Attendance.person_id) == me, col(Attendance.declared_by_id) == me)
    )
    wrote = select(Delivery.id).where(Delivery.delivered_by_id == me)
    return bool((await session.exec(select(or_(served.exists(), wrote.exists())))).one())


def _unserved(me: UUID) -> ColumnElement[bool]:
    """Orders that came to nothing are no record of service; those placed for another are that person's."""
    return and_(
        col(Order.placed_by_id) == me, col(Order.beneficiary_id).is_(None), col(Order.status).in_(UNSERVED)
    )


async def _forget_circumstances(session: AsyncSession, me: UUID) -> None:
    """Also of orders that were served: what moved the dispatcher then, no record asks for (PIPL Art. 47)."""
    await session.exec(
        update(Order)
        .where(col(Order.placed_by_id) == me, col(Order.beneficiary_id).is_(None))
        .values(circumstances=[], wish_gender=None, wish_language=None, wish_must=False)
        .execution_options(synchronize_session=False)
    )
