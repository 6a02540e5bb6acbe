"""约定: confirmed, postponed, missed, and who stands by."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter

from app.domain.roles import Permission
from app.problems import documented
from app.routers.deps import ActorDep, SessionDep
from app.routers.keyed import KeyedRoute
from app.routers.needs import needs
from app.routers.orders import MOVE
from app.schemas.appointment import PostponeIn, StandbyIn
from app.schemas.dispatch import ReasonIn
from app.schemas.order import OrderDetail
from app.services import absences, appointments, orders, postponing, standby
from app.services.absences import NoShowTooEarly
from app.services.dispatching import TeamNotEligible
from app.services.matching import SpecialtyRetired
from app.services.order_draft import WindowInPast, WindowTooFar
from app.services.postponing import NotBegun
from app.services.standby import StandbyTaken, StandbyTooLate

router = APIRouter(prefix="/orders/{order_id}", tags=["接单"], route_class=KeyedRoute)


@router.post(
    "/standby",
    operation_id="standby_ask",
    summary="请队伍候补",
    openapi_extra=needs(Permission.ORDERS_DISPATCH),
    response_model=OrderDetail,
    responses=documented(*MOVE, TeamNotEligible, StandbyTaken, StandbyTooLate, SpecialtyRetired),
)
async def ask_standby(session: SessionDep, actor: ActorDep, order_id: UUID, given: StandbyIn) -> Any:
    """Asks a second team to be ready; it answers with `offers/{id}/accept` or `…/decline`."""
    return await orders.show(session, actor, await standby.ask(session, actor, order_id, given.team_id))


@router.post(
    "/confirm",
    operation_id="appointment_confirm",
    summary="确认按约前往",
    openapi_extra=needs(Permission.OFFERS_ANSWER),
    response_model=OrderDetail,
    responses=documented(*MOVE),
)
async def confirm_appointment(session: SessionDep, actor: ActorDep, order_id: UUID) -> Any:
    """The team says again that it comes; an order that nobody confirms is given to the team that stands by."""
    return await orders.show(session, actor, await appointments.confirm(session, actor, order_id))


@router.post(
    "/postpone",
    operation_id="appointment_postpone",
    summary="改期",
    openapi_extra=needs(Permission.ORDERS_POSTPONE),
    response_model=OrderDetail,
    responses=documented(*MOVE, WindowInPast, WindowTooFar, NotBegun),
)
async def postpone_appointment(
    session: SessionDep, actor: ActorDep, order_id: UUID, given: PostponeIn
) -> Any:
    """The same team comes at another time: bad weather, nobody at home, or work that is half done."""
    order = await postponing.postpone(
        session, actor, order_id, given.scheduled_start, given.cause, given.reason
    )
    return await orders.show(session, actor, order)


@router.post(
    "/no-show",
    operation_id="no_show_report",
    summary="服务队未到",
    openapi_extra=needs(Permission.ORDERS_MISS),
    response_model=OrderDetail,
    responses=documented(*MOVE, NoShowTooEarly),
)
async def report_no_show(session: SessionDep, actor: ActorDep, order_id: UUID, given: ReasonIn) -> Any:
    """Nobody came: put down to the team, and whoever stands by comes, or the order is dispatched anew."""
    return await orders.show(session, actor, await absences.report(session, actor, order_id, given.reason))
