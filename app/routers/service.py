"""派人、签到、签退、完成: the service itself."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from app.domain.roles import Permission
from app.errors import Forbidden
from app.problems import documented
from app.routers import answers
from app.routers.deps import ActorDep, ClaimsDep, HouseDep, PageDep, SessionDep
from app.routers.keyed import KeyedRoute
from app.routers.needs import Caller, needs
from app.routers.orders import MOVE, READ
from app.schemas.base import Page
from app.schemas.order import OrderDetail, OrderSummary
from app.schemas.service import (
    AttendanceOut,
    CrewIn,
    CrewOut,
    CrewSuggestionsOut,
    DeclareIn,
    DeliverIn,
    StampIn,
)
from app.services import attending, crew, crew_suggesting, delivering, orders
from app.services.attending import (
    AlreadyCheckedIn,
    AlreadyDeclared,
    AttendanceUnknown,
    ClientIdTaken,
    DeclaredTooLong,
    NotOnCrew,
    TooEarly,
)
from app.services.consent_keeping import ConsentNeeded
from app.services.crew import CrewAttended, CrewMinor, CrewNeedsTwo, CrewNotInsured, CrewNotMember
from app.services.media import MediaNotAttachable

router = APIRouter(tags=["服务"], route_class=KeyedRoute)


@router.get(
    "/tasks",
    operation_id="tasks_list",
    summary="我的任务",
    openapi_extra=needs(Caller.SIGNED_IN),
    response_model=Page[OrderSummary],
    responses=documented(*READ),
)
async def list_tasks(session: SessionDep, actor: ActorDep, wanted: PageDep) -> Response:
    """Orders on whose crew the caller is and that are not finished."""
    return answers.page(await crew.tasks(session, actor, wanted), wanted.limit)


@router.get(
    "/orders/{order_id}/crew",
    operation_id="crew_get",
    summary="服务人员",
    openapi_extra=needs(Permission.ORDERS_READ, Permission.ORDERS_REPORT),
    responses=documented(*READ),
)
async def get_crew(session: SessionDep, actor: ActorDep, order_id: UUID) -> CrewOut:
    """Who goes, for those who may see the order."""
    order = await orders.get(session, actor, order_id)
    return CrewOut.model_validate({"order_id": order.id, "members": await crew.show(session, order)})


@router.put(
    "/orders/{order_id}/crew",
    operation_id="crew_name",
    summary="派人",
    openapi_extra=needs(Permission.ORDERS_CREW),
    responses=documented(*MOVE, CrewNotMember, CrewNeedsTwo, CrewMinor, CrewNotInsured, CrewAttended),
)
async def name_crew(session: SessionDep, actor: ActorDep, order_id: UUID, given: CrewIn) -> CrewOut:
    """Replaces the crew; risky work is for insured adults (志愿服务条例 Art. 15, 17), and who lives alone or is a
    minor is visited by two (policy `two_person_visits`)."""
    order = await crew.name(session, actor, order_id, given.members)
    return CrewOut.model_validate({"order_id": order.id, "members": await crew.show(session, order)})


@router.get(
    "/teams/{team_id}/crew-suggestions",
    operation_id="crew_suggestions_list",
    summary="派人建议",
    openapi_extra=needs(Permission.ORDERS_CREW),
    response_model=CrewSuggestionsOut,
    responses=documented(*READ, Forbidden),
)
async def list_crew_suggestions(house: HouseDep, claims: ClaimsDep, team_id: UUID) -> Any:
    """Who could go to each of the team's accepted orders that has no crew yet, all of them planned together."""
    return await crew_suggesting.suggest(house.database, claims, team_id)


@router.post(
    "/orders/{order_id}/check-in",
    operation_id="attendance_check_in",
    summary="签到",
    openapi_extra=needs(Permission.ORDERS_ATTEND),
    responses=documented(
        *MOVE, NotOnCrew, TooEarly, AlreadyCheckedIn, ClientIdTaken, ConsentNeeded, CrewMinor
    ),
)
async def check_in(session: SessionDep, actor: ActorDep, order_id: UUID, given: StampIn) -> AttendanceOut:
    """Begins a stay; the first of the crew begins the service. May be sent late, and twice."""
    return AttendanceOut.model_validate(await attending.check_in(session, actor, order_id, given))


@router.post(
    "/orders/{order_id}/check-out",
    operation_id="attendance_check_out",
    summary="签退",
    openapi_extra=needs(Permission.ORDERS_ATTEND),
    responses=documented(*MOVE, NotOnCrew, AttendanceUnknown, ClientIdTaken, ConsentNeeded),
)
async def check_out(session: SessionDep, actor: ActorDep, order_id: UUID, given: StampIn) -> AttendanceOut:
    """Ends the stay with the same `client_id` and judges it (信用时数). May be sent late, and twice."""
    return AttendanceOut.model_validate(await attending.check_out(session, actor, order_id, given))


@router.get(
    "/orders/{order_id}/attendance",
    operation_id="attendance_list",
    summary="考勤记录",
    openapi_extra=needs(Permission.ORDERS_READ, Permission.ORDERS_REPORT),
    responses=documented(*READ),
)
async def list_attendance(session: SessionDep, actor: ActorDep, order_id: UUID) -> list[AttendanceOut]:
    """Every stay, with what the judge noticed, for leaders and staff; one's own for the rest of the crew."""
    stays = await attending.shown(session, actor, order_id)
    return [AttendanceOut.model_validate(stay) for stay in stays]


@router.post(
    "/orders/{order_id}/attendance",
    operation_id="attendance_declare",
    summary="补录时长",
    openapi_extra=needs(Permission.ORDERS_CREW),
    status_code=201,
    responses=documented(*MOVE, NotOnCrew, AlreadyDeclared, DeclaredTooLong),
)
async def declare_attendance(
    session: SessionDep, actor: ActorDep, order_id: UUID, given: DeclareIn
) -> AttendanceOut:
    """荣誉时数: the leader's word for a stay that no phone has proven, kept apart from proven time."""
    declared = await attending.declare(session, actor, order_id, given.person_id, given.minutes, given.reason)
    return AttendanceOut.model_validate(declared)


@router.post(
    "/orders/{order_id}/deliver",
    operation_id="order_deliver",
    summary="完成服务",
    openapi_extra=needs(Permission.ORDERS_DELIVER),
    response_model=OrderDetail,
    responses=documented(*MOVE, MediaNotAttachable),
)
async def deliver_order(session: SessionDep, actor: ActorDep, order_id: UUID, given: DeliverIn) -> Any:
    """What was done and for how many, with pictures; the resident is asked for a review."""
    order = await delivering.deliver(
        session, actor, order_id, given.summary, given.people_served, given.media_ids
    )
    return await orders.show(session, actor, order)
