"""吹哨报到 (S1.23, S4.4): an order climbs a level, and at the center the department in charge must report.

Every climb leaves a row of the call, with the time by which somebody must have answered.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from app.clock import now
from app.db import insert_new
from app.domain.deadlines import deadline
from app.domain.lifecycle import Action, OrderStatus
from app.domain.notices import Audience
from app.domain.waves import Level
from app.errors import IllegalMove
from app.models.order import Order
from app.models.organisation import Organisation, OrgLevel
from app.models.whistle import Whistle
from app.services.access import SYSTEM, Actor, center_of
from app.services.moves import BY_HAND, move
from app.services.notifications import notice
from app.services.policies import policy_at
from app.services.scope import visible


async def level_of(
    session: AsyncSession, order: Order, handler: Organisation, at: datetime
) -> tuple[Level, datetime | None]:
    """What the handler of an order can still do, and until when a report is due; when that is past, whoever says
    so (`miss`) calls the clock again."""
    if handler.parent_id is not None:
        return Level.CLIMB, None
    called = await _called(session, order, handler.id)
    if called is None:
        there = await department_of(session, order)
        return (Level.CALL if there else Level.NOTHING), None
    pending = called.department_id is not None and called.reported_at is None and called.missed_at is None
    return (Level.REPORT, called.due_at if called.due_at > at else None) if pending else (Level.NOTHING, None)


async def climb(
    session: AsyncSession, actor: Actor, order: Order, handler: Organisation, reason: str
) -> Order:
    """The next level above `handler` answers for the order from now on, and has a limit of its own. By hand it is
    also taken from the clock.

    Raises IllegalMove when the order has climbed meanwhile.
    """
    if handler.parent_id is None:
        raise ValueError("the center has nobody above it")
    above = await session.get_one(Organisation, handler.parent_id)
    return await _call(session, actor, order, handler, above, reason)


async def call(session: AsyncSession, actor: Actor, order: Order, center: Organisation, reason: str) -> Order:
    """An order that began at the center has nowhere to climb; the department is called all the same."""
    return await _call(session, actor, order, center, center, reason)


async def department_of(session: AsyncSession, order: Order) -> Organisation | None:
    """The department of the center that reports for such orders (S1.4 牵头); the first that was named."""
    departments = await session.exec(
        select(Organisation)
        .where(
            col(Organisation.level) == OrgLevel.DEPARTMENT,
            col(Organisation.path).startswith(center_of(order.org_path)),
            col(Organisation.active),
        )
        .order_by(col(Organisation.id))
    )
    return next((one for one in departments if order.category in one.duties), None)


async def _call(
    session: AsyncSession,
    actor: Actor,
    order: Order,
    handler: Organisation,
    above: Organisation,
    reason: str,
) -> Order:
    at = now()
    policy = await policy_at(session, order.org_path)
    limit = deadline(policy, OrderStatus.APPROVED, order.category, order.urgency, at)
    department = await department_of(session, order) if above.parent_id is None else None
    order = await move(
        session,
        actor,
        order,
        Action.ESCALATE,
        reason=reason,
        where=[col(Order.handler_id) == handler.id],
        data={"from": handler.id.hex, "to": above.id.hex, **_named(department)},
        changes={
            "handler_id": above.id,
            "escalated_at": at,
            "due_at": limit.due_at,
            "risk_at": limit.risk_at,
            "overdue_at": None,
            "wave": 0,
            **(_again(order, at) if actor is SYSTEM else BY_HAND),
        },
    )
    limits = policy.limits_of(order.category, order.urgency)
    whistle = Whistle(
        created_at=at,
        order_id=order.id,
        handler_id=above.id,
        department_id=department.id if department else None,
        department_path=department.path if department else None,
        due_at=policy.after(at, limits.report, limits.clock),
    )
    if not await insert_new(session, whistle):
        raise IllegalMove("该级已经吹哨，请等待报到")
    if department is not None:
        call_to = notice(order, Action.ESCALATE, Audience.STAFF, None, reason)
        call_to.org_path = department.path
        call_to.dedupe_key += department.id.hex
        session.add(call_to)
    return order


def _again(order: Order, at: datetime) -> dict[str, datetime]:
    """What the clock dispatches it looks at once more, with what is now to be had; a suggestion stays due."""
    return {"step_at": at} if order.auto else {}


def _named(department: Organisation | None) -> dict[str, str]:
    return {"department": department.id.hex} if department else {}


async def _called(session: AsyncSession, order: Order, handler_id: UUID) -> Whistle | None:
    found = visible(Whistle, SYSTEM).where(Whistle.order_id == order.id, Whistle.handler_id == handler_id)
    return (await session.exec(found)).one_or_none()


def unreported(at: datetime) -> SelectOfScalar[Whistle]:
    """Calls to which no department answered by `at` (aware), and of which nobody has said so yet."""
    return visible(Whistle, SYSTEM).where(
        col(Whistle.department_id).is_not(None),
        col(Whistle.reported_at).is_(None),
        col(Whistle.missed_at).is_(None),
        col(Whistle.due_at) <= at,
    )


async def miss(session: AsyncSession, order: Order, at: datetime) -> None:
    """The department did not report in time: said to the desk, kept for the half-yearly inspection (S1.26)."""
    again = _again(order, at)
    order = await move(session, SYSTEM, order, Action.UNREPORTED, changes=again)
    late = unreported(at).where(Whistle.order_id == order.id).with_only_columns(col(Whistle.id))
    missed = update(Whistle).where(col(Whistle.id).in_(late), col(Whistle.missed_at).is_(None))
    await session.exec(missed.values(missed_at=at).execution_options(synchronize_session=False))
