"""What was planned is offered: order by order, each in a transaction of its own that first claims the item.

So two who press at once offer each order once, a process that dies leaves the rest to the next press, and an
order that moved since the plan was made is left alone, and that is said.
"""

from time import monotonic
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from app.clock import now
from app.db import Database
from app.domain.lifecycle import OrderStatus
from app.domain.roles import Permission
from app.errors import IllegalMove
from app.models.order import Order
from app.models.plan import DispatchPlan, DispatchPlanItem
from app.services.access import SYSTEM, Actor, require_at
from app.services.actors import actor_of, person_of
from app.services.dispatching import TeamNotEligible, offer_to
from app.services.idempotency import Answer, Key, begin, finish, stored
from app.services.matching import SpecialtyRetired
from app.services.order_views import to_json
from app.services.plan_views import INELIGIBLE, MOVED, OFFERED, get, show
from app.services.scope import visible
from app.services.tokens import Claims

PATIENCE_SECONDS = 20.0
"""A phone waits half a minute for an answer; what is left by then is done by pressing again."""

OK = 200
WHY = "按排班方案统筹安排"


async def apply(
    database: Database, claims: Claims, plan_id: UUID, key: Key | None, seconds: float = PATIENCE_SECONDS
) -> tuple[Answer, bool]:
    """Make the planned offers that were not made yet, for at most about `seconds`.

    The answer's JSON is a PlanOut; True when it is a kept answer replayed. Raises NotFound, Forbidden,
    Unauthenticated, IdempotencyMismatch.
    """
    end = monotonic() + seconds
    async with database.transaction() as session:
        actor = await actor_of(session, claims)
        if key and (first := await stored(session, claims.person_id, key.key, key.digest)):
            return first, True
        plan = await get(session, actor, plan_id)
        require_at(actor, Permission.ORDERS_DISPATCH, plan.org_path)
        await _mark(session, plan, person_of(actor))
        pending = list(await session.exec(_pending(plan_id)))
    for item_id in pending:
        if monotonic() > end:
            break
        async with database.transaction() as session:
            await _offer(session, await actor_of(session, claims), item_id)
    async with database.transaction() as session:
        if key and (first := await begin(session, claims.person_id, key.key, key.digest)):
            return first, True
        plan = await get(session, await actor_of(session, claims), plan_id)
        answer = Answer(OK, to_json(await show(session, plan)))
        if key:
            await finish(session, claims.person_id, key.key, answer)
    return answer, False


async def _mark(session: AsyncSession, plan: DispatchPlan, person_id: UUID) -> None:
    first = col(DispatchPlan.id) == plan.id, col(DispatchPlan.applied_at).is_(None)
    marked = update(DispatchPlan).where(*first).values(applied_at=now(), applied_by_id=person_id)
    await session.exec(marked.execution_options(synchronize_session=False))


def _pending(plan_id: UUID) -> SelectOfScalar[UUID]:
    waiting = (DispatchPlanItem.plan_id == plan_id, DispatchPlanItem.outcome == "")
    planned = col(DispatchPlanItem.team_id).is_not(None)
    return select(DispatchPlanItem.id).where(*waiting, planned).order_by(col(DispatchPlanItem.id))


async def _offer(session: AsyncSession, actor: Actor, item_id: UUID) -> None:
    claimed = await session.exec(
        update(DispatchPlanItem)
        .where(col(DispatchPlanItem.id) == item_id, col(DispatchPlanItem.outcome) == "")
        .values(outcome=OFFERED)
        .returning(col(DispatchPlanItem.id))
        .execution_options(synchronize_session=False)
    )
    if claimed.first() is None:
        return
    item = await session.get_one(DispatchPlanItem, item_id, populate_existing=True)
    item.outcome = await _outcome(session, actor, item)
    session.add(item)


async def _outcome(session: AsyncSession, actor: Actor, item: DispatchPlanItem) -> str:
    order = (await session.exec(visible(Order, SYSTEM).where(Order.id == item.order_id))).one()
    if order.version != item.version or order.status is not OrderStatus.APPROVED:
        return MOVED
    if item.team_id is None or item.starts_at is None:
        return INELIGIBLE
    more = {"plan_id": str(item.plan_id), "planned_start": item.starts_at.isoformat()}
    try:
        async with session.begin_nested():
            await offer_to(session, actor, order, item.team_id, WHY, more)
    except (TeamNotEligible, SpecialtyRetired):
        return INELIGIBLE
    except IllegalMove:
        return MOVED
    return OFFERED
