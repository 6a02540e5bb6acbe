"""报到: the department that was whistled for says within its limit whether it can help, and how."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import now
from app.domain.lifecycle import Action, OrderStatus
from app.domain.roles import Permission
from app.errors import Conflict, IllegalMove, NotFound
from app.models.order import Order
from app.models.whistle import Whistle
from app.schemas.whistle import WhistleFilter
from app.services import dispatching, orders
from app.services.access import SYSTEM, Actor, require_at
from app.services.keyset import newest_first
from app.services.moves import BY_HAND, move
from app.services.scope import visible

SENT = "责任部门报到，指派本部门联系的队伍"


class AlreadyReported(Conflict):
    code, title, title_en = "already_reported", "已经报到", "The department has reported already"


async def listing(session: AsyncSession, actor: Actor, wanted: WhistleFilter) -> Sequence[Whistle]:
    """Calls to the actor's departments, or of the orders they oversee; newest first."""
    found = visible(Whistle, actor)
    if wanted.pending is not None:
        pending = (
            col(Whistle.department_id).is_not(None)
            & col(Whistle.reported_at).is_(None)
            & col(Whistle.missed_at).is_(None)
        )
        found = found.where(pending if wanted.pending else ~pending)
    if wanted.order_id:
        found = found.where(col(Whistle.order_id) == wanted.order_id)
    return (await session.exec(newest_first(found, Whistle, wanted))).all()


def view(whistle: Whistle) -> dict[str, Any]:
    """The shape of schemas.whistle.WhistleOut."""
    silent = whistle.department_id is not None and whistle.reported_at is None
    return {**whistle.model_dump(), "overdue": silent and whistle.due_at < now()}


async def report(
    session: AsyncSession,
    actor: Actor,
    order_id: UUID,
    *,
    can_help: bool,
    note: str,
    team_id: UUID | None = None,
) -> Order:
    """Answer the call. A team that is named is offered the order at once; help without a team is a person's
    promise, so the clock lets go of the order; and when the department cannot help, the clock goes on.

    Late is better than never. Raises NotFound (no call), AlreadyReported, IllegalMove, Forbidden, TeamNotEligible.
    """
    order = await orders.get(session, actor, order_id)
    called = visible(Whistle, SYSTEM).where(
        Whistle.order_id == order.id, col(Whistle.department_id).is_not(None)
    )
    whistle = (await session.exec(called)).one_or_none()
    if whistle is None or whistle.department_path is None:
        raise NotFound("没有需要报到的吹哨")
    require_at(actor, Permission.ORDERS_REPORT, whistle.department_path)
    if team_id is not None and order.status is not OrderStatus.APPROVED:
        raise IllegalMove("订单正在询问其他队伍，请在收回后指派")
    again = {"step_at": now()} if order.auto else {}
    order = await move(
        session,
        actor,
        order,
        Action.REPORT,
        at_path=whistle.department_path,
        reason=note,
        data={"can_help": can_help},
        changes=BY_HAND if can_help else again,
    )
    answered = await session.exec(
        update(Whistle)
        .where(col(Whistle.id) == whistle.id, col(Whistle.reported_at).is_(None))
        .values(reported_at=now(), reported_by_id=actor.person_id, can_help=can_help, note=note)
        .returning(col(Whistle.id))
        .execution_options(synchronize_session=False)
    )
    if answered.first() is None:
        raise AlreadyReported
    if team_id is None:
        return order
    return await dispatching.offer_to(session, SYSTEM, order, team_id, SENT)
