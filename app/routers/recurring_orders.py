"""长期点单: a service wanted again and again (RRULE, RFC 5545, in local time)."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from app.domain.roles import Permission
from app.errors import Conflict, Forbidden, IllegalMove, Invalid
from app.problems import documented
from app.routers.deps import ActorDep, SessionDep
from app.routers.keyed import KeyedRoute
from app.routers.needs import Caller, needs
from app.routers.orders import MOVE, READ
from app.schemas.base import Instant, Page
from app.schemas.dispatch import ReasonIn
from app.schemas.recurring_order import (
    ExceptionIn,
    RecurringCreate,
    RecurringDetail,
    RecurringFilter,
    RecurringSummary,
)
from app.services import recurring_exceptions, recurring_orders
from app.services.consent_keeping import ConsentNeeded
from app.services.order_draft import CategoryUnknown, NotOnMenu, WindowInPast, WindowTooFar, WindowTooShort
from app.services.recurring_calendar import (
    RecurrenceEndsBeforeStart,
    RecurrenceNever,
    RecurrenceTooLong,
    RecurrenceTooMany,
)
from app.services.recurring_exceptions import TimeSettled, TimeUnknown
from app.services.recurring_orders import PreferredTeamUnknown, TooManySeries
from app.services.recurring_views import detail, summary

router = APIRouter(prefix="/recurring-orders", tags=["点单"], route_class=KeyedRoute)

WINDOW: tuple[type[Invalid], ...] = (WindowInPast, WindowTooFar, WindowTooShort)
RULE: tuple[type[Invalid], ...] = (
    RecurrenceNever,
    RecurrenceTooMany,
    RecurrenceTooLong,
    RecurrenceEndsBeforeStart,
)


@router.post(
    "",
    operation_id="recurring_order_place",
    summary="长期点单",
    openapi_extra=needs(Caller.SIGNED_IN),
    status_code=201,
    response_model=RecurringDetail,
    responses=documented(
        *MOVE, NotOnMenu, CategoryUnknown, PreferredTeamUnknown, TooManySeries, ConsentNeeded, *WINDOW, *RULE
    ),
)
async def place_recurring_order(session: SessionDep, actor: ActorDep, wanted: RecurringCreate) -> Any:
    """Ask for a series, for oneself or for somebody else: it is approved once, and its orders then come approved,
    some days ahead. One order a day at most, one year at most, and COUNT or UNTIL is needed.
    """
    series = await recurring_orders.place(session, actor, wanted)
    return await detail(session, actor, series)


@router.get(
    "",
    operation_id="recurring_orders_list",
    summary="长期点单列表",
    openapi_extra=needs(Caller.SIGNED_IN),
    response_model=Page[RecurringSummary],
    responses=documented(*READ),
)
async def list_recurring_orders(
    session: SessionDep, actor: ActorDep, wanted: Annotated[RecurringFilter, Query()]
) -> Any:
    """One's own, and those of one's organisations, newest first."""
    rows = await recurring_orders.listing(session, actor, wanted)
    page = rows[: wanted.limit]
    more = len(rows) > wanted.limit
    return {"items": [summary(one) for one in page], "next_cursor": page[-1].id if more else None}


@router.get(
    "/{recurring_id}",
    operation_id="recurring_order_get",
    summary="长期点单详情",
    openapi_extra=needs(Caller.SIGNED_IN, Permission.ORDERS_READ),
    response_model=RecurringDetail,
    responses=documented(*READ),
)
async def get_recurring_order(session: SessionDep, actor: ActorDep, recurring_id: UUID) -> Any:
    """The series, its next ten times, and what became of those before."""
    return await detail(session, actor, await recurring_orders.get(session, actor, recurring_id))


@router.post(
    "/{recurring_id}/approve",
    operation_id="recurring_order_approve",
    summary="长期点单审核通过",
    openapi_extra=needs(Permission.ORDERS_APPROVE),
    response_model=RecurringDetail,
    responses=documented(*MOVE),
)
async def approve_recurring_order(session: SessionDep, actor: ActorDep, recurring_id: UUID) -> Any:
    """Once for all its orders, which then need no review of their own."""
    return await detail(session, actor, await recurring_orders.approve(session, actor, recurring_id))


@router.post(
    "/{recurring_id}/reject",
    operation_id="recurring_order_reject",
    summary="长期点单不予受理",
    openapi_extra=needs(Permission.ORDERS_APPROVE),
    response_model=RecurringDetail,
    responses=documented(*MOVE),
)
async def reject_recurring_order(
    session: SessionDep, actor: ActorDep, recurring_id: UUID, given: ReasonIn
) -> Any:
    """With the reason that whoever asked is told."""
    series = await recurring_orders.reject(session, actor, recurring_id, given.reason)
    return await detail(session, actor, series)


@router.post(
    "/{recurring_id}/end",
    operation_id="recurring_order_end",
    summary="停止长期点单",
    openapi_extra=needs(Caller.SIGNED_IN, Permission.ORDERS_CANCEL),
    response_model=RecurringDetail,
    responses=documented(*MOVE),
)
async def end_recurring_order(
    session: SessionDep, actor: ActorDep, recurring_id: UUID, given: ReasonIn
) -> Any:
    """By whoever asked, or a dispatcher. Orders that no team has accepted are cancelled, accepted ones stay."""
    return await detail(
        session, actor, await recurring_orders.end(session, actor, recurring_id, given.reason)
    )


@router.put(
    "/{recurring_id}/exceptions/{occurs_at}",
    operation_id="recurring_order_except",
    summary="跳过或改期一次",
    openapi_extra=needs(Caller.SIGNED_IN, Permission.ORDERS_RESCHEDULE),
    response_model=RecurringDetail,
    responses=documented(*READ, Forbidden, IllegalMove, Conflict, TimeUnknown, TimeSettled, *WINDOW),
)
async def except_recurring_order(
    session: SessionDep, actor: ActorDep, recurring_id: UUID, occurs_at: Instant, given: ExceptionIn
) -> Any:
    """One time (as the rule names it) is left out, or moved. An order that was placed for it is cancelled, or
    rescheduled as long as no team has been asked.
    """
    series = await recurring_exceptions.except_once(session, actor, recurring_id, occurs_at, given)
    return await detail(session, actor, series)
