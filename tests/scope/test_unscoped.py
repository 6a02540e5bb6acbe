"""What the matrix is worth: a route that forgets the scope is found, and one that says nothing is not served."""

from typing import Any
from uuid import UUID

import pytest
from fastapi import APIRouter, FastAPI
from sqlmodel import select

from app.domain.roles import Permission
from app.main import create_app
from app.models.order import Order
from app.routers.deps import ActorDep, SessionDep
from app.routers.needs import Caller, needs
from app.services.access import Actor
from tests.scope.filling import operations
from tests.scope.test_matrix import tried
from tests.scope.undone import undoing
from tests.scope.world import World

PATH = "/api/v1/unscoped/{order_id}"


async def _unscoped(session: SessionDep, actor: ActorDep, order_id: UUID) -> dict[str, Any]:
    """Selects by id, and asks nobody's scope."""
    assert isinstance(actor, Actor)
    found = (await session.exec(select(Order).where(Order.id == order_id))).one_or_none()
    return {"detail": found.detail if found else ""}


async def _open() -> dict[str, str]:
    return {}


def _with(app: FastAPI, route: Any = _unscoped, **more: Any) -> FastAPI:
    router = APIRouter()
    router.add_api_route(PATH, route, operation_id="unscoped_get", summary="越权", **more)
    app.include_router(router)
    return app


async def test_a_route_that_forgets_the_scope_is_found(world: World) -> None:
    needed = {"openapi_extra": needs(Permission.ORDERS_READ)}
    app = _with(create_app(world.house), **needed)
    undone = _with(create_app(undoing(world.house)), **needed)
    (mine,) = [one for one in operations(app.openapi()) if one.name == "unscoped_get"]
    leaks = (await tried(world, app, undone, [mine], whole=True)).leaks
    for outsider in ("stranger of own", "dispatcher of sibling", "center_admin of abroad"):
        assert f"unscoped_get as {outsider}: 200" in leaks
    assert f"unscoped_get as stranger of own: 200 tells of own: {world.corners['own'].marker}" in leaks


@pytest.mark.parametrize(
    ("route", "extra"),
    [
        (_unscoped, {}),
        (_unscoped, {"x-needs": []}),
        (_unscoped, {"x-needs": ["orders:everything"]}),
        (_unscoped, needs(Caller.ANYBODY)),
        (_open, needs(Caller.SIGNED_IN)),
        (_open, needs(Caller.ANYBODY, Permission.ORDERS_READ)),
    ],
)
def test_a_route_that_does_not_say_whom_it_serves_is_not_served(route: Any, extra: dict[str, Any]) -> None:
    app = create_app()
    app.router.routes.clear()  # what the others say is no matter here, and takes long to write
    with pytest.raises(ValueError, match="unscoped_get"):
        _with(app, route, openapi_extra=extra).openapi()
