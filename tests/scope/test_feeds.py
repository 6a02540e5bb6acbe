"""Two centers act at once: a stream and a phone hear of their own; the pool tells only of what was open."""

import anyio
from fastapi import FastAPI

from app.services import feed
from tests.factories import NOW
from tests.scope.caller import Call, call
from tests.scope.filling import filled, operations
from tests.scope.test_matrix import NOBODY
from tests.scope.world import World

PLACERS = {"abroad": "foreign_resident", "sibling": "stranger", "subtree": "neighbour", "own": "resident"}
"""Who orders where, those of whom the listeners hear last."""
HEARD = {
    "resident": {"own"},
    "foreign_resident": {"abroad"},
    "dispatcher": {"own", "subtree"},
    "foreign_dispatcher": {"abroad"},
    "center_admin": {"own", "subtree", "sibling"},
    "supervisor": {"own", "subtree"},
    "auditor": set(),
    "volunteer": set(),
    "other_leader": set(),
}


async def acted(world: World, app: FastAPI) -> dict[str, str]:
    """One new order at each corner: its id."""
    (place,) = [one for one in operations(app.openapi()) if one.name == "order_place"]
    made = {}
    for scope, who in PLACERS.items():
        wanted = filled(app.openapi(), place, world.corners[scope])
        answer = await call(app, world.actors[who].token, wanted)
        assert answer.status == 201, answer.short
        made[scope] = str(answer.json()["id"])
    return made


async def test_a_phone_is_told_of_its_own_alone(world: World, app: FastAPI) -> None:
    cursors = {}
    for who in HEARD:
        first = await call(app, world.actors[who].token, Call("GET", "/api/v1/sync"))
        cursors[who] = first.json()["cursor"]
    made = await acted(world, app)
    for who, scopes in HEARD.items():
        told = await call(app, world.actors[who].token, Call("GET", f"/api/v1/sync?since={cursors[who]}"))
        assert {scope for scope, one in made.items() if one in told.told} == scopes, who
        assert told.json()["reset"] is False


async def test_a_stream_is_told_of_its_own_alone(world: World, app: FastAPI) -> None:
    live, tokens = world.house.live, world.house.tokens
    listeners = {}
    for who, scopes in HEARD.items():
        actor = world.actors[who]
        if actor.role is not None and scopes:
            listeners[who], _ = await live.enter(tokens.read(actor.token, NOW), None)
    made = await acted(world, app)
    await feed.place_all(world.house.database)
    for who, listener in listeners.items():
        heard = ""
        wanted = {made[scope] for scope in HEARD[who]}
        with anyio.fail_after(10):
            async for portion in live.portions(listener):
                heard += portion.decode()
                if all(one in heard for one in wanted):
                    break
        live.leave(listener)
        assert {scope for scope, one in made.items() if one in heard} == HEARD[who], who
    assert len(listeners) == 4


async def test_a_leader_learns_of_no_order_that_was_never_open(world: World, app: FastAPI) -> None:
    leader, body = world.actors["team_leader"], {"team_id": str(world.corners["own"].team.id)}
    unknown = await call(app, leader.token, Call("POST", f"/api/v1/orders/{NOBODY}/claim", body))
    for scope in ("subtree", "sibling", "abroad"):
        for state in ("submitted", "accepted", "pooled"):
            path = f"/api/v1/orders/{world.corners[scope].ids[state]}/claim"
            assert (await call(app, leader.token, Call("POST", path, body))).told == unknown.told
