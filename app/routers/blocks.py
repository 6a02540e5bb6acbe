"""不再派给: which teams shall not come again to whom an order serves."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter

from app.domain.roles import Permission
from app.errors import Forbidden
from app.problems import documented
from app.routers.deps import ActorDep, SessionDep
from app.routers.keyed import KeyedRoute
from app.routers.needs import needs
from app.routers.orders import READ
from app.schemas.block import BlockIn, BlockOut
from app.services import blocks
from app.services.blocks import TeamBlocked
from app.services.idempotency import IdempotencyMismatch

router = APIRouter(prefix="/orders/{order_id}/blocks", tags=["派单"], route_class=KeyedRoute)


@router.get(
    "",
    operation_id="blocks_list",
    summary="不再派给的队伍",
    openapi_extra=needs(Permission.ORDERS_DISPATCH),
    response_model=list[BlockOut],
    responses=documented(*READ, Forbidden),
)
async def list_blocks(session: SessionDep, actor: ActorDep, order_id: UUID) -> Any:
    """The teams that are no longer asked to serve the beneficiary of this order, wherever that arose."""
    return await blocks.listing(session, actor, order_id)


@router.post(
    "",
    status_code=201,
    operation_id="block_create",
    summary="不再派给某队",
    openapi_extra=needs(Permission.ORDERS_DISPATCH),
    response_model=BlockOut,
    responses=documented(*READ, Forbidden, TeamBlocked, IdempotencyMismatch),
)
async def create_block(session: SessionDep, actor: ActorDep, order_id: UUID, given: BlockIn) -> Any:
    """The team is not offered any order of this beneficiary again. An order that it has stays with it: reassign
    or recall that one."""
    return await blocks.create(session, actor, order_id, given.team_id, given.reason)


@router.delete(
    "/{team_id}",
    status_code=204,
    operation_id="block_delete",
    summary="取消不再派给",
    openapi_extra=needs(Permission.ORDERS_DISPATCH),
    responses=documented(*READ, Forbidden),
)
async def delete_block(session: SessionDep, actor: ActorDep, order_id: UUID, team_id: UUID) -> None:
    """The team may be offered orders of this beneficiary again."""
    await blocks.remove(session, actor, order_id, team_id)
