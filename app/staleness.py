"""Who was answered by a standby is told so: `Sidan-Stale: true` (app/replica.py)."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.replica import stale

HEADER = "Sidan-Stale"


class SaysStale:
    """Around every request of a service that has a standby. What is old is not to be kept by anybody on the way."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        told: list[str] = []
        stale.set(told)

        async def send_saying_so(message: Message) -> None:
            if told and message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers[HEADER], headers["Cache-Control"] = "true", "no-store"
            await send(message)

        await self.app(scope, receive, send_saying_so)
