"""Every route of the contract, called as every role about the rows of every corner.

Who holds what the route needs there is served; everybody else is refused and changes nothing; and of what lies out
of their reach nobody learns more than of an id that nothing has.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from uuid import UUID

import pytest
from fastapi import FastAPI

from tests.patience import THOROUGH
from tests.scope.caller import Answer, Call, call
from tests.scope.expecting import BY_BODY, TOLD, WALKS, Expected, expected, roles_on, served
from tests.scope.filling import SPELLED, Operation, filled, operations
from tests.scope.unchanged import digest
from tests.scope.world import SCOPES, Actor, World

PARTS = 8
"""So many tests share the routes."""
NOBODY = str(UUID(int=0x0192F3C0_0000_7000_8000_00000000DEAD))


@dataclass
class Tally:
    routes: int = 0
    calls: int = 0
    leaks: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)


async def tried(
    world: World, app: FastAPI, undone: FastAPI, mine: list[Operation], *, whole: bool = THOROUGH
) -> Tally:
    """What came of the calls of these operations: of this engine's share of them, or of all (`whole`)."""
    tally, document = Tally(routes=len(mine)), app.openapi()
    for operation in mine:
        nothing: dict[str, Answer] = {}
        for actor, scope in _tried_on(world, operation, whole=whole):
            wanted = filled(document, operation, world.corners[scope])
            should = expected(world, operation, actor, scope)
            answer = await call(undone if should is Expected.DONE else app, actor.token, wanted)
            tally.calls += 1
            where = f"{operation.name} as {actor.name} of {scope}: {answer.short}"
            if should is Expected.DONE and not served(operation.name, answer):
                tally.odd.append(where)
            if should is not Expected.DONE and not answer.refused:
                tally.leaks.append(where)
            if should is Expected.NOTHING_THERE and operation.parameters:
                unknown = nothing.get(actor.name) or await _of_nothing(world, app, operation, actor, "own")
                nothing[actor.name] = unknown
                if answer.told != unknown.told:
                    unknown = await _of_nothing(world, app, operation, actor, scope)
                if answer.told != unknown.told:
                    tally.leaks.append(f"{where}, but of nothing: {unknown.short}")
            tally.leaks += [
                f"{where} tells of {kept}" for kept in _told_of(world, operation, actor, wanted, answer)
            ]
    return tally


def _tried_on(world: World, operation: Operation, *, whole: bool) -> list[tuple[Actor, str]]:
    """Who calls about which corner: everybody about each. Who is to be served is so on both engines, who is to be
    refused on one of them, by turns; `make test-long` tries all on both.
    """
    if not (operation.parameters or operation.name in BY_BODY):
        return [(actor, SCOPES[0]) for actor in world.callers]
    every = list(product(world.callers, SCOPES))
    if whole:
        return every
    turn = int(world.house.database.postgresql)
    return [
        (actor, scope)
        for number, (actor, scope) in enumerate(every)
        if (number // len(SCOPES) + SCOPES.index(scope)) % 2 == turn
        or expected(world, operation, actor, scope) is Expected.DONE
    ]


async def _of_nothing(world: World, app: FastAPI, operation: Operation, actor: Actor, scope: str) -> Answer:
    """The answer to the same call about an id that no row has; its body names the rows of the corner."""
    first = next(name for name in operation.parameters if name not in SPELLED)
    changes = {first: NOBODY}
    return await call(app, actor.token, filled(app.openapi(), operation, world.corners[scope], changes))


def _told_of(world: World, operation: Operation, actor: Actor, wanted: Call, answer: Answer) -> Iterator[str]:
    """What the answer holds of corners to which the actor is nobody, and did not say themselves."""
    said, sent = answer.told, f"{wanted.path} {wanted.body}"
    for scope, made in world.corners.items():
        if actor.of != scope and not roles_on(world, actor, scope, "submitted"):
            hidden = {made.marker, made.phone} if operation.name in WALKS else made.secrets
            if scope != "abroad":
                hidden = hidden - {str(made.ids[one]) for one in TOLD.get(operation.name, ())}
            yield from (f"{scope}: {one}" for one in hidden if one in said and one not in sent)


@pytest.mark.parametrize("part", range(PARTS))
async def test_nobody_meets_what_is_not_theirs(
    world: World, app: FastAPI, undone: FastAPI, part: int, record_property: Callable[[str, object], None]
) -> None:
    before = await digest(world.house)
    mine = [one for number, one in enumerate(operations(app.openapi())) if number % PARTS == part]
    tally = await tried(world, app, undone, mine)
    engine = world.house.database.engine.dialect.name
    for name, value in (
        ("matrix", engine),
        ("routes", tally.routes),
        ("roles", len(world.callers)),
        ("scopes", len(SCOPES)),
        ("calls", tally.calls),
        ("leaks", len(tally.leaks)),
    ):
        record_property(name, value)
    assert tally.leaks == []
    assert tally.odd == []
    assert await digest(world.house) == before
