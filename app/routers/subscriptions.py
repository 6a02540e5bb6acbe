"""订阅消息: what I agreed to be told by WeChat."""

from fastapi import APIRouter

from app.errors import Invalid, Unauthenticated, Unavailable
from app.problems import documented
from app.routers.deps import ActorDep, HouseDep, SessionDep
from app.routers.keyed import KeyedRoute
from app.routers.needs import Caller, needs
from app.schemas.subscription import SubscriptionsIn, SubscriptionsOut
from app.services import subscriptions
from app.services.idempotency import IdempotencyMismatch

router = APIRouter(prefix="/me/subscriptions", tags=["我的"], route_class=KeyedRoute)


@router.get(
    "",
    operation_id="subscriptions_list",
    summary="我的订阅消息",
    openapi_extra=needs(Caller.SIGNED_IN),
    responses=documented(Unauthenticated, Unavailable),
)
async def list_subscriptions(session: SessionDep, house: HouseDep, actor: ActorDep) -> SubscriptionsOut:
    """What `wx.requestSubscribeMessage` may ask me for, and how many messages of each I have agreed to."""
    return await subscriptions.listing(session, actor, house.settings.templates)


@router.post(
    "",
    operation_id="subscriptions_record",
    summary="记录订阅授权",
    openapi_extra=needs(Caller.SIGNED_IN),
    responses=documented(Unauthenticated, Invalid, IdempotencyMismatch, Unavailable),
)
async def record_subscriptions(
    session: SessionDep, house: HouseDep, actor: ActorDep, body: SubscriptionsIn
) -> SubscriptionsOut:
    """What `wx.requestSubscribeMessage` answered, by key: `accept` is one message more, `ban` takes back what is
    left. With an `Idempotency-Key`, a repeated call adds nothing."""
    return await subscriptions.record(session, actor, body.templates, house.settings.templates)
