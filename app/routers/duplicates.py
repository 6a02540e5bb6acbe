"""重复点单、并单、改期: what is put right with an order before a team is asked."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter

from app.clock import now
from app.domain.roles import Permission
from app.errors import Forbidden
from app.problems import documented
from app.routers.deps import ActorDep, SessionDep
from app.routers.keyed import KeyedRoute
from app.routers.needs import needs
from app.routers.orders import MOVE, READ
from app.schemas.duplicate import DuplicatesOut, MergeIn, RescheduleIn
from app.schemas.order import OrderDetail
from app.services import duplicates, merging, orders, rescheduling
from app.services.merging import MergeIntoItself, MergeOtherCenter, MergeTargetEnded
from app.services.order_draft import WindowInPast, WindowTooFar, WindowTooShort
from app.services.order_views import summary

router = APIRouter(prefix="/orders/{order_id}", tags=["派单"], route_class=KeyedRoute)


@router.get(
    "/duplicates",
    operation_id="order_duplicates_list",
    summary="可能重复的订单",
    openapi_extra=needs(Permission.ORDERS_APPROVE),
    response_model=DuplicatesOut,
    responses=documented(*READ, Forbidden),
)
async def list_order_duplicates(session: SessionDep, actor: ActorDep, order_id: UUID) -> Any:
    """Orders of the center that may be the same need, most alike first, each with its reasons."""
    at = now()
    found = await duplicates.listing(session, actor, order_id)
    return {
        "items": [
            {
                "order": summary(one.order.model_dump(), at),
                "score": one.likeness.score,
                "reasons": one.likeness.reasons,
            }
            for one in found
        ]
    }


@router.post(
    "/merge",
    operation_id="order_merge",
    summary="并入另一订单",
    openapi_extra=needs(Permission.ORDERS_APPROVE),
    response_model=OrderDetail,
    responses=documented(*MOVE, MergeIntoItself, MergeOtherCenter, MergeTargetEnded),
)
async def merge_order(session: SessionDep, actor: ActorDep, order_id: UUID, given: MergeIn) -> Any:
    """Ends this order in favour of another; its caller goes on hearing of that one."""
    order = await merging.merge(session, actor, order_id, given.into_id, given.reason)
    return await orders.show(session, actor, order)


@router.post(
    "/reschedule",
    operation_id="order_reschedule",
    summary="改期",
    openapi_extra=needs(Permission.ORDERS_RESCHEDULE),
    response_model=OrderDetail,
    responses=documented(*MOVE, WindowInPast, WindowTooFar, WindowTooShort),
)
async def reschedule_order(session: SessionDep, actor: ActorDep, order_id: UUID, given: RescheduleIn) -> Any:
    """Another window, by the resident or a dispatcher, before a team is asked."""
    order = await rescheduling.reschedule(session, actor, order_id, given.window, given.reason)
    return await orders.show(session, actor, order)
