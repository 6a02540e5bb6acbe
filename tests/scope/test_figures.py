"""Counts and refusals tell of others, too, if they are made of rows of others.

Two refusals do on purpose: `username_taken`, because a user name is unique everywhere, and `client_id_taken`,
because a phone makes the ids of its stays at random.
"""

from fastapi import FastAPI

from tests.scope.caller import Call, call
from tests.scope.filling import filled, operations
from tests.scope.test_matrix import NOBODY
from tests.scope.world import World


async def test_figures_are_made_of_what_one_may_see(world: World, app: FastAPI) -> None:
    seen = {
        "dispatcher": {"own", "subtree"},
        "center_admin": {"own", "subtree", "sibling"},
        "foreign_admin": {"abroad"},
    }
    own = world.corners["own"]
    for who, scopes in seen.items():
        gaps = await call(app, world.actors[who].token, Call("GET", "/api/v1/reports/gaps"))
        assert {one["specialty"] for one in gaps.json()["items"]} == scopes, who
    doubles = Call("GET", f"/api/v1/orders/{own.ids['submitted']}/duplicates")
    token = world.actors["dispatcher"].token
    found = (await call(app, token, doubles)).json()["items"]
    counted = (await call(app, token, Call("GET", f"/api/v1/orders/{own.ids['submitted']}"))).json()
    assert counted["possible_duplicates"] == len(found) > 0
    ledger = Call("GET", "/api/v1/reports/ledger")
    assert (await call(app, world.actors["foreign_admin"].token, ledger)).status == 403


async def test_pictures_of_others_are_as_pictures_that_are_not_there(world: World, undone: FastAPI) -> None:
    document = undone.openapi()
    pictures = [NOBODY, *(str(world.corners[scope].ids["picture"]) for scope in ("own", "sibling", "abroad"))]
    for name, who in (("order_place", "neighbour"), ("order_deliver", "team_leader")):
        (operation,) = [one for one in operations(document) if one.name == name]
        wanted = filled(document, operation, world.corners["own"])
        bodies = [wanted.body | {"media_ids": [one]} for one in pictures]
        token = world.actors[who].token
        answers = [await call(undone, token, Call(wanted.method, wanted.path, body)) for body in bodies]
        assert {one.status for one in answers} == {422}, [one.short for one in answers]
        assert len({one.told for one in answers}) == 1
