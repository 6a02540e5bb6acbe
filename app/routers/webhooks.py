"""Webhooks: what happens to the orders of a place, told to another system."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter

from app.domain.roles import Permission
from app.errors import Forbidden, Invalid, NotFound, Unauthenticated, Unavailable
from app.problems import documented
from app.routers.deps import ActorDep, HouseDep, PageDep, SessionDep
from app.routers.keyed import KeyedRoute
from app.routers.needs import Caller, needs
from app.schemas.base import Page
from app.schemas.page import next_cursor
from app.schemas.webhook import WebhookChange, WebhookIn, WebhookMade, WebhookOut
from app.services import webhooks
from app.services.idempotency import IdempotencyMismatch
from app.services.webhooks import WebhookUrlRefused

router = APIRouter(prefix="/webhooks", tags=["通道"], route_class=KeyedRoute)

READ = (Unauthenticated, NotFound, Invalid, Unavailable)


@router.post(
    "",
    operation_id="webhook_create",
    summary="新建事件推送",
    openapi_extra=needs(Permission.CHANNELS_MANAGE),
    status_code=201,
    response_model=WebhookMade,
    responses=documented(*READ, Forbidden, WebhookUrlRefused, IdempotencyMismatch),
)
async def create_webhook(session: SessionDep, house: HouseDep, actor: ActorDep, body: WebhookIn) -> Any:
    """Every event from now on is POSTed to `url`, in order, at least once, signed with the `secret` that only this
    answer shows. Needs `channels:manage` at the organisation."""
    return await webhooks.create(session, actor, body, inside=house.settings.webhooks_inside)


@router.get(
    "",
    operation_id="webhooks_list",
    summary="事件推送列表",
    openapi_extra=needs(Caller.SIGNED_IN),
    responses=documented(Unauthenticated, Invalid, Unavailable),
)
async def list_webhooks(session: SessionDep, actor: ActorDep, wanted: PageDep) -> Page[WebhookOut]:
    """Those of the caller's places, newest first, with what they last failed at."""
    found = await webhooks.listing(session, actor, wanted)
    items = [WebhookOut.model_validate(row) for row in found[: wanted.limit]]
    return Page(items=items, next_cursor=next_cursor(found, wanted.limit))


@router.get(
    "/{webhook_id}",
    operation_id="webhook_get",
    summary="查看事件推送",
    openapi_extra=needs(Permission.CHANNELS_MANAGE),
    response_model=WebhookOut,
    responses=documented(*READ),
)
async def get_webhook(session: SessionDep, actor: ActorDep, webhook_id: UUID) -> Any:
    """How far it is, and since when and at what it fails."""
    return await webhooks.get(session, actor, webhook_id)


@router.patch(
    "/{webhook_id}",
    operation_id="webhook_update",
    summary="修改事件推送",
    openapi_extra=needs(Permission.CHANNELS_MANAGE),
    response_model=WebhookOut,
    responses=documented(*READ, WebhookUrlRefused),
)
async def update_webhook(
    session: SessionDep, house: HouseDep, actor: ActorDep, webhook_id: UUID, body: WebhookChange
) -> Any:
    """A change is tried at once, from the event after the last one taken: nothing is left out."""
    inside = house.settings.webhooks_inside
    return await webhooks.change(session, actor, webhook_id, body.columns(), inside=inside)


@router.delete(
    "/{webhook_id}",
    status_code=204,
    operation_id="webhook_delete",
    summary="删除事件推送",
    openapi_extra=needs(Permission.CHANNELS_MANAGE),
    responses=documented(*READ),
)
async def delete_webhook(session: SessionDep, actor: ActorDep, webhook_id: UUID) -> None:
    """Nothing more is sent."""
    await webhooks.remove(session, actor, webhook_id)
