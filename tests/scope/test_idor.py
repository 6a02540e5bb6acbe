"""Ids are no secrets: whoever holds one that is another center's gets what they get for an id that nothing has."""

import re
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from sqlmodel import SQLModel

from app.db import table_of
from app.domain.roles import Role
from tests.patience import THOROUGH
from tests.scope.caller import Call, call
from tests.scope.counting import statements
from tests.scope.expecting import PUBLIC, Expected, expected
from tests.scope.filling import ROW, SPELLED, Document, Operation, example, filled, operations
from tests.scope.test_matrix import NOBODY
from tests.scope.unchanged import digest
from tests.scope.world import ABROAD, Actor, World

UUID_TEXT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
EACH = 1
"""So many ids of a kind are tried by one caller on one route; the next caller tries the next ones.
In the suite some of the callers call on one engine and the others on the other."""


async def harvested(world: World, app: FastAPI, undone: FastAPI) -> dict[str, list[str]]:
    """By table: every id in every answer to a read of anybody of the first center."""
    document, seen = app.openapi(), set[str]()
    for operation in operations(document):
        if operation.method != "GET":
            continue
        for actor in world.callers:
            if expected(world, operation, actor, "own") is Expected.DONE:
                answer = await call(undone, actor.token, filled(document, operation, world.corners["own"]))
                seen.update(UUID_TEXT.findall(answer.told))
    kinds: dict[str, list[str]] = {}
    async with world.house.database.engine.connect() as connection:
        for table in SQLModel.metadata.sorted_tables:
            if "id" in table.c and table.name not in ("feed_position", "audit_chain"):
                known = {
                    str(one)
                    for one in (
                        await connection.execute(table.select().with_only_columns(table.c.id))
                    ).scalars()
                }
                kinds[table.name] = sorted(known & seen)
    return kinds


def _table(world: World, name: str) -> str:
    """Of which table a parameter names a row."""
    wanted = world.corners["own"].ids[ROW[name]]
    return next((table_of(type(row)).name for row in world.corners["own"].rows if row.id == wanted), "")


async def test_ids_of_another_center_are_nobodys(world: World, app: FastAPI, undone: FastAPI) -> None:
    kinds, document = await harvested(world, app, undone), app.openapi()
    assert sum(map(len, kinds.values())) > 50
    before, calls, told = await digest(world.house), 0, []
    for operation in operations(document):
        names = [one for one in operation.parameters if one not in SPELLED and ROW[one] not in PUBLIC]
        for position, name in enumerate(names):
            ids = kinds.get(_table(world, name)) or [str(world.corners["own"].ids[ROW[name]])]
            for turn, who in enumerate(ABROAD):
                if not THOROUGH and turn % 2 != int(world.house.database.postgresql):
                    continue
                actor = world.actors[who]
                unknown = filled(document, operation, world.corners["abroad"], {name: NOBODY})
                with statements(world.house) as least:
                    wanted = await call(app, actor.token, unknown)
                if not wanted.refused:
                    continue
                for number in range(EACH):
                    one = ids[(turn * EACH + number) % len(ids)]
                    tried = filled(document, operation, world.corners["abroad"], {name: one})
                    with statements(world.house) as sent:
                        answer = await call(app, actor.token, tried)
                    calls += 1
                    if answer.told != wanted.told or len(sent) != len(least):
                        where = f"{operation.name} as {who}, {name}: {answer.short} in {len(sent)}"
                        told.append(f"{where}, but of nothing {wanted.short} in {len(least)}")
            assert position < 3
    assert told == []
    assert calls > 120
    assert await digest(world.house) == before


def _named(body: Any, trail: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Where in a body a row is named."""
    if isinstance(body, dict):
        for key, value in body.items():
            yield from [(*trail, key)] if key in ROW else _named(value, (*trail, key))


def _put(body: Any, trail: tuple[str, ...], value: str) -> Any:
    key, *rest = trail
    if rest:
        return body | {key: _put(body[key], tuple(rest), value)}
    return body | {key: [value] if isinstance(body[key], list) else value}


async def test_ids_of_others_in_a_body_tell_nothing(world: World, app: FastAPI, undone: FastAPI) -> None:
    """By who may make the call about their own: a row of a sibling or of another center is as none."""
    document, told, calls = app.openapi(), [], 0
    for operation in operations(document):
        for trail in _named(example(document, operation)):
            if ROW[trail[-1]] in PUBLIC:
                continue
            for actor in _who_may(world, operation):
                wanted = filled(document, operation, world.corners["own"])
                answers = {}
                for name in ("nothing", "sibling", "abroad"):
                    made = world.corners.get(name)
                    asked = filled(document, operation, made).body if made else None
                    value = _at(asked, trail) if asked else NOBODY
                    body = _put(wanted.body, trail, value)
                    calls += 1
                    answers[name] = await call(undone, actor.token, Call(wanted.method, wanted.path, body))
                alone = {one.told for one in answers.values()}
                same_center = (
                    operation.name in OF_THE_CENTER
                    and len({answers[n].told for n in ("nothing", "abroad")}) == 1
                )
                if len(alone) > 1 and not same_center:
                    told.append(
                        f"{operation.name} as {actor.name}, {trail[-1]}: {[one.short for one in answers.values()]}"
                    )
    assert told == []
    assert calls > 30


OF_THE_CENTER = {"block_create", "order_dispatch", "order_reassign", "standby_ask", "recurring_order_place"}
"""Teams are chosen among all of a center (派单), so a sibling's is one of them."""


def _at(body: Any, trail: tuple[str, ...]) -> str:
    for key in trail:
        body = body[key]
    return str(body[0] if isinstance(body, list) else body)


def _who_may(world: World, operation: Operation) -> list[Actor]:
    may = [one for one in world.callers if expected(world, operation, one, "own") is Expected.DONE]
    return [one for one in may if one.role is not Role.ORG_ADMIN or one.name == "org_admin"][:2]


async def test_no_body_takes_a_field_that_it_does_not_name(world: World, app: FastAPI) -> None:
    """Mass assignment: every column of every table, added to every object of every body."""
    columns = sorted({column.name for table in SQLModel.metadata.sorted_tables for column in table.columns})
    document, taken, before = app.openapi(), [], await digest(world.house)
    for operation in operations(document):
        wanted = filled(document, operation, world.corners["own"])
        if not isinstance(wanted.body, dict) or operation.name == "policy_replace":
            continue
        for actor in (_who_may(world, operation) or [world.actors["resident"]])[:1]:
            for body in _with_columns(wanted.body, columns):
                answer = await call(app, actor.token, Call(wanted.method, wanted.path, body))
                if answer.status != 422 or "extra_forbidden" not in answer.told:
                    taken.append(f"{operation.name}: {answer.short}")
    assert taken == []
    assert await digest(world.house) == before


def _shapes(document: Document, operation: Operation) -> list[Document]:
    """Every object that the contract foresees in its body, at any depth."""
    met, found = set[str](), list[Document]()

    def walk(node: Any) -> None:
        if isinstance(node, list):
            for one in node:
                walk(one)
        elif isinstance(node, dict):
            name = str(node.get("$ref", "")).rsplit("/", 1)[-1]
            if name and name not in met:
                met.add(name)
                walk(document["components"]["schemas"][name])
            found.extend([node] if "properties" in node else [])
            walk([value for key, value in node.items() if key != "examples"])

    walk(operation.said.get("requestBody", {}))
    return found


RULING = {"auto", "balance", "decided_by_id", "due_at", "handler_id", "made_by_id", "org_path", "path",
          "placed_by_id", "revision", "ring", "status", "step_at", "verified_minutes", "wave"}  # fmt: skip


def test_no_body_names_what_only_the_house_decides(app: FastAPI) -> None:
    """And every object of every body is closed, so that what holds for all columns at once holds for each."""
    document, loose, named = app.openapi(), [], []
    for operation in operations(document):
        for shape in _shapes(document, operation):
            loose += [operation.name] if shape.get("additionalProperties") is not False else []
            named += [(operation.name, one) for one in RULING & set(shape["properties"])]
    assert sorted(set(loose)) == ["media_upload"]
    assert named == []


def _with_columns(body: dict[str, Any], columns: list[str]) -> Iterator[dict[str, Any]]:
    more: dict[str, Any] = {name: 1 for name in columns if name not in body}
    yield body | more
    for key, value in body.items():
        if isinstance(value, dict) and key not in ("required_levels", "templates"):
            yield from (body | {key: inner} for inner in _with_columns(value, columns))
