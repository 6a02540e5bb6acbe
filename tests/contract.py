"""Every answer a test gets is held against the contract: its status, its shape, its problem's code.

`Witness` stands between a client and the app. So whatever a test is about, it also proves that the document
tells the truth about what it met.
"""

import re
from functools import cache
from typing import Any

import httpx
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from app.house import House
from app.main import create_app
from tests.conftest import app_of

PROBLEM = "application/problem+json"
UNROUTED = {404: "not_found", 405: "method_not_allowed"}
UNDOCUMENTED = ("/docs", "/api/v1/openapi.json")
_BASE = "urn:contract"


@cache
def document() -> dict[str, Any]:
    """The document as served."""
    return create_app().openapi()


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    """What a `$ref` into the document points at; anything else as it is."""
    while "$ref" in node:
        found: Any = document()
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


@cache
def _registry() -> Registry[Any]:
    empty: Registry[Any] = Registry()
    whole: Registry[Any] = empty.with_resource(_BASE, DRAFT202012.create_resource(document()))
    return whole


def faults(value: Any, pointer: str) -> list[str]:
    """Why `value` is not what the schema at `pointer` (`/components/schemas/Problem`) says; empty if it is."""
    return [error.message for error in _validator(pointer).iter_errors(value)]


@cache
def _validator(pointer: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"{_BASE}#{pointer}"}, registry=_registry())


@cache
def _routes() -> list[tuple[re.Pattern[str], str]]:
    """Paths as patterns, those with fewer parameters first."""
    paths = sorted(document()["paths"], key=lambda path: (path.count("{"), path))
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), path) for path in paths]


def operation_of(method: str, path: str) -> tuple[str, dict[str, Any]] | None:
    """The JSON pointer of the operation that answers, and the operation; None for no route or method."""
    for pattern, template in _routes():
        if pattern.fullmatch(path):
            found = document()["paths"][template].get(method.lower())
            escaped = template.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")
            return found and (f"/paths/{escaped}/{method.lower()}", found)
    return None


def check(method: str, path: str, response: httpx.Response) -> None:
    """AssertionError when the document does not foresee this answer."""
    where = f"{method} {path} → {response.status_code} {response.text[:300]}"
    found = operation_of(method, path)
    if response.status_code >= 400:
        assert response.headers["content-type"] == PROBLEM, where
        assert not faults(response.json(), "/components/schemas/Problem"), where
        assert response.json()["status"] == response.status_code, where
    if found is None:
        assert response.json()["code"] == UNROUTED[response.status_code], where
        return
    pointer, operation = found
    assert str(response.status_code) in operation["responses"], f"undocumented status: {where}"
    content = resolved(operation["responses"][str(response.status_code)]).get("content", {})
    if response.status_code >= 400:
        problem = response.json()
        assert problem["code"] in content[PROBLEM]["examples"] or problem.get("errors"), (
            f"undocumented: {where}"
        )
    elif "application/json" in content:
        schema = f"{pointer}/responses/{response.status_code}/content/application~1json/schema"
        assert not faults(response.json(), schema), f"{faults(response.json(), schema)}: {where}"
    elif not content:
        assert not response.content, where


class Witness(httpx.ASGITransport):
    """The app, called in process, with each of its answers checked."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        sent = await super().handle_async_request(request)
        assert isinstance(sent.stream, httpx.AsyncByteStream)
        raw = b"".join([chunk async for chunk in sent.stream])
        status, headers = sent.status_code, sent.headers
        if request.url.path not in UNDOCUMENTED:
            check(request.method, request.url.path, httpx.Response(status, headers=headers, content=raw))
        return httpx.Response(
            status, headers=headers, stream=httpx.ByteStream(raw), extensions=sent.extensions
        )


def witnessed(house: House) -> httpx.AsyncClient:
    """A caller of the app, at the API's base path, whose every answer is checked."""
    transport = Witness(app=app_of(house), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://test/api/v1")


def told(response: httpx.Response) -> str:
    """`422 code`, and for a rule that is not of the house where it was broken: `422 code field:rule`."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    problem = response.json()
    assert problem["title"]
    assert problem["request_id"] == response.headers["x-request-id"]
    first = problem.get("errors", [{}])[0]
    named = problem["code"] == "invalid_request" and first
    return f"{response.status_code} {problem['code']}" + (
        f" {first['field']}:{first['code']}" if named else ""
    )
