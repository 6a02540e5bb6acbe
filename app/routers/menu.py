"""The menu (菜单): read by anyone, changed by the center's administrators."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.domain.roles import Permission
from app.errors import Forbidden, Invalid, NotFound, Unauthenticated, Unavailable
from app.models.menu import MenuItem
from app.problems import documented
from app.routers.deps import ActorDep, SessionDep
from app.routers.etag import TaggedRoute
from app.routers.needs import Caller, needs
from app.schemas.base import Page
from app.schemas.menu import MenuChange, MenuCreate, MenuDetail, MenuFilter, MenuSummary
from app.schemas.page import next_cursor
from app.services import menu
from app.services.idempotency import IdempotencyMismatch

router = APIRouter(prefix="/menu", tags=["菜单"], route_class=TaggedRoute)


@router.get(
    "",
    operation_id="menu_items_list",
    summary="服务菜单",
    openapi_extra=needs(Caller.ANYBODY),
    responses=documented(NotFound, Invalid, Unavailable),
)
async def list_menu_items(session: SessionDep, wanted: Annotated[MenuFilter, Query()]) -> Page[MenuSummary]:
    """What can be ordered now. With `organisation_id`, the menu of the center to which that place belongs."""
    found = await menu.listing(session, wanted)
    items = [MenuSummary.model_validate(row) for row in found[: wanted.limit]]
    return Page(items=items, next_cursor=next_cursor(found, wanted.limit))


@router.get(
    "/{item_id}",
    operation_id="menu_item_get",
    summary="一项服务",
    openapi_extra=needs(Caller.ANYBODY),
    response_model=MenuDetail,
    responses=documented(NotFound, Invalid, Unavailable),
)
async def get_menu_item(session: SessionDep, item_id: UUID) -> MenuItem:
    """One service with all its defaults; 404 once it was taken off the menu."""
    return await menu.get(session, item_id)


@router.post(
    "",
    status_code=201,
    operation_id="menu_item_create",
    summary="新增菜单项",
    openapi_extra=needs(Permission.MENU_MANAGE),
    response_model=MenuDetail,
    responses=documented(
        Unauthenticated,
        Forbidden,
        NotFound,
        menu.MenuCodeTaken,
        Invalid,
        menu.NotACenter,
        menu.LevelUnrequired,
        IdempotencyMismatch,
        Unavailable,
    ),
)
async def create_menu_item(session: SessionDep, actor: ActorDep, body: MenuCreate) -> MenuItem:
    """Needs `menu:manage` at the center. `GET taxonomy` has the codes."""
    return await menu.create(session, actor, body)


@router.patch(
    "/{item_id}",
    operation_id="menu_item_update",
    summary="修改菜单项",
    openapi_extra=needs(Permission.MENU_MANAGE),
    response_model=MenuDetail,
    responses=documented(Unauthenticated, Forbidden, NotFound, Invalid, menu.LevelUnrequired, Unavailable),
)
async def update_menu_item(session: SessionDep, actor: ActorDep, item_id: UUID, body: MenuChange) -> MenuItem:
    """`active: false` takes it off the menu, `true` puts it back. Orders already placed stay as they are."""
    return await menu.change(session, actor, item_id, body.columns())
