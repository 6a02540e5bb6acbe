"""接单、抢单、退单: what a team leader answers."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.clock import now
from app.domain.lifecycle import OrderStatus
from app.domain.roles import Permission
from app.problems import documented
from app.routers import answers
from app.routers.deps import ActorDep, PageDep, SessionDep
from app.routers.keyed import KeyedRoute
from app.routers.needs import Caller, needs
from app.routers.orders import MOVE, READ
from app.schemas.base import Page
from app.schemas.dispatch import ReasonIn
from app.schemas.offer import AcceptIn, ClaimIn, ExcusedOut, ExcuseIn, OfferFilter, OfferOut, ReleaseIn
from app.schemas.order import OrderDetail, OrderSummary
from app.schemas.order_filter import OrderFilter
from app.services import offers, orders, releasing
from app.services.dispatching import TeamNotEligible
from app.services.matching import SpecialtyRetired
from app.services.offers import OfferAnswered, OfferExpired, ScheduleOutsideWindow, WindowOver
from app.services.order_views import summary
from app.services.releasing import OfferNotReleased

router = APIRouter(tags=["接单"], route_class=KeyedRoute)


@router.get(
    "/offers",
    operation_id="offers_list",
    summary="派给我的单",
    openapi_extra=needs(Caller.SIGNED_IN),
    response_model=Page[OfferOut],
    responses=documented(*READ),
)
async def list_offers(
    session: SessionDep, actor: ActorDep, wanted: Annotated[OfferFilter, Query()]
) -> Response:
    """Offers to the caller's teams, or for staff those of their organisations; newest first."""
    found = await offers.listing(session, actor, wanted)
    rows = [offers.view(offer, summary(order.model_dump(), now())) for offer, order in found]
    return answers.page(rows, wanted.limit)


@router.post(
    "/offers/{offer_id}/accept",
    operation_id="offer_accept",
    summary="接单",
    openapi_extra=needs(Permission.OFFERS_ANSWER),
    response_model=OrderDetail,
    responses=documented(*MOVE, OfferExpired, OfferAnswered, WindowOver, ScheduleOutsideWindow),
)
async def accept_offer(session: SessionDep, actor: ActorDep, offer_id: UUID, given: AcceptIn) -> Any:
    """The team takes the order, at the given time or at the start of the window; or, asked so, it stands by."""
    order = await offers.accept(session, actor, offer_id, given.scheduled_start)
    return await orders.show(session, actor, order)


@router.post(
    "/offers/{offer_id}/decline",
    operation_id="offer_decline",
    summary="婉拒派单",
    openapi_extra=needs(Permission.OFFERS_ANSWER),
    response_model=OrderSummary,
    responses=documented(*MOVE, OfferExpired, OfferAnswered),
)
async def decline_offer(session: SessionDep, actor: ActorDep, offer_id: UUID, given: ReasonIn) -> Any:
    """Nobody is made to volunteer (志愿服务条例 Art. 25); the team is not asked again for this order."""
    order = await offers.decline(session, actor, offer_id, given.reason)
    return summary(order.model_dump(), now())


@router.get(
    "/pool",
    operation_id="pool_list",
    summary="抢单池",
    openapi_extra=needs(Caller.SIGNED_IN),
    response_model=Page[OrderSummary],
    responses=documented(*READ),
)
async def list_pool(session: SessionDep, actor: ActorDep, wanted: PageDep) -> Response:
    """Orders of the center that any eligible team may take."""
    filters = OrderFilter(status=[OrderStatus.POOLED], cursor=wanted.cursor, limit=wanted.limit)
    return answers.page(await orders.listing(session, actor, filters), wanted.limit)


@router.post(
    "/orders/{order_id}/claim",
    operation_id="order_claim",
    summary="抢单",
    openapi_extra=needs(Permission.OFFERS_ANSWER),
    response_model=OrderDetail,
    responses=documented(*MOVE, TeamNotEligible, WindowOver, ScheduleOutsideWindow, SpecialtyRetired),
)
async def claim_order(session: SessionDep, actor: ActorDep, order_id: UUID, given: ClaimIn) -> Any:
    """The first eligible team has it; everybody else is told that it is gone."""
    order = await offers.claim(session, actor, order_id, given.team_id, given.scheduled_start)
    return await orders.show(session, actor, order)


@router.post(
    "/orders/{order_id}/release",
    operation_id="order_release",
    summary="退单",
    openapi_extra=needs(Permission.OFFERS_ANSWER),
    response_model=OrderSummary,
    responses=documented(*MOVE),
)
async def release_order(session: SessionDep, actor: ActorDep, order_id: UUID, given: ReleaseIn) -> Any:
    """Gives an accepted order back before the service begins; counted, but for weather or an empty home.

    Whoever stands by comes instead; otherwise the order is dispatched anew.
    """
    order = await releasing.release(session, actor, order_id, given.reason, given.cause)
    return summary(order.model_dump(), now())


@router.post(
    "/offers/{offer_id}/excuse",
    operation_id="release_excuse",
    summary="退单是否计入",
    openapi_extra=needs(Permission.ORDERS_DISPATCH),
    response_model=ExcusedOut,
    responses=documented(*MOVE, OfferNotReleased),
)
async def excuse_release(session: SessionDep, actor: ActorDep, offer_id: UUID, given: ExcuseIn) -> Any:
    """A dispatcher decides whether an order that was given back counts against the team, which is told."""
    return await releasing.excuse(session, actor, offer_id, given.excused, given.reason)
