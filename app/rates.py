"""Who asks too often is told to wait, before anything is looked up for them.

Counted by person (the token says who, without the database) and by address; who is signed in is counted apart
from who is not, so that a flood from behind a shared address does not shut out the people who work there. The
counting is the library's (`limits`); what it keeps is a keyed hash, so that the shared memory knows neither people
nor addresses.
"""

import asyncio
import logging
from functools import lru_cache
from hashlib import blake2b
from math import ceil
from time import monotonic
from typing import Any, Final

from limits import RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter
from redis.asyncio import BlockingConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.clock import now, real
from app.domain.neighbourhood import neighbourhood
from app.domain.rates import RATES, WINDOW_SECONDS, RouteClass, class_of
from app.errors import Unauthenticated
from app.metrics import REFUSED
from app.problems import of_error
from app.refusals import TooManyRequests
from app.services.tokens import Tokens
from app.settings import Settings

SHARED_SECONDS: Final = 0.25
"""How long the shared memory may take to count: people wait for it."""
AWAY_SECONDS: Final = 5.0
"""For so long it is not asked again once it did not answer."""
CONNECTIONS: Final = 20
SWEEP_SECONDS: Final = 10.0
"""The library would walk through all of its counts at every call: with 5,000 callers that took 0.9 ms of each."""

log = logging.getLogger(__name__)
_network_of = lru_cache(maxsize=20_000)(neighbourhood)


class Counts:
    """The counts of one process, or of all that share a Redis; while that is away, each counts for itself again."""

    def __init__(self, settings: Settings) -> None:
        self._own = FixedWindowRateLimiter(_Memory())
        self._pool = _pool(settings.redis_url.get_secret_value())
        self._shared = FixedWindowRateLimiter(_shared(self._pool)) if self._pool else None
        self._away_until = 0.0
        told = {kind: RATES[kind] for kind in RouteClass} | settings.rates_a_minute
        self._of_person = {
            kind: RateLimitItemPerSecond(one.person, WINDOW_SECONDS) for kind, one in told.items()
        }
        self._of_address = {
            kind: RateLimitItemPerSecond(one.address, WINDOW_SECONDS) for kind, one in told.items()
        }
        key = settings.index_key.get_secret_value().encode()[:64]

        @lru_cache(maxsize=20_000)
        def known_as(who: str) -> str:
            return blake2b(who.encode(), key=key, digest_size=12).hexdigest()

        self._known_as = known_as

    async def wait(self, kind: RouteClass, person: str, address: str) -> int | None:
        """Seconds to wait, or None when the call may go on; `person` is empty for who is not signed in."""
        if person and (left := await self._count(self._of_person[kind], kind, person)) is not None:
            return left
        crowd = f"{'signed in' if person else 'anybody'} {address}"
        return await self._count(self._of_address[kind], kind, crowd)

    async def _count(self, most: RateLimitItemPerSecond, kind: RouteClass, who: str) -> int | None:
        name = self._known_as(who)
        if self._shared is not None and monotonic() >= self._away_until:
            try:
                async with asyncio.timeout(SHARED_SECONDS):
                    left = await _hit(self._shared, most, kind, name)
            except (RedisError, OSError, TimeoutError) as failure:
                if not self._away_until:
                    log.warning(
                        "rates: Redis is away (%s), each process counts for itself", type(failure).__name__
                    )
                self._away_until = monotonic() + AWAY_SECONDS
            else:
                if self._away_until:
                    log.warning("rates: Redis is back")
                    self._away_until = 0.0
                return left
        return await _hit(self._own, most, kind, name)

    async def aclose(self) -> None:
        if self._pool is not None:
            await self._pool.aclose()


async def _hit(
    counting: FixedWindowRateLimiter, most: RateLimitItemPerSecond, kind: str, name: str
) -> int | None:
    if await counting.hit(most, kind, name):
        return None
    key = most.key_for(kind, name)
    ends = await counting.storage.get_expiry(key)
    return min(WINDOW_SECONDS, max(1, ceil(ends - real().timestamp())))


class _Memory(MemoryStorage):
    """The library's own, which forgets what has run out every few seconds instead of at every call."""

    _resting: asyncio.Future[None] | None = None
    _sweep: asyncio.Task[None] | None = None

    async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        count = await super().incr(key, expiry, amount)
        if self.timer is not self._resting:
            self._sweep = self.timer  # a task that nobody holds may end before its time
            loop = asyncio.get_running_loop()
            self._resting = loop.create_future()
            self.timer = self._resting  # type: ignore[assignment]  # it is only asked whether it is done
            loop.call_later(SWEEP_SECONDS, _settle, self._resting)
        return count


def _settle(resting: asyncio.Future[None]) -> None:
    """Unless the library has cancelled it meanwhile, as it does when it is let go."""
    if not resting.done():
        resting.set_result(None)


def _pool(url: str) -> BlockingConnectionPool | None:
    """The library's own would try again for seconds."""
    if not url:
        return None
    patience = {"socket_connect_timeout": SHARED_SECONDS, "socket_timeout": SHARED_SECONDS}
    retry = Retry(NoBackoff(), 0)
    return BlockingConnectionPool.from_url(
        url, max_connections=CONNECTIONS, timeout=SHARED_SECONDS, retry=retry, **patience
    )


def _shared(pool: BlockingConnectionPool) -> RedisStorage:
    options: dict[str, Any] = {"connection_pool": pool}
    return RedisStorage("async+redis://", implementation="redispy", key_prefix="sidan", **options)


class Rates:
    """Stands before the framework: a refused call costs no routing, no body and no database."""

    def __init__(self, app: ASGIApp, tokens: Tokens, counts: Counts) -> None:
        self.app, self._tokens, self._counts = app, tokens, counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = class_of(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if kind is None:
            await self.app(scope, receive, send)
            return
        client = scope.get("client")
        left = await self._counts.wait(kind, self._person(scope), _network_of(client[0] if client else ""))
        if left is None:
            await self.app(scope, receive, send)
            return
        REFUSED.labels(kind).inc()
        await of_error(Request(scope), TooManyRequests(left))(scope, receive, send)

    def _person(self, scope: Scope) -> str:
        given: bytes = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        scheme, _, token = given.partition(b" ")
        if scheme.lower() != b"bearer":
            return ""
        try:
            return self._tokens.read(token.decode("latin-1").strip(), now()).person_id.hex
        except Unauthenticated:
            return ""
