"""A plan as dispatchers read it: counts, gap, what changes, and each order with its team in words."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.planning.result import REASONS_ZH
from app.errors import NotFound
from app.models.plan import DispatchPlan, DispatchPlanItem
from app.schemas.plan import PlanFilter, PlanItemFilter
from app.services import organisations, teams
from app.services.access import Actor
from app.services.columns import columns
from app.services.keyset import newest_first
from app.services.queue import RETIRED, WINDOW_PAST
from app.services.scope import visible

WHY_ZH = {reason.name.lower(): text for reason, text in REASONS_ZH.items()} | {
    "": "已安排",
    WINDOW_PAST: "期望时间已过",
    RETIRED: "所需专长已不在目录中",
}


OFFERED, MOVED, INELIGIBLE = "offered", "moved", "ineligible"
OUTCOME_ZH = {
    "": "待执行",
    OFFERED: "已派单",
    MOVED: "订单已变化，未派",
    INELIGIBLE: "队伍已不符合条件，未派",
}


async def get(session: AsyncSession, actor: Actor, plan_id: UUID) -> DispatchPlan:
    """Raises NotFound."""
    found = (await session.exec(visible(DispatchPlan, actor).where(DispatchPlan.id == plan_id))).one_or_none()
    if found is None:
        raise NotFound("没有这份排班方案")
    return found


async def listing(session: AsyncSession, actor: Actor, wanted: PlanFilter) -> list[dict[str, Any]]:
    """Newest first; one more than `limit` when there is a next page. Raises NotFound (`within`)."""
    rows = visible(DispatchPlan, actor)
    if wanted.within is not None:
        place = await organisations.get(session, wanted.within)
        rows = rows.where(col(DispatchPlan.org_path).startswith(place.path))
    return await _shown(session, list(await session.exec(newest_first(rows, DispatchPlan, wanted))))


async def show(session: AsyncSession, plan: DispatchPlan) -> dict[str, Any]:
    """The shape of schemas.plan.PlanOut."""
    return (await _shown(session, [plan]))[0]


async def _shown(session: AsyncSession, plans: Sequence[DispatchPlan]) -> list[dict[str, Any]]:
    """One statement counts the items of all of them by what they came to."""
    item, unserved = DispatchPlanItem, col(DispatchPlanItem.team_id).is_(None)
    kinds = (col(item.plan_id), unserved, col(item.reason), col(item.outcome), _changed())
    mine = col(item.plan_id).in_([plan.id for plan in plans])
    counted = select(item).where(mine).group_by(*kinds)
    reasons: dict[UUID, Counter[str]] = defaultdict(Counter)
    outcomes: dict[UUID, Counter[str]] = defaultdict(Counter)
    changes: Counter[UUID] = Counter()
    for plan_id, left, reason, outcome, changed, orders in await columns(
        session, counted, *kinds, func.count()
    ):
        (reasons if left else outcomes)[plan_id][reason if left else outcome] += orders
        changes[plan_id] += orders if changed else 0
    return [_plan(plan, reasons[plan.id], outcomes[plan.id], changes[plan.id]) for plan in plans]


def _plan(plan: DispatchPlan, unserved: Counter[str], outcomes: Counter[str], changed: int) -> dict[str, Any]:
    return plan.model_dump(exclude={"org_path", "made_by_id", "applied_by_id", "created_at"}) | {
        "gap": (plan.bound - plan.objective) / plan.bound if plan.bound else 0.0,
        "changed": changed,
        "unserved": [
            {"reason": reason, "text": WHY_ZH[reason], "orders": orders}
            for reason, orders in sorted(unserved.items())
        ],
        "outcomes": [
            {"outcome": outcome, "text": OUTCOME_ZH[outcome], "orders": orders}
            for outcome, orders in sorted(outcomes.items())
        ],
    }


async def items(
    session: AsyncSession, actor: Actor, plan_id: UUID, wanted: PlanItemFilter
) -> list[dict[str, Any]]:
    """Newest first; one more than `limit` when there is a next page. Raises NotFound."""
    plan = await get(session, actor, plan_id)
    rows = select(DispatchPlanItem).where(DispatchPlanItem.plan_id == plan.id)
    if wanted.served is not None:
        team = col(DispatchPlanItem.team_id)
        rows = rows.where(team.is_not(None) if wanted.served else team.is_(None))
    if wanted.changed is not None:
        rows = rows.where(_changed() if wanted.changed else ~_changed())
    if wanted.outcome is not None:
        rows = rows.where(DispatchPlanItem.outcome == wanted.outcome)
    found = list(await session.exec(newest_first(rows, DispatchPlanItem, wanted)))
    ids = {team for one in found for team in (one.team_id, one.first_choice_id) if team is not None}
    names = await teams.names(session, ids)
    return [_item(one, names) for one in found]


def _changed() -> Any:
    team = col(DispatchPlanItem.team_id)
    return team.is_not(None) & (team != col(DispatchPlanItem.first_choice_id))


def _item(one: DispatchPlanItem, names: dict[UUID, str]) -> dict[str, Any]:
    def team(team_id: UUID | None) -> dict[str, Any] | None:
        return None if team_id is None else {"id": team_id, "name": names[team_id]}

    return {
        "id": one.id,
        "order_id": one.order_id,
        "version": one.version,
        "team": team(one.team_id),
        "first_choice": team(one.first_choice_id),
        "changed": one.team_id is not None and one.team_id != one.first_choice_id,
        "starts_at": one.starts_at,
        "score": None if one.score is None else one.score / 1000,
        "reason": one.reason,
        "reason_text": WHY_ZH[one.reason],
        "outcome": one.outcome,
        "outcome_text": OUTCOME_ZH[one.outcome] if one.team_id else "",
    }
