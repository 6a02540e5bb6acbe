"""ETag and If-None-Match: what changes seldom crosses the air once.

The tag is made from the answer's bytes and is weak, always. A layer above may compress those bytes, and a
strong tag would then name several strings of bytes at once (RFC 9110 8.8.3); If-None-Match compares weakly
anyway, so a weak tag loses nothing. The rows are still read: what is saved is the phone's traffic.
"""

from collections.abc import Callable, Coroutine, Sequence
from hashlib import blake2b
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from fastapi import params as fastapi_params

from app.routers.keyed import KeyedRoute

REVALIDATE = "public, no-cache"
"""Anybody may keep it, and asks whether it still holds before using it."""

_CARRIED_BY_304 = ("etag", "cache-control", "vary")


def _documented(
    if_none_match: Annotated[
        str | None,
        Header(
            alias="If-None-Match", description="The `ETag` of the answer you have; 304 if it still holds."
        ),
    ] = None,
) -> None:
    """Puts the header into the contract; `TaggedRoute` reads it."""


def opaque(header: str) -> set[str]:
    """The tags of an If-Match or If-None-Match without weakness and quotes: `W/"a", "b"` → {a, b}."""
    return {tag.strip().removeprefix("W/").strip('"') for tag in header.split(",")}


class TaggedRoute(KeyedRoute):
    """A KeyedRoute whose GET answers carry an ETag and shrink to 304 for who has them already."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        dependencies: Sequence[fastapi_params.Depends] | None = None,
        methods: set[str] | list[str] | None = None,
        responses: dict[int | str, dict[str, Any]] | None = None,
        **options: Any,
    ) -> None:
        if methods and "GET" in methods:
            dependencies = [*(dependencies or ()), Depends(_documented)]
            responses = {304: {"description": "没有变化"}, **(responses or {})}
        super().__init__(
            path, endpoint, dependencies=dependencies, methods=methods, responses=responses, **options
        )

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def tagged(request: Request) -> Response:
            response = await handle(request)
            if request.method != "GET" or response.status_code != 200:
                return response
            tag = blake2b(bytes(response.body), digest_size=12).hexdigest()
            response.headers["ETag"] = f'W/"{tag}"'
            response.headers["Vary"] = "Accept-Encoding"
            response.headers.setdefault("Cache-Control", REVALIDATE)
            if not {tag, "*"} & opaque(request.headers.get("if-none-match", "")):
                return response
            kept = {name: response.headers[name] for name in _CARRIED_BY_304}
            return Response(status_code=304, headers=kept)

        return tagged
