"""实时动态: what happens to the orders of a place, as it happens."""

import asyncio
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from starlette.types import Receive, Scope, Send

from app.domain.roles import Permission
from app.errors import Forbidden, Unauthenticated, Unavailable
from app.problems import documented
from app.routers.deps import ClaimsDep, HouseDep
from app.routers.needs import needs
from app.schemas.stream import StreamEvent
from app.services.listener import Listener
from app.services.live import Live

router = APIRouter(tags=["派单"])
_EVENT = StreamEvent.model_json_schema(ref_template="#/components/schemas/{model}")
del _EVENT["$defs"]  # what an order's timeline is made of, too, and so in the contract already
LINES = {"type": "string", "contentMediaType": "application/json", "contentSchema": _EVENT}


class EventStream(Response):
    """Sends what a listener is told until it ends or the other side leaves; it asks for nothing in between."""

    media_type = "text/event-stream"

    def __init__(self, live: Live, listener: Listener, first: bytes) -> None:
        # Proxies must neither keep it nor hold it back.
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._live, self._listener, self._first = live, listener, first

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        leaving = asyncio.create_task(self._until_gone(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await send({"type": "http.response.body", "body": self._first, "more_body": True})
            async with aclosing(self._live.portions(self._listener)) as portions:
                async for portion in portions:
                    await send({"type": "http.response.body", "body": portion, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            leaving.cancel()
            self._live.leave(self._listener)

    async def _until_gone(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._live.leave(self._listener)


@router.get(
    "/events/stream",
    operation_id="events_stream",
    summary="实时动态",
    openapi_extra=needs(Permission.ORDERS_READ),
    status_code=200,
    response_class=EventStream,
    response_model=None,
    responses={
        200: {
            "description": "`id:` is a position, `event: order` a StreamEvent; also `reset` and `end`.",
            "content": {"text/event-stream": {"schema": LINES}},
        },
        **documented(Unauthenticated, Forbidden, Unavailable),
    },
)
async def stream_events(
    house: HouseDep,
    claims: ClaimsDep,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID", max_length=20)] = None,
    position: Annotated[str | None, Query(alias="last_event_id", max_length=20)] = None,
) -> Response:
    """Every move and mark of the orders that staff may read, as server-sent events, from now on or from
    `Last-Event-ID` on. It ends with the access token: sign in afresh and resume."""
    listener, first = await house.live.enter(claims, last_event_id if last_event_id is not None else position)
    return EventStream(house.live, listener, first)
