"""Every field of every body in the contract that takes a text: found there, so that none can be forgotten."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any
from uuid import uuid4

from tests.contract import document, resolved

Path = tuple[str | int, ...]


class Call:
    """An operation that reads JSON, with a body that fits it and the places of its free texts."""

    def __init__(self, method: str, path: str, schema: dict[str, Any]) -> None:
        self.method = method.upper()
        for name in (part for part in path.split("/") if part.startswith("{")):
            path = path.replace(name, str(uuid4()))
        self.path = path
        self.body = deepcopy(resolved(schema)["examples"][0])
        self.texts = sorted(set(_texts(schema, self.body, ())), key=str)

    def with_(self, place: Path, text: Any) -> Any:
        """The body with `text` in that place."""
        changed = deepcopy(self.body)
        inner = changed
        for step in place[:-1]:
            inner = inner[step]
        inner[place[-1]] = text
        return changed


def calls() -> Iterator[Call]:
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            if "application/json" in content:
                yield Call(method, path, content["application/json"]["schema"])


def _texts(schema: dict[str, Any], value: Any, place: Path) -> Iterator[Path]:
    schema = resolved(schema)
    for one in (*schema.get("anyOf", ()), *schema.get("allOf", ()), *schema.get("oneOf", ())):
        yield from _texts(one, value, place)
    closed = {"enum", "const", "format", "pattern"} & set(schema)
    if schema.get("type") == "string" and not closed and place:
        yield place
    for name, inner in schema.get("properties", {}).items():
        if isinstance(value, dict):
            below = value.get(name)
            if below is None and not _plain(inner):
                continue
            yield from _texts(inner, below, (*place, name))
    if schema.get("type") == "array" and isinstance(value, list) and value:
        yield from _texts(schema["items"], value[0], (*place, 0))


def _plain(schema: dict[str, Any]) -> bool:
    """Whether it is a text itself: then it can be put where the example has none."""
    schema = resolved(schema)
    kinds = [resolved(one).get("type") for one in (schema, *schema.get("anyOf", ()))]
    return "string" in kinds and "object" not in kinds
