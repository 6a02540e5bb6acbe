"""What may tell of others besides a row: lists, filters, cursors, tags, methods, ways to write an address."""

import re
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI

from tests.scope.caller import Answer, Call, call
from tests.scope.expecting import PUBLIC, Expected, expected
from tests.scope.filling import ROW, Operation, filled, operations
from tests.scope.test_matrix import NOBODY
from tests.scope.unchanged import digest
from tests.scope.world import ABROAD, World

PLACES = {"organisation_id", "within", "parent_id"}
"""Filters by a place, which everybody knows: of another's place a list is empty."""


def _questions(document: dict[str, Any]) -> list[Operation]:
    return [one for one in operations(document) if one.method == "GET" and not one.parameters]


def _asked(operation: Operation) -> list[str]:
    return [one["name"] for one in operation.said.get("parameters", ()) if one["in"] == "query"]


def _items(answer: Answer) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer.json()["items"] if answer.status == 200 else []
    return found


async def test_filtering_by_what_is_anothers_is_filtering_by_nothing(world: World, app: FastAPI) -> None:
    told, calls, ids = [], 0, world.corners["own"].ids
    for operation in _questions(app.openapi()):
        if operation.needs == ("anybody",):
            continue
        for name in set(_asked(operation)) & {*ROW, *PLACES}:
            theirs = Call("GET", f"{operation.path}?{name}={ids[ROW.get(name, 'station')]}")
            nothing = Call("GET", f"{operation.path}?{name}={NOBODY}")
            for who in ABROAD:
                token = world.actors[who].token
                found, unfound = await call(app, token, theirs), await call(app, token, nothing)
                calls += 1
                if not (_empty(found) if name in PLACES else found.told == unfound.told):
                    told.append(
                        f"{operation.name}?{name} as {who}: {found.short}, of nothing {unfound.short}"
                    )
    assert told == []
    assert calls > 40


def _empty(answer: Answer) -> bool:
    """Refused, or nothing in it."""
    return answer.refused or answer.json() in ([], {"items": [], "next_cursor": None})


async def test_a_cursor_of_anothers_page_shows_nothing_more(world: World, app: FastAPI) -> None:
    """A cursor is a place in time and no right: what it shows is some of what the list shows anyway."""
    cursors = [str(world.corners["own"].ids[name]) for name in ("complained", "whistle", "plan")]
    told = []
    for operation in _questions(app.openapi()):
        if "cursor" not in _asked(operation) or operation.needs == ("anybody",):
            continue
        asked = "&phone=13800000001" if operation.name == "people_list" else ""
        for who in ABROAD:
            token = world.actors[who].token
            whole = await call(app, token, Call("GET", f"{operation.path}?limit=100{asked}"))
            known = {one["id"] for one in _items(whole)}
            for cursor in cursors:
                page = await call(
                    app, token, Call("GET", f"{operation.path}?limit=100&cursor={cursor}{asked}")
                )
                if page.status != whole.status or {one["id"] for one in _items(page)} - known:
                    told.append(f"{operation.name} as {who}: {page.short}")
    assert told == []


async def test_nobody_is_found_by_name_or_number_from_outside(world: World, app: FastAPI) -> None:
    own = world.corners["own"]
    for query in (f"phone={own.phone}", f"name={quote(own.owner.name)}"):
        found = await call(app, world.actors["dispatcher"].token, Call("GET", f"/api/v1/people?{query}"))
        assert [one["id"] for one in _items(found)] == [str(own.owner.id)]
        for who in ("foreign_dispatcher", "foreign_admin"):
            hidden = await call(app, world.actors[who].token, Call("GET", f"/api/v1/people?{query}"))
            assert (hidden.status, _items(hidden)) == (200, [])


async def test_a_tag_is_no_way_to_ask_whether_something_is_there(world: World, app: FastAPI) -> None:
    told, document = [], app.openapi()
    for operation in operations(document):
        if operation.method != "GET" or not operation.parameters or operation.needs == ("anybody",):
            continue
        plain = filled(document, operation, world.corners["own"])
        tagged = Call(plain.method, plain.path, headers={"if-none-match": "*", "if-modified-since": "*"})
        for who in ABROAD:
            token = world.actors[who].token
            asked, unasked = await call(app, token, tagged), await call(app, token, plain)
            if asked.told != unasked.told or not asked.refused:
                told.append(f"{operation.name} as {who}: {asked.short}")
    assert told == []


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "BREW"])
async def test_no_other_method_answers(world: World, app: FastAPI, method: str) -> None:
    document, token = app.openapi(), world.actors["foreign_dispatcher"].token
    before = await digest(world.house)
    for operation in operations(document):
        path = filled(document, operation, world.corners["own"]).path
        answer = await call(app, token, Call(method, path))
        assert answer.status == 405, (operation.name, answer.status)
        assert not re.search(r"[0-9a-f]{32}", answer.told), operation.name
    assert await digest(world.house) == before


async def test_no_way_to_write_an_address_leads_around_the_scope(
    world: World, app: FastAPI, undone: FastAPI
) -> None:
    document, told = app.openapi(), []
    foreign, mine = world.actors["foreign_dispatcher"], world.actors["dispatcher"]
    for operation in operations(document):
        named = [one for one in operation.parameters if one in ROW and ROW[one] not in PUBLIC]
        if (
            operation.method != "GET"
            or not named
            or expected(world, operation, mine, "own") is not Expected.DONE
        ):
            continue
        path = filled(document, operation, world.corners["own"]).path
        one = re.search(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", path)
        assert one is not None
        spelled = one[0]
        ways = [
            path + "/",
            path.replace("/api", "//api"),
            path.replace(spelled, f"./{spelled}"),
            path.replace(spelled, f"%2e/{spelled}"),
            path.replace(spelled, f"{spelled}%00"),
            path.replace(spelled, f"{spelled};x=1"),
            path.replace("/v1/", "/v1/../v1/"),
            path.replace(spelled, spelled.upper()),
            path.replace(spelled, spelled.replace("-", "")),
            path.replace(spelled, "{" + spelled + "}"),
            path.replace(spelled, f"urn:uuid:{spelled}"),
        ]
        for way in ways:
            answer = await call(app, foreign.token, Call("GET", way))
            if answer.status not in (403, 404, 405, 422):
                told.append(f"{operation.name} {way}: {answer.short}")
        upper = await call(undone, mine.token, Call("GET", path.replace(spelled, spelled.upper())))
        assert upper.status == 200, (operation.name, upper.short)
    assert told == []
