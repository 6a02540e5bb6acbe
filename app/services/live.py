"""The live feed of one process: a single tail reads what happened and hands it to everybody who listens.

So the database answers five short questions a second whether ten listen or a thousand, and none when nobody does. A
listener first reads for itself what it has missed, in short transactions, and then joins the tail: without a gap,
because it joins only when it knows everything that the tail has already handed out; without repetition, because the
tail passes over what the listener had before.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence

import orjson

from app import metrics
from app.clock import now
from app.db import Database
from app.domain.duties import Duties
from app.errors import Forbidden, Unavailable
from app.services import feed
from app.services.actors import actor_of
from app.services.feed import FeedEvent
from app.services.listener import End, Listener, farewell
from app.services.listening import Paths, heard_by, still_heard
from app.services.tokens import Claims

log = logging.getLogger(__name__)

POLL_SECONDS = 0.2
BEAT_SECONDS = 15
"""Below the minute after which proxies give up on a silent connection; the beat carries the position."""
CHECK_SECONDS = 10
PATIENCE_SECONDS = 10
PAGE = 500
MOST_MISSED = 10_000
"""Whoever has missed more is better served by reading its lists again."""
MOST_LISTENERS = 5_000
RETRY_MS = 3_000


class Live:
    """One a process, on the House."""

    def __init__(self, database: Database, duties: Duties) -> None:
        self._database = database
        self._duties = duties
        self._listeners: set[Listener] = set()
        self._tail: asyncio.Task[None] | None = None
        self._position: int | None = None
        self._closed = False

    async def enter(self, claims: Claims, last_id: str | None) -> tuple[Listener, bytes]:
        """A listener to the orders that this sign-in may read, and the first bytes to send it.

        `last_id` is the position it has seen; None begins now. One that is unknown or too long ago is answered by
        an event `reset`. Raises Unauthenticated, Forbidden (nothing to listen to), Unavailable.
        """
        async with self._database.reading() as session:
            paths = heard_by(await actor_of(session, claims))
            last = await feed.last(session)
        if not paths:
            raise Forbidden
        if self._closed or len(self._listeners) >= MOST_LISTENERS:
            raise Unavailable
        seen = int(last_id) if last_id and last_id.isascii() and last_id.isdigit() else None
        known = seen is not None and max(0, last - MOST_MISSED) <= seen <= last
        listener = Listener(claims, paths, seen if seen is not None and known else last)
        self._listeners.add(listener)
        metrics.LISTENERS.set(len(self._listeners))
        if self._tail is None:
            self._tail = asyncio.create_task(self._run())
        reset = b"event: reset\ndata: {}\n" if last_id is not None and not known else b""
        return listener, b"%bretry: %d\nid: %d\n\n" % (reset, RETRY_MS, listener.after)

    async def portions(self, listener: Listener) -> AsyncGenerator[bytes]:
        """Everything for this listener from its position on, until it ends. No connection is held at a yield."""
        try:
            while not listener.ended:
                async with self._database.reading() as session:
                    page = await feed.read(session, listener.after, PAGE)
                if mine := _told(page, [encoded(one) for one in page], listener.paths, listener.after):
                    yield mine
                if page:
                    listener.after = page[-1].position
                if len(page) < PAGE and self._join(listener):
                    break
            while (waiting := await listener.next()) is not None:
                yield waiting
        except Unavailable:
            yield farewell(End.UNAVAILABLE)
        finally:
            self.leave(listener)

    def leave(self, listener: Listener, why: End | None = None) -> None:
        """End it; again is harmless."""
        listener.end(why)
        self._listeners.discard(listener)
        metrics.LISTENERS.set(len(self._listeners))

    def close(self) -> None:
        """End every stream now and take no more: the process is leaving."""
        self._closed = True
        for listener in list(self._listeners):
            self.leave(listener, End.CLOSING)

    async def aclose(self) -> None:
        self.close()
        if self._tail is not None:
            self._tail.cancel()
            await asyncio.wait([self._tail])

    def _join(self, listener: Listener) -> bool:
        """From now on the tail feeds it; False while the tail is already further than it."""
        if self._position is None:
            self._position = listener.after
        listener.joined = listener.after >= self._position
        return listener.joined

    async def _run(self) -> None:
        """The tail, while somebody listens. No failure of the database ends it."""
        turn = asyncio.get_running_loop().time
        beat, check = turn() + BEAT_SECONDS, turn() + CHECK_SECONDS
        failing = False
        while self._listeners:
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await self._hand_out()
                    if turn() >= check:
                        await self._check()
                        check = turn() + CHECK_SECONDS
                failing = False
            except Exception as error:
                if not failing:
                    expected = isinstance(error, Unavailable | TimeoutError)
                    log.warning("the live feed waits for the database", exc_info=not expected)
                failing = True
            self._end_expired()
            if turn() >= beat:
                self._beat()
                beat = turn() + BEAT_SECONDS
            await asyncio.sleep(POLL_SECONDS)
        self._tail = self._position = None

    async def _hand_out(self) -> None:
        if self._position is None:
            return
        await feed.place_all(self._database)
        full = True
        while full:
            async with self._database.reading() as session:
                page = await feed.read(session, self._position, PAGE)
            if page:
                self._tell(page, self._position)
                self._position = page[-1].position
            full = len(page) == PAGE

    def _tell(self, page: Sequence[FeedEvent], before: int) -> None:
        """Give the page to all: encoded once, put together once for all who hear the same."""
        lines = [encoded(one) for one in page]
        made: dict[tuple[Paths, int], bytes] = {}
        for listener in [one for one in self._listeners if one.joined]:
            what = (listener.paths, max(listener.after, before))
            if what not in made:
                made[what] = _told(page, lines, *what)
            if made[what] and not listener.offer(made[what]):
                metrics.DROPPED.inc()
                self.leave(listener, End.SLOW)

    def _beat(self) -> None:
        for listener in [one for one in self._listeners if one.joined and one.idle]:
            listener.offer(b": \nid: %d\n\n" % max(listener.after, self._position or 0))

    async def _check(self) -> None:
        """Rights are those of now: one question for all, and whose sign-in or grants are gone is let go."""
        asked = list(self._listeners)
        async with self._database.reading() as session:
            signed_in = {one.claims.sign_in_id for one in asked}
            heard = await still_heard(session, self._duties, signed_in, now())
        for listener in asked:
            listener.paths = heard.get(listener.claims.sign_in_id, ())
            if not listener.paths:
                self.leave(listener, End.FORBIDDEN)

    def _end_expired(self) -> None:
        at = now().timestamp()
        for listener in [one for one in self._listeners if one.claims.expires_at <= at]:
            self.leave(listener, End.EXPIRED)


def encoded(event: FeedEvent) -> bytes:
    """The event as it goes over the wire (schemas.stream.StreamEvent), its position as the id."""
    data = {
        "position": event.position,
        "order_id": event.order_id,
        "title": event.title,
        "action": event.action,
        "from_status": event.from_status,
        "to_status": event.to_status,
        "version": event.seq,
        "at": event.at,
    }
    body = orjson.dumps(data, default=str, option=orjson.OPT_UTC_Z)
    return b"id: %d\nevent: order\ndata: %b\n\n" % (event.position, body)


def _told(page: Sequence[FeedEvent], lines: Sequence[bytes], paths: Paths, after: int) -> bytes:
    """The lines of those events of the page that lie after a position and below one of the paths."""
    return b"".join(
        line
        for event, line in zip(page, lines, strict=True)
        if event.position > after and event.org_path.startswith(paths)
    )
