"""Whoever is not signed in (any more) is nobody, on every route but those for everybody."""

from collections.abc import Callable

from fastapi import FastAPI

from app.routers.needs import Caller
from tests.scope.caller import call
from tests.scope.filling import filled, operations
from tests.scope.unchanged import digest
from tests.scope.world import World

ENDS_QUIETLY = {"device_sign_out"}
"""Repeated, it finds it done: a device that was signed out may say so again."""


async def test_nobody_without_a_living_sign_in_is_served(
    world: World, app: FastAPI, record_property: Callable[[str, object], None]
) -> None:
    before, document = await digest(world.house), app.openapi()
    served, calls = [], 0
    for operation in operations(document):
        if Caller.ANYBODY in operation.needs or operation.name in ENDS_QUIETLY:
            continue
        wanted = filled(document, operation, world.corners["own"])
        for name, token in world.bad.items():
            answer = await call(app, token, wanted)
            calls += 1
            if answer.status != 401:
                served.append(f"{operation.name} as {name}: {answer.short}")
            if answer.status == 401 and answer.headers.get("www-authenticate") != "Bearer":
                served.append(f"{operation.name} as {name} is not told how")
    assert served == []
    assert calls > 5 * 100
    assert await digest(world.house) == before
