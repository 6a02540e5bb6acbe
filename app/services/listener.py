"""One who listens to the live feed: a short queue of ready bytes, and a way to end it."""

import asyncio
from collections import deque
from enum import StrEnum

import orjson

from app.services.listening import Paths
from app.services.tokens import Claims

MOST_WAITING = 64
"""Portions: at five a second a reader may be a dozen seconds behind. All share them, so waiting costs little."""


class End(StrEnum):
    """Why a stream ends; but for CLOSING, with what was not sent left to be read from the last id on."""

    SLOW = "slow"
    EXPIRED = "expired"
    FORBIDDEN = "forbidden"
    UNAVAILABLE = "unavailable"
    CLOSING = "closing"


class Listener:
    """`after` is the last position that it was given; once `joined` it gets what the tail hands out."""

    __slots__ = ("_ended", "_waiting", "_wake", "after", "claims", "joined", "paths")

    def __init__(self, claims: Claims, paths: Paths, after: int) -> None:
        self.claims = claims
        self.paths = paths
        self.after = after
        self.joined = False
        self._waiting: deque[bytes] = deque()
        self._wake = asyncio.Event()
        self._ended = False

    @property
    def idle(self) -> bool:
        return not self._waiting

    def offer(self, portion: bytes) -> bool:
        """Queue it; False when the queue is full, because the reader is slow or gone."""
        if len(self._waiting) >= MOST_WAITING:
            return False
        self._waiting.append(portion)
        self._wake.set()
        return True

    def end(self, why: End | None) -> None:
        """Nothing more after what waits (or, for a SLOW one, instead of it). None: the other side has left."""
        if self._ended:
            return
        if why in (None, End.SLOW):
            self._waiting.clear()
        if why is not None:
            self._waiting.append(farewell(why))
        self._ended = True
        self._wake.set()

    @property
    def ended(self) -> bool:
        return self._ended

    async def next(self) -> bytes | None:
        """What waits, all of it; None at the end."""
        while not self._waiting:
            if self._ended:
                return None
            self._wake.clear()
            await self._wake.wait()
        portions = b"".join(self._waiting)
        self._waiting.clear()
        return portions


def farewell(why: End) -> bytes:
    return b"event: end\ndata: %b\n\n" % orjson.dumps({"reason": why.value})
