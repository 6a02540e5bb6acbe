"""审核、配单、派单、吹哨: what a dispatcher does with an order."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from app.domain.roles import Permission
from app.errors import Forbidden
from app.problems import documented
from app.routers.deps import ActorDep, SessionDep
from app.routers.keyed import KeyedRoute
from app.routers.needs import needs
from app.routers.orders import MOVE, READ
from app.schemas.dispatch import DispatchIn, DispatchMode, MatchesOut, ReasonIn, ReassignIn
from app.schemas.order import OrderDetail
from app.schemas.whistle import EscalateIn, ReportIn
from app.services import automation, dispatching, orders, reporting
from app.services.dispatching import OverrideReasonRequired, TeamNotEligible
from app.services.matching import SpecialtyRetired
from app.services.orders import LevelsUntried, NoHigherLevel, ReopenTooLate
from app.services.organisations import Stale
from app.services.reporting import AlreadyReported

router = APIRouter(prefix="/orders/{order_id}", tags=["派单"], route_class=KeyedRoute)


@router.post(
    "/approve",
    operation_id="order_approve",
    summary="审核通过",
    openapi_extra=needs(Permission.ORDERS_APPROVE),
    response_model=OrderDetail,
    responses=documented(*MOVE),
)
async def approve_order(session: SessionDep, actor: ActorDep, order_id: UUID) -> Any:
    """The order may be dispatched; the resident is told."""
    return await orders.show(session, actor, await orders.approve(session, actor, order_id))


@router.post(
    "/reject",
    operation_id="order_reject",
    summary="不予受理",
    openapi_extra=needs(Permission.ORDERS_APPROVE),
    response_model=OrderDetail,
    responses=documented(*MOVE),
)
async def reject_order(session: SessionDep, actor: ActorDep, order_id: UUID, given: ReasonIn) -> Any:
    """With the reason that the resident is told (志愿服务条例 Art. 13: a request is answered)."""
    return await orders.show(session, actor, await orders.reject(session, actor, order_id, given.reason))


@router.get(
    "/matches",
    operation_id="order_matches_list",
    summary="配单建议",
    openapi_extra=needs(Permission.ORDERS_DISPATCH),
    response_model=MatchesOut,
    responses=documented(*READ, Forbidden, SpecialtyRetired),
)
async def list_order_matches(
    session: SessionDep,
    actor: ActorDep,
    order_id: UUID,
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
    explain: Annotated[UUID | None, Query(description="A team: why is it not there?")] = None,
) -> Any:
    """The best teams with reasons to read aloud, and how many teams each hard condition excluded.

    With `explain`, also every condition that this team fails and what would have to change.
    """
    return await dispatching.matches(session, actor, order_id, limit, explain)


@router.post(
    "/dispatch",
    operation_id="order_dispatch",
    summary="派单",
    openapi_extra=needs(Permission.ORDERS_DISPATCH),
    response_model=OrderDetail,
    responses=documented(*MOVE, TeamNotEligible, OverrideReasonRequired, SpecialtyRetired),
)
async def dispatch_order(session: SessionDep, actor: ActorDep, order_id: UUID, given: DispatchIn) -> Any:
    """Offers the order to a team, which may decline (志愿服务条例 Art. 25), or opens it to all (抢单).

    `auto` hands it to the clock: the best teams in waves, then the pool, then the next level.
    """
    if given.mode is DispatchMode.AUTO:
        order = await automation.automate(session, actor, order_id)
    else:
        order = await dispatching.dispatch(session, actor, order_id, given.team_id, given.override_reason)
    return await orders.show(session, actor, order)


@router.post(
    "/take-over",
    operation_id="order_take_over",
    summary="转人工派单",
    openapi_extra=needs(Permission.ORDERS_DISPATCH),
    response_model=OrderDetail,
    responses=documented(*MOVE),
)
async def take_over_order(session: SessionDep, actor: ActorDep, order_id: UUID, given: ReasonIn) -> Any:
    """From now on a dispatcher decides and not the clock; what was asked stays asked."""
    order = await automation.take_over(session, actor, order_id, given.reason)
    return await orders.show(session, actor, order)


@router.post(
    "/recall",
    operation_id="order_recall",
    summary="收回派单",
    openapi_extra=needs(Permission.ORDERS_DISPATCH),
    response_model=OrderDetail,
    responses=documented(*MOVE),
)
async def recall_order(session: SessionDep, actor: ActorDep, order_id: UUID, given: ReasonIn) -> Any:
    """Takes an unanswered offer, or the pool, back."""
    return await orders.show(session, actor, await dispatching.recall(session, actor, order_id, given.reason))


@router.post(
    "/reassign",
    operation_id="order_reassign",
    summary="改派",
    openapi_extra=needs(Permission.ORDERS_DISPATCH),
    response_model=OrderDetail,
    responses=documented(*MOVE, TeamNotEligible, SpecialtyRetired),
)
async def reassign_order(session: SessionDep, actor: ActorDep, order_id: UUID, given: ReassignIn) -> Any:
    """Asks another team instead of the one that had accepted, which is told."""
    order = await dispatching.reassign(session, actor, order_id, given.team_id, given.reason)
    return await orders.show(session, actor, order)


@router.post(
    "/escalate",
    operation_id="order_escalate",
    summary="吹哨上报",
    openapi_extra=needs(Permission.ORDERS_ESCALATE),
    response_model=OrderDetail,
    responses=documented(*MOVE, NoHigherLevel, Stale),
)
async def escalate_order(session: SessionDep, actor: ActorDep, order_id: UUID, given: EscalateIn) -> Any:
    """The next level above answers for it now (S1.23 站所吹哨、部门动员); at the center a department is called."""
    order = await orders.escalate(session, actor, order_id, given.reason, given.version)
    return await orders.show(session, actor, order)


@router.post(
    "/report",
    operation_id="order_report",
    summary="部门报到",
    openapi_extra=needs(Permission.ORDERS_REPORT),
    response_model=OrderDetail,
    responses=documented(*MOVE, AlreadyReported, TeamNotEligible, SpecialtyRetired),
)
async def report_order(session: SessionDep, actor: ActorDep, order_id: UUID, given: ReportIn) -> Any:
    """The department that was whistled for says whether it can help, and may send a team (S4.4)."""
    order = await reporting.report(
        session, actor, order_id, can_help=given.can_help, note=given.note, team_id=given.team_id
    )
    return await orders.show(session, actor, order)


@router.post(
    "/give-up",
    operation_id="order_give_up",
    summary="告知未能满足",
    openapi_extra=needs(Permission.ORDERS_DISPATCH),
    response_model=OrderDetail,
    responses=documented(*MOVE, LevelsUntried),
)
async def give_up_order(session: SessionDep, actor: ActorDep, order_id: UUID, given: ReasonIn) -> Any:
    """After every level was tried; the resident is told why (志愿服务条例 Art. 22)."""
    return await orders.show(session, actor, await orders.give_up(session, actor, order_id, given.reason))


@router.post(
    "/reopen",
    operation_id="order_reopen",
    summary="退回重办",
    openapi_extra=needs(Permission.ORDERS_REOPEN),
    response_model=OrderDetail,
    responses=documented(*MOVE, ReopenTooLate),
)
async def reopen_order(session: SessionDep, actor: ActorDep, order_id: UUID, given: ReasonIn) -> Any:
    """On a complaint, within the policy's days: the team goes back to work."""
    return await orders.show(session, actor, await orders.reopen(session, actor, order_id, given.reason))
