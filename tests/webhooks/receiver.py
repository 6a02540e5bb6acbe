"""Another system: it keeps what it is told, says what it was planned to say, and then takes everything."""

import asyncio
import hmac
import json
from collections import deque
from hashlib import sha256
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


class Receiver:
    """`heard` holds the bodies it took; `hidden` counts the calls of what nobody may reach through it."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.calls: list[tuple[dict[str, str], bytes]] = []
        self.planned: deque[Response] = deque()
        self.hidden = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.app = Starlette(
            routes=[
                Route("/hook", self.hook, methods=["POST"]),
                Route("/inside", self.inside, methods=["GET", "POST"]),
            ]
        )

    async def hook(self, request: Request) -> Response:
        body = await request.body()
        self.calls.append((dict(request.headers), body))
        await self.gate.wait()
        if self.planned:
            return self.planned.popleft()
        self.heard.append(json.loads(body))
        return Response(status_code=204)

    async def inside(self, _: Request) -> Response:
        self.hidden += 1
        return Response("secret")


def verified(header: str, body: bytes, secret: str, now: float, tolerance: int = 300) -> bool:
    """As docs/notices.md tells receivers to do it."""
    parts = dict(part.split("=", 1) for part in header.split(","))
    signed = hmac.new(secret.encode(), parts["t"].encode() + b"." + body, sha256).hexdigest()
    return hmac.compare_digest(signed, parts["v1"]) and abs(now - int(parts["t"])) <= tolerance
