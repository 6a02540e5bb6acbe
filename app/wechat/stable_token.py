"""The access token that WeChat's server-side calls need, asked for as seldom as possible.

A stable token is shared by design: without force every process that asks gets the same one, and WeChat renews
it five minutes early with old and new both valid. So what is kept here is only a cache, and no process has to
tell another anything. Forcing a new one takes the old one away from everybody and is allowed twenty times a
day: the last resort, rationed.
"""

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from app import clock
from app.wechat.port import WeChatBusy, WeChatMisconfigured
from app.wechat.refusals import garbled, refusal
from app.wechat.wire import Wire

LONGEST: Final = 7200
EARLY: Final = timedelta(minutes=5)
REST: Final = timedelta(seconds=1)
"""How long after a failed fetch nobody asks again: those who queued behind it share its outcome."""
FORCE_GAP: Final = timedelta(days=1) / 20

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AccessToken:
    value: str = field(repr=False)


class StableToken:
    """However many wait for a token, one asks."""

    def __init__(self, wire: Wire, appid: str, secret: str) -> None:
        self._wire, self._appid, self._secret = wire, appid, secret
        self._lock = asyncio.Lock()
        self._held: AccessToken | None = None
        self._good_until = self._force_from = datetime.min.replace(tzinfo=UTC)
        self._failed: tuple[datetime, type[WeChatBusy | WeChatMisconfigured]] | None = None

    async def current(self) -> AccessToken:
        """A token that was good when it was fetched. Raises WeChatBusy or WeChatMisconfigured."""
        async with self._lock:
            return self._fresh() or await self._fetch(force=False)

    async def replace(self, refused: AccessToken) -> AccessToken:
        """Another token than `refused`: the one somebody fetched meanwhile, or WeChat's present one, or, if
        WeChat still hands out the refused one, a forced one."""
        async with self._lock:
            if self._held == refused:
                self._held = None
            token = self._fresh() or await self._fetch(force=False)
            return token if token != refused else await self._fetch(force=True)

    def _fresh(self) -> AccessToken | None:
        return self._held if clock.now() < self._good_until else None

    async def _fetch(self, *, force: bool) -> AccessToken:
        if self._failed is not None and abs(clock.now() - self._failed[0]) < REST:
            raise self._failed[1]
        try:
            return await self._ask(force=force)
        except (WeChatBusy, WeChatMisconfigured) as failure:
            self._failed = (clock.now(), type(failure))
            if isinstance(failure, WeChatBusy):
                failure.unsure = False  # of whoever needs the token nothing was sent
            raise

    async def _ask(self, *, force: bool) -> AccessToken:
        if force:
            if clock.now() < self._force_from:
                logger.error("WeChat keeps refusing its own access token; no more force for now")
                raise WeChatMisconfigured
            self._force_from = clock.now() + FORCE_GAP
        question = self._wire.question(
            "POST",
            "/cgi-bin/stable_token",
            {},
            {
                "grant_type": "client_credential",
                "appid": self._appid,
                "secret": self._secret,
                "force_refresh": force,
            },
        )
        reply = await self._wire.ask(question, "access_token", "expires_in")
        if reply.errcode:
            raise refusal(reply, WeChatMisconfigured)
        value, seconds = reply.fields.get("access_token"), reply.fields.get("expires_in")
        if not isinstance(value, str) or not value or not isinstance(seconds, int) or seconds > LONGEST:
            raise garbled("access token")
        self._held, self._good_until = AccessToken(value), clock.now() + timedelta(seconds=seconds) - EARLY
        return self._held
