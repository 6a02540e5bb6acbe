"""The contract and a page to read and try it, from this house alone.

The framework's own page loads Swagger UI from a foreign network, unlooked at; here its files come from a package
that is pinned by hashes like every other, and the page may run nothing else (its Content-Security-Policy).
"""

from functools import cache
from hmac import compare_digest
from importlib.resources import files
from typing import Final, Literal

import orjson
from fastapi import APIRouter, Depends, Request, Response

from app.errors import NotFound
from app.routers.deps import HouseDep

DOCUMENT: Final = "/api/v1/openapi.json"
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PAGE: Final = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>四单 · Sidan</title>
<link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="contract"></div>
<script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body></html>
"""
START: Final = f'SwaggerUIBundle({{url: "{DOCUMENT}", dom_id: "#contract", deepLinking: true}});\n'


def _admitted(house: HouseDep, request: Request) -> None:
    """Where the contract is guarded, nobody else learns that it is there."""
    if house.settings.contract == "open":
        return
    wanted = house.settings.metrics_token.get_secret_value()
    given = request.headers.get("Authorization", "")
    if not wanted or not compare_digest(given.encode(), f"Bearer {wanted}".encode()):
        raise NotFound


router = APIRouter(include_in_schema=False, dependencies=[Depends(_admitted)])


@router.get(DOCUMENT)
async def get_contract(request: Request) -> Response:
    """The completed document."""
    return Response(orjson.dumps(request.app.openapi()), media_type="application/json")


@router.get("/docs")
async def get_page() -> Response:
    """For browsers."""
    return Response(PAGE, media_type="text/html", headers={"Content-Security-Policy": POLICY})


@router.get("/docs/start.js")
async def get_start() -> Response:
    """What the page does: no script stands in the page itself, so none that is put there runs."""
    return Response(START, media_type="text/javascript")


@cache
def _file(name: str) -> bytes:
    return files("fastapi_offline").joinpath("static", name).read_bytes()


@router.get("/docs/{name}")
async def get_file(name: Literal["swagger-ui.css", "swagger-ui-bundle.js"]) -> Response:
    """Of Swagger UI."""
    kind = "text/css" if name.endswith(".css") else "text/javascript"
    return Response(_file(name), media_type=kind, headers={"Cache-Control": "private, max-age=86400"})
