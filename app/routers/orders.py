"""点单、查单、催单、评单: what residents and their helpers do with an order, and what all may read of it."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.domain.roles import Permission
from app.errors import Forbidden, IllegalMove, Invalid, NotFound, Unauthenticated, Unavailable
from app.problems import documented
from app.routers import answers
from app.routers.deps import ActorDep, ClaimsDep, HouseDep, SessionDep
from app.routers.keyed import IdempotencyKey, KeyedRoute, call_digest, replay
from app.routers.needs import Caller, needs
from app.schemas.base import Page
from app.schemas.dispatch import ReasonIn
from app.schemas.order import ContactPatch, OrderCreate, OrderDetail, OrderEventOut, OrderSummary, WhyOut
from app.schemas.order_filter import OrderFilter
from app.schemas.service import ReviewIn
from app.services import closing, correcting, duplicates, explaining, orders, placing
from app.services.consent_keeping import ConsentNeeded
from app.services.daily_orders import OrdersADayReached
from app.services.idempotency import IdempotencyMismatch, Key
from app.services.media import MediaNotAttachable
from app.services.order_draft import CategoryUnknown, NotOnMenu, WindowInPast, WindowTooFar, WindowTooShort
from app.services.orders import UrgedRecently

placing_router = APIRouter(prefix="/orders", tags=["点单"])
"""POST orders keeps its answer itself, in the one statement that places the order."""

router = APIRouter(prefix="/orders", tags=["点单"], route_class=KeyedRoute)

READ = (Unauthenticated, NotFound, Invalid, Unavailable)
MOVE = (*READ, Forbidden, IllegalMove, IdempotencyMismatch)


@placing_router.post(
    "",
    operation_id="order_place",
    summary="点单",
    openapi_extra=needs(Caller.SIGNED_IN),
    status_code=201,
    response_model=OrderDetail,
    responses=documented(
        *READ,
        Forbidden,
        IdempotencyMismatch,
        NotOnMenu,
        CategoryUnknown,
        WindowInPast,
        WindowTooFar,
        WindowTooShort,
        MediaNotAttachable,
        OrdersADayReached,
        ConsentNeeded,
    ),
)
async def place_order(
    request: Request, house: HouseDep, claims: ClaimsDep, wanted: OrderCreate, key: IdempotencyKey = None
) -> Response:
    """Order from the menu, or in one's own words; for oneself, or (`beneficiary`) for somebody else.

    It waits for review, or by the center's policy is approved at once.
    """
    keyed = Key(key, await call_digest(request)) if key else None
    answer, replayed = await placing.place(house.database, house.catalogue, claims, wanted, keyed)
    if replayed:
        return replay(answer)
    return Response(answer.body, answer.status_code, media_type="application/json")


@router.get(
    "",
    operation_id="orders_list",
    summary="订单列表",
    openapi_extra=needs(Caller.SIGNED_IN),
    response_model=Page[OrderSummary],
    responses=documented(*READ),
)
async def list_orders(
    session: SessionDep, actor: ActorDep, wanted: Annotated[OrderFilter, Query()]
) -> Response:
    """What the caller may see, newest first: own orders, own teams' orders, own organisations' orders."""
    return answers.page(await orders.listing(session, actor, wanted), wanted.limit)


@router.get(
    "/{order_id}",
    operation_id="order_get",
    summary="订单详情",
    openapi_extra=needs(Permission.ORDERS_READ, Permission.ORDERS_REPORT),
    response_model=OrderDetail,
    responses=documented(*READ),
)
async def get_order(session: SessionDep, actor: ActorDep, order_id: UUID) -> dict[str, Any]:
    """The order; who and where only for the resident, the staff and those who serve."""
    order = await orders.get(session, actor, order_id)
    doubles = await duplicates.counted(session, actor, order)
    return {**await orders.show(session, actor, order), "possible_duplicates": doubles}


@router.get(
    "/{order_id}/events",
    operation_id="order_events_list",
    summary="订单进度",
    openapi_extra=needs(Permission.ORDERS_READ, Permission.ORDERS_REPORT),
    response_model=list[OrderEventOut],
    responses=documented(*READ),
)
async def list_order_events(session: SessionDep, actor: ActorDep, order_id: UUID) -> Any:
    """Everything that happened to the order, oldest first."""
    return await orders.events(session, actor, await orders.get(session, actor, order_id))


@router.get(
    "/{order_id}/why",
    operation_id="order_why",
    summary="为什么是这支队伍",
    openapi_extra=needs(Caller.SIGNED_IN, Permission.ORDERS_READ),
    responses=documented(*READ),
)
async def explain_order(session: SessionDep, actor: ActorDep, order_id: UUID) -> WhyOut:
    """For a team why it was asked, for all others concerned why the team that has the order was (PIPL Art. 24)."""
    return WhyOut(text=await explaining.explain(session, actor, order_id))


@router.patch(
    "/{order_id}/contact",
    operation_id="order_contact_correct",
    summary="更正联系人或地址",
    openapi_extra=needs(Permission.ORDERS_CORRECT),
    response_model=OrderDetail,
    responses=documented(*READ, Forbidden, IllegalMove),
)
async def correct_order_contact(
    session: SessionDep, actor: ActorDep, order_id: UUID, given: ContactPatch
) -> Any:
    """By whoever ordered, until the order has ended; the team and the crew are told to look again."""
    return await orders.show(session, actor, await correcting.correct(session, actor, order_id, given))


@router.post(
    "/{order_id}/cancel",
    operation_id="order_cancel",
    summary="取消订单",
    openapi_extra=needs(Permission.ORDERS_CANCEL),
    response_model=OrderDetail,
    responses=documented(*MOVE),
)
async def cancel_order(session: SessionDep, actor: ActorDep, order_id: UUID, given: ReasonIn) -> Any:
    """Before the service begins; whoever had been asked or had accepted is told."""
    order = await orders.cancel(session, actor, order_id, given.reason)
    return await orders.show(session, actor, order)


@router.post(
    "/{order_id}/urge",
    operation_id="order_urge",
    summary="催单",
    openapi_extra=needs(Permission.ORDERS_URGE),
    response_model=OrderDetail,
    responses=documented(*MOVE, UrgedRecently),
)
async def urge_order(session: SessionDep, actor: ActorDep, order_id: UUID) -> Any:
    """Reminds the dispatchers, at most once in the center's interval."""
    return await orders.show(session, actor, await orders.urge(session, actor, order_id))


@router.post(
    "/{order_id}/review",
    operation_id="order_review",
    summary="评单",
    openapi_extra=needs(Permission.ORDERS_REVIEW),
    response_model=OrderDetail,
    responses=documented(*MOVE),
)
async def review_order(session: SessionDep, actor: ActorDep, order_id: UUID, given: ReviewIn) -> Any:
    """Closes the order and credits whoever served."""
    order = await closing.review(session, actor, order_id, given)
    return await orders.show(session, actor, order)
